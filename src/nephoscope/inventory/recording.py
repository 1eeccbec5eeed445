"""From a collected scope to rows, in one transaction."""

from collections.abc import Iterable
from datetime import datetime

from nephoscope.clouds.doors import Collected, Needs
from nephoscope.model.controls import Control
from nephoscope.model.providers import Provider
from nephoscope.store import resources
from nephoscope.store.session import Store


def needs_of(controls: Iterable[Control], provider: Provider, *, with_wire: bool) -> Needs:
    """Which types and fields a run must read: what the controls look at (their own type and related ones), and, for
    the API, every type with its wire keys."""
    raise NotImplementedError


def record(store: Store, connector_key: int, collected: Collected, now: datetime) -> resources.Recorded:
    """Close the scope and record its resources, exactly once however often it is repeated."""
    raise NotImplementedError
