"""Tenants whose clock stands still."""

from collections.abc import Iterator

import pytest

from exceptions.exceptions_world import Tenant


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    made = Tenant()
    yield made
    made.store.close()


@pytest.fixture
def careful() -> Iterator[Tenant]:
    """Somebody else must approve."""
    made = Tenant(needs_approval=True)
    yield made
    made.store.close()
