"""What several tests of faults have in common."""

from collections.abc import Iterator

import pytest

from tests.postgresql import Cluster


@pytest.fixture
def server() -> Iterator[Cluster]:
    """A cluster of its own, for it is killed."""
    made = Cluster()
    yield made
    made.remove()
