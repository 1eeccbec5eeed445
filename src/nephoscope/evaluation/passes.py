"""A pass over all resources of a type in an account: here, or in processes that end.

The runtime of expressions never frees what functions are asked about (see `controls.expressions`). So this process only
judges so many resources with functions in its whole life; what is beyond that is carried `apart`.
"""

import atexit
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import msgspec

from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.functions import FUNCTIONS
from nephoscope.controls.paths import tokens
from nephoscope.errors import StoreError
from nephoscope.evaluation.evaluating import Judged, evaluate_here
from nephoscope.model.controls import Control
from nephoscope.store import resources
from nephoscope.store.session import Store

HERE = 2_000
"""Resources that a process judges with functions itself, in its whole life: some 25 MB are never freed."""
_IDLE = 20.0
"""Seconds after which nothing waits for orders any more."""
_NAMES = frozenset(function.name for function in FUNCTIONS)


class Order(msgspec.Struct, frozen=True):
    """What a process of its own is told, on its standard input: addresses of stores may hold a password."""

    url: str
    controls: tuple[Control, ...]
    """All of the type."""
    connector_key: int
    resource_type: str
    now: datetime


class Answer(msgspec.Struct, frozen=True):
    """What was done, or why not."""

    judged: Judged | None
    problem: str = ""


def evaluate_type(
    store: Store, catalogue: Catalogue, connector_key: int, resource_type: str, now: datetime, *, here: int = HERE
) -> Judged:
    """Judge every resource of a type in an account. Repeating it changes nothing. StoreError when a process that
    judged it died."""
    if store.is_private or not _calls_functions(catalogue, resource_type):
        return evaluate_here(store, catalogue, connector_key, resource_type, now)
    with store.read() as reader:
        count = resources.count_by_type(reader, connector_key).get(resource_type, 0)
    if _CARRIERS.judged_here + count > here:
        order = Order(store.url, catalogue.of_type(resource_type), connector_key, resource_type, now)
        return _CARRIERS.carry(order)
    judged = evaluate_here(store, catalogue, connector_key, resource_type, now)
    _CARRIERS.judged_here += judged.resources - judged.skipped
    return judged


class Carriers:
    """Processes that wait for orders, for each thread that has one at the same time; they end when none comes. What
    they never free, and what this process never frees, is of the process and not of a store: there is one of this."""

    def __init__(self) -> None:
        self.judged_here = 0
        self._turn = threading.Lock()
        self._idle: list[_Carrier] = []
        self._ending: threading.Timer | None = None

    def carry(self, order: Order) -> Judged:
        carrier = self._taken() or _Carrier()
        with carrier.killed_on_error():
            answer = carrier.ask(order)
        self._keep(carrier)
        if answer.judged is None:
            raise StoreError(f"Judging {order.resource_type} ended: {answer.problem}")
        return answer.judged

    def close(self) -> None:
        """Ends those that are idle; others are begun when they are needed."""
        with self._turn:
            idle, self._idle = self._idle, []
        for carrier in idle:
            carrier.end()

    def _taken(self) -> "_Carrier | None":
        with self._turn:
            while self._idle:
                carrier = self._idle.pop()
                if carrier.is_alive:
                    return carrier
                carrier.end()
        return None

    def _keep(self, carrier: "_Carrier") -> None:
        with self._turn:
            self._idle.append(carrier)
            if self._ending is not None:
                self._ending.cancel()
            self._ending = threading.Timer(_IDLE, self.close)
            self._ending.daemon = True
            self._ending.start()


_CARRIERS = Carriers()
atexit.register(_CARRIERS.close)


class _Carrier:
    """One process, and the only pipe to it. Interrupts of a terminal pass it by: it ends when we end it or are gone."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "nephoscope.evaluation.apart"]
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, order: Order) -> Answer:
        asking, answering = self._process.stdin, self._process.stdout
        if asking is None or answering is None:
            raise StoreError("The process that judges cannot be asked.")
        try:
            asking.write(msgspec.json.encode(order) + b"\n")
            asking.flush()
            return msgspec.json.decode(answering.readline(), type=Answer)
        except (OSError, msgspec.DecodeError):
            raise StoreError(f"Judging {order.resource_type} ended: the process that judges died.") from None

    @contextmanager
    def killed_on_error(self) -> Iterator[None]:
        """With its children."""
        is_done = False
        try:
            yield
            is_done = True
        finally:
            if not is_done:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.communicate()

    def end(self) -> None:
        """It ends when its input does."""
        self._process.communicate()


def _calls_functions(catalogue: Catalogue, resource_type: str) -> bool:
    texts = (text for control in catalogue.of_type(resource_type) for text in (control.passes, control.applies or ""))
    return any(token.text in _NAMES for text in texts for token in tokens(text))
