"""What all tests share: Hypothesis without deadlines, since machines that run tests are busy; the long forms apart.

The same tree draws the same cases each time, so that a change is judged by what it changes. New cases are looked for
by the long forms: whatever they find becomes an `@example`.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

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
    """Leave the long forms out, unless they are asked for by KEPT_LONG or by `-m`."""
    if LONG or config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]
