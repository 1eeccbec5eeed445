"""A pass over all resources of a type in an account: here, or, where they are many, in processes that end.

The runtime of expressions never frees what functions are asked about (see `controls.expressions`), so a large pass
whose controls call functions is cut into parts, and each part is a process of its own (`apart`).
"""

import subprocess
import sys
from datetime import datetime

import msgspec

from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.functions import FUNCTIONS
from nephoscope.controls.paths import tokens
from nephoscope.errors import StoreError
from nephoscope.evaluation.evaluating import Judged, Part, evaluate_part
from nephoscope.store import resources
from nephoscope.store.session import Store

LARGE = 5_000
"""Resources of one type in one account, from which on a pass is carried apart."""
_MOST = 10_000
"""Resources of one part."""
_NAMES = frozenset(function.name for function in FUNCTIONS)


class Order(msgspec.Struct, frozen=True):
    """What a process of its own is told, on its standard input: addresses of stores may hold a password."""

    url: str
    cids: tuple[int, ...]
    connector_key: int
    resource_type: str
    now: datetime
    after: int
    most: int


def evaluate_type(
    store: Store, catalogue: Catalogue, connector_key: int, resource_type: str, now: datetime, *, large: int = LARGE
) -> Judged:
    """Judge every resource of a type in an account. Repeating it changes nothing. StoreError when a process that
    judged a part of it died."""
    if store.is_private or not _calls_functions(catalogue, resource_type):
        return evaluate_part(store, catalogue, connector_key, resource_type, now).judged
    with store.read() as reader:
        count = resources.count_by_type(reader, connector_key).get(resource_type, 0)
    if count < large:
        return evaluate_part(store, catalogue, connector_key, resource_type, now).judged
    return _evaluate_apart(store, catalogue, connector_key, resource_type, now)


def _evaluate_apart(
    store: Store, catalogue: Catalogue, connector_key: int, resource_type: str, now: datetime
) -> Judged:
    cids = tuple(control.cid for control in catalogue.of_type(resource_type))
    done, after = Judged(0, 0, 0), 0
    while True:
        part = _carried(Order(store.url, cids, connector_key, resource_type, now, after, _MOST))
        one = part.judged
        done = Judged(done.resources + one.resources, done.skipped + one.skipped, done.rows_written + one.rows_written)
        if part.is_last:
            return done
        after = part.last


def _carried(order: Order) -> Part:
    command = [sys.executable, "-m", "nephoscope.evaluation.apart"]
    ended = subprocess.run(command, input=msgspec.json.encode(order), capture_output=True, check=False)  # noqa: S603 - ourselves
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise StoreError(
            f"Judging {order.resource_type} ended with code {ended.returncode}: {said or 'no reason given'}"
        )
    return msgspec.json.decode(ended.stdout, type=Part)


def _calls_functions(catalogue: Catalogue, resource_type: str) -> bool:
    texts = (text for control in catalogue.of_type(resource_type) for text in (control.passes, control.applies or ""))
    return any(token.text in _NAMES for text in texts for token in tokens(text))
