"""One machine's disks, read once: a single walk over each volume feeds the package readers and the search for secrets.

What could not be read is kept beside what was found, by volume, because it decides later what may be called fixed: a
volume that was not read to its end never fixes anything.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from nephoscope.errors import BudgetError, DiskError, NotFoundError
from nephoscope.images.budget import Spent
from nephoscope.images.machines import Completeness, Coverage, Machine, is_root
from nephoscope.images.mounted import MountedView
from nephoscope.images.recipes import Found
from nephoscope.images.view import Entry, Kind
from nephoscope.kit.hashes import fingerprint
from nephoscope.model.findings import VolumeInventory
from nephoscope.model.packages import Inventory
from nephoscope.model.secrets import FoundSecret
from nephoscope.packages.collecting import Collecting
from nephoscope.secrets.candidates import Lookup, nobody
from nephoscope.secrets.choosing import is_entered, is_wanted
from nephoscope.secrets.loading import load_rules
from nephoscope.secrets.searching import Limits, Searched, Searcher

_SMALL = 1 << 20
"""Files up to this size are read many at a time."""
_AT_ONCE = 4_096
Never = Callable[[], bool]


class Wanted(msgspec.Struct, frozen=True):
    """`key` is the installation's for the hashes of secrets; without it secrets are not looked for. `known`: files
    (volume, path) in which secrets lay before."""

    key: bytes = b""
    lookup: Lookup = nobody
    known: frozenset[tuple[str, str]] = frozenset()
    now: Callable[[], datetime] | None = None
    limits: Limits = Limits()

    def __repr__(self) -> str:
        return "Wanted()"


class VolumeReading(msgspec.Struct, frozen=True):
    """`is_whole`: nothing on it went unread. `is_late`: it was in use when it was copied, and is otherwise whole.
    `searched` are those of the known files that were searched to their end, `cut` files that were not. `broke_off` says
    why the search for secrets ended before all files: the packages had been read by then."""

    name: str
    inventory: Inventory
    is_root: bool
    is_whole: bool
    is_late: bool
    secrets: tuple[FoundSecret, ...] = ()
    searched: frozenset[str] = frozenset()
    cut: frozenset[str] = frozenset()
    broke_off: str = ""

    @property
    def known(self) -> VolumeInventory:
        return VolumeInventory(self.name, self.inventory, self.is_root, self.is_whole or self.is_late)


class MachineReading(msgspec.Struct, frozen=True):
    coverage: Coverage
    volumes: tuple[VolumeReading, ...]
    spent: Spent
    has_searched: bool

    @property
    def packages(self) -> int:
        return sum(len(volume.inventory.packages) for volume in self.volumes)


def search_version() -> str:
    """Changes when secrets are looked for with other rules."""
    rules = [(rule.row.id, rule.row.severity.value, rule.pattern.decode("latin-1")) for rule in load_rules()]
    return f"{fingerprint(msgspec.msgpack.encode(rules)):x}"


def read_machine(machine: Machine, wanted: Wanted, is_cancelled: Never = lambda: False) -> MachineReading:
    """Every volume, one after the other. A volume that breaks off is FAILED, and the others go on. Nothing is raised
    for what a disk holds or a cloud refuses; it stands in the coverage."""
    searcher = None
    if wanted.key and wanted.now is not None:
        searcher = Searcher(wanted.key, wanted.now, lookup=wanted.lookup, limits=wanted.limits)
    read: list[VolumeReading] = []

    def look(volume: Found, view: MountedView) -> None:
        read.append(_read_volume(volume, view, searcher, wanted, is_cancelled))

    machine.visit(look)
    coverage = machine.coverage()
    told = "\n".join(coverage.reasons)
    gaps = [f"{one.name}: {gap}" for one in read for gap in _gaps(one) if gap not in told]
    if gaps:
        state = Completeness.PARTIAL if coverage.state is Completeness.COMPLETE else coverage.state
        coverage = msgspec.structs.replace(coverage, state=state, reasons=(*coverage.reasons, *gaps))
    packages = sum(len(one.inventory.packages) for one in read)
    coverage = coverage.with_packages(packages, has_root=any(one.is_root for one in read))
    return MachineReading(coverage, tuple(read), machine.spent(), searcher is not None)


def _gaps(one: VolumeReading) -> Iterator[str]:
    yield from one.inventory.problems[:_SHOWN]
    if one.broke_off:
        yield f"{one.broke_off} Secrets were looked for in a part of its files."
    if one.cut:
        first = min(one.cut)
        yield f"{len(one.cut)} files were not searched for secrets to their end, such as {first}"


_SHOWN = 5


def _read_volume(
    volume: Found, view: MountedView, searcher: Searcher | None, wanted: Wanted, is_cancelled: Never
) -> VolumeReading:
    starts = is_root(view)
    collecting = Collecting(view)
    search = _Search(view, searcher, wanted, volume.name)
    for entry in view.walk():
        if is_cancelled():
            raise DiskError("The scan was cancelled.", is_fatal=True)
        if entry.kind is not Kind.FILE:
            continue
        collecting.offer(entry)
        search.offer(entry, collecting)
    inventory = collecting.finish()
    secrets: list[FoundSecret] = []
    broke_off = ""
    try:
        secrets.extend(search.finish())
    except BudgetError as error:  # what was read until now is known all the same
        broke_off = error.message
    problems = tuple(dict.fromkeys((*inventory.problems, *view.problems())))
    inventory = msgspec.structs.replace(inventory, problems=problems)
    late = volume.notes or view.notes
    is_sound = not problems and not volume.gaps and (bool(inventory.packages) or not starts)
    return VolumeReading(
        volume.name,
        inventory,
        starts,
        is_whole=is_sound and not late,
        is_late=is_sound and bool(late),
        secrets=tuple(secrets),
        searched=frozenset(search.searched),
        cut=frozenset(search.cut),
        broke_off=broke_off,
    )


class _Search:
    """The files that are worth it, small ones many at a time, large ones in pieces. A file with several names is
    searched once."""

    def __init__(self, view: MountedView, searcher: Searcher | None, wanted: Wanted, volume: str) -> None:
        self._view = view
        self._searcher = searcher
        self._known = {path for name, path in wanted.known if name == volume}
        self._small: list[str] = []
        self._large: list[str] = []
        self._inodes: set[int] = set()
        self._folders: dict[str, bool] = {}
        self.searched: set[str] = set()
        self.cut: set[str] = set()

    def offer(self, entry: Entry, collecting: Collecting) -> None:
        if self._searcher is None or not self._is_worth_it(entry, collecting):
            return
        if entry.links > 1 and entry.inode:
            if entry.inode in self._inodes:
                return
            self._inodes.add(entry.inode)
        (self._small if entry.size <= _SMALL else self._large).append(entry.path)

    def finish(self) -> Iterator[FoundSecret]:
        """DiskError when nothing more will come out of the volume."""
        if self._searcher is None:
            return
        for start in range(0, len(self._small), _AT_ONCE):
            unseen = dict.fromkeys(self._small[start : start + _AT_ONCE])
            for path, content in self._view.read_many(tuple(unseen), _SMALL):
                unseen.pop(path, None)
                yield from self._took(path, self._searcher.search_chunks(path, [content]))
            self.cut |= {_spelled(path) for path in unseen}
        for path in self._large:
            try:
                with self._view.open(path, follow=False) as reader:
                    found = self._searcher.search(path, reader)
            except BudgetError:
                raise
            except (DiskError, NotFoundError) as error:
                if isinstance(error, DiskError) and error.is_fatal:
                    raise
                self.cut.add(_spelled(path))
                continue
            yield from self._took(path, found)

    def _took(self, path: str, searched: Searched) -> tuple[FoundSecret, ...]:
        shown = _spelled(path)
        if searched.cut:
            self.cut.add(shown)
        elif shown in self._known:
            self.searched.add(shown)
        return searched.found

    def _is_worth_it(self, entry: Entry, collecting: Collecting) -> bool:
        folder = entry.path.rpartition("/")[0]
        return self._is_entered(folder) and is_wanted(entry.path, entry.size, collecting.owned.__contains__)

    def _is_entered(self, folder: str) -> bool:
        """Like all folders above it."""
        if not folder:
            return True
        known = self._folders.get(folder)
        if known is None:
            known = is_entered(folder) and self._is_entered(folder.rpartition("/")[0])
            self._folders[folder] = known
        return known


def _spelled(path: str) -> str:
    """As findings name it."""
    return path.encode("utf-8", "backslashreplace").decode()
