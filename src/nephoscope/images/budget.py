"""What reading a disk may cost: a tariff as data, a quote before the start, and a meter that stops at the budget."""

import threading
import time
from collections.abc import Callable

import msgspec

from nephoscope.errors import BudgetError


class Tariff(msgspec.Struct, frozen=True):
    """Public prices. `as_of` says when they were looked up: they differ by region and change."""

    name: str
    currency: str = "USD"
    block: float = 0.0
    """For each block that is fetched."""
    listing: float = 0.0
    """For each request that lists blocks."""
    listed: int = 10_000
    """Blocks at most that one such request names."""
    gigabyte_hour: float = 0.0
    """For keeping a gigabyte of snapshot for an hour: an upper bound, since a snapshot holds only what changed."""
    as_of: str = ""


FREE = Tariff("local")


class Quote(msgspec.Struct, frozen=True):
    """What a scan costs at most, and what one for packages alone is expected to. `snapshot_hour` is for each hour that
    a new, full snapshot would be kept."""

    blocks: int
    whole: float
    packages: float
    snapshot_hour: float
    currency: str
    as_of: str


PACKAGES_SHARE = 0.01
"""Of a disk's blocks: more are not read for packages of the operating system alone (see `make bench`)."""


def quote(size: int, block_size: int, tariff: Tariff) -> Quote:
    """For a disk of `size` bytes of which every block holds data."""
    blocks = -(-size // block_size)
    listings = -(-blocks // tariff.listed) * tariff.listing
    return Quote(
        blocks=blocks,
        whole=blocks * tariff.block + listings,
        packages=blocks * PACKAGES_SHARE * tariff.block + listings,
        snapshot_hour=size / 1e9 * tariff.gigabyte_hour,
        currency=tariff.currency,
        as_of=tariff.as_of,
    )


class Budget(msgspec.Struct, frozen=True):
    """0 means no bound. `seconds` count from the start of the meter; `money` is in the tariff's currency."""

    blocks: int = 0
    seconds: float = 0.0
    money: float = 0.0


UNBOUNDED = Budget()


class Spent(msgspec.Struct, frozen=True):
    blocks: int
    """Fetched, holes not counted."""
    bytes: int
    listings: int
    seconds: float
    money: float
    currency: str
    as_of: str


class Meter:
    """Counts what a scan spends, over all its disks. Thread-safe."""

    def __init__(self, budget: Budget = UNBOUNDED, now: Callable[[], float] = time.monotonic) -> None:
        self._budget = budget
        self._now = now
        self._started = now()
        self._lock = threading.Lock()
        self._blocks = self._bytes = self._listings = 0
        self._money = 0.0
        self._tariff = FREE

    def block(self, tariff: Tariff) -> None:
        """Before a block is fetched. BudgetError when it would be one too many."""
        with self._lock:
            self._refuse(self._blocks + 1, self._money + tariff.block)
            self._blocks += 1
            self._money += tariff.block
            self._tariff = tariff

    def received(self, size: int) -> None:
        with self._lock:
            self._bytes += size

    def listing(self, tariff: Tariff) -> None:
        """Before blocks are listed. BudgetError likewise."""
        with self._lock:
            self._refuse(self._blocks, self._money + tariff.listing)
            self._listings += 1
            self._money += tariff.listing
            self._tariff = tariff

    def spent(self) -> Spent:
        with self._lock:
            return Spent(
                self._blocks,
                self._bytes,
                self._listings,
                self._now() - self._started,
                self._money,
                self._tariff.currency,
                self._tariff.as_of,
            )

    def _refuse(self, blocks: int, money: float) -> None:
        budget = self._budget
        if budget.blocks and blocks > budget.blocks:
            raise BudgetError(f"The budget of {budget.blocks:,} blocks is used up.")
        if budget.money and money > budget.money * (1 + 1e-9):
            raise BudgetError(f"The budget of {budget.money:g} {self._tariff.currency} is used up.")
        if budget.seconds and self._now() - self._started > budget.seconds:
            raise BudgetError(f"The budget of {budget.seconds:g} seconds is used up.")
