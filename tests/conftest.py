"""What all tests share: Hypothesis without deadlines, since machines that run tests are busy; the long forms apart.

The same tree draws the same cases each time, so that a change is judged by what it changes. New cases are looked for
by the long forms: whatever they find becomes an `@example`.
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from tests import postgresql  # with KEPT_TEST_RECORDS=postgresql, files of records are schemas from here on

LONG = bool(os.environ.get("KEPT_LONG"))

SLOW = [HealthCheck.too_slow]
settings.register_profile(
    "kept", deadline=None, suppress_health_check=SLOW, derandomize=True, database=None, print_blob=True
)
settings.register_profile(
    "long", deadline=None, suppress_health_check=SLOW, max_examples=1_000, print_blob=True
)
settings.load_profile("long" if LONG else "kept")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long forms out, unless KEPT_LONG or `-m` asks for them; and what PostgreSQL cannot change."""
    if postgresql.WANTED:
        _leave_out(config, items, lambda item: not postgresql.concerns(item))
    if not LONG and not config.option.markexpr:
        _leave_out(config, items, lambda item: item.get_closest_marker("long") is not None)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close connections to PostgreSQL that a test left open."""
    postgresql.close_left_open(forget=nextitem is None or nextitem.path != item.path)


def _leave_out(config: pytest.Config, items: list[pytest.Item], which: Callable[[pytest.Item], bool]) -> None:
    out = [item for item in items if which(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]
