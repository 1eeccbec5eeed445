"""`python -m nephoscope.evaluation.apart`: carries passes over types in processes that end (see `passes`).

This process only waits for orders, a line each, and forks: it has one thread and judges nothing, so it stays small. A
child opens the pass; a large pass forks once more for each part, with the related documents already in memory. What the
runtime of expressions never frees goes with them.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import NoReturn

import msgspec

from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import NephoscopeError, StoreError
from nephoscope.evaluation.evaluating import Judged, Pass, joined
from nephoscope.evaluation.passes import Answer, Order
from nephoscope.kit.chunks import chunks
from nephoscope.store.session import open_store

PART = 2_500
"""The most resources that one process judges."""


def carry(catalogue: Catalogue, order: Order) -> Judged:
    """One pass, in parts. No connection is open while there are two of us: databases bear no fork."""
    with closing(open_store(order.url)) as store, store.read() as reader:
        whole = Pass(reader, catalogue, order.connector_key, order.resource_type, order.now)
        parts = tuple(chunks(whole.due, PART))
        if len(parts) > 1:
            whole.load(reader)
    if len(parts) > 1:
        return joined((_in_child(partial(_judged, order.url, whole, keys)) for keys in parts), whole.skipped)
    return joined((_judged(order.url, whole, keys) for keys in parts), whole.skipped)


def _judged(url: str, whole: Pass, keys: Sequence[int]) -> Judged:
    with closing(open_store(url)) as store:
        return whole.judge(store, keys)


def _in_child(work: Callable[[], Judged]) -> Judged:
    """What it answers in a process of its own. StoreError with what it says of itself, or when it dies."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _tell(writing, work)
    os.close(writing)
    with open(reading, "rb") as told:  # noqa: PTH123 - a descriptor is no path
        said = told.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise StoreError(f"its process ended with code {code}")
    answer = msgspec.json.decode(said, type=Answer)
    if answer.judged is None:
        raise StoreError(answer.problem)
    return answer.judged


def _tell(writing: int, work: Callable[[], Judged]) -> NoReturn:
    """Nothing of the parent's may go on, or be closed, in its child."""
    code = 1
    try:
        with open(writing, "wb") as out:
            out.write(msgspec.json.encode(_answer(work)))
        code = 0
    finally:
        if code:
            traceback.print_exception(sys.exception())
        os._exit(code)


def _answer(work: Callable[[], Judged]) -> Answer:
    try:
        return Answer(work())
    except NephoscopeError as error:
        return Answer(None, error.message)


def main() -> int:
    catalogues: dict[bytes, Catalogue] = {}
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        controls = msgspec.json.encode(order.controls)
        catalogue = catalogues.setdefault(controls, Catalogue(order.controls, ()))
        for control in order.controls:
            catalogue.compiled(control.cid)  # once, for all children to come
        answer = _answer(partial(_in_child, partial(carry, catalogue, order)))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
