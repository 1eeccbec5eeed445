"""Judging what a sweep recorded."""

from datetime import datetime

import msgspec

from nephoscope.controls.catalogue import Catalogue
from nephoscope.store.session import Store


class Judged(msgspec.Struct, frozen=True):
    """What a pass over one resource type did."""

    resources: int
    skipped: int
    """Unchanged since they were last judged."""
    rows_written: int


def evaluate_type(
    store: Store, catalogue: Catalogue, connector_key: int, resource_type: str, now: datetime
) -> Judged:
    """Judge every resource of a type in an account. Repeating it changes nothing."""
    raise NotImplementedError
