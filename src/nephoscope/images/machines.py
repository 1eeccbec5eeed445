"""A machine's disks together: what they are divided into, the files of each volume, and how complete all of it is.

A volume whose parser crashes or hangs is FAILED and the others go on. What cannot be read is said, with its reason; a
machine is COMPLETE only when every volume that may hold files was read.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from types import TracebackType

import msgspec

from nephoscope.errors import BudgetError, DiskError
from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import UNBOUNDED, Budget, Meter, Spent
from nephoscope.images.device import BlockSource, Device
from nephoscope.images.files import FileSource
from nephoscope.images.mounted import MountedView
from nephoscope.images.parser import Parser, Patience, Served
from nephoscope.images.recipes import Found, Layout, State
from nephoscope.images.sandbox import messages


class Consistency(StrEnum):
    """What a copy of disks promises about what was being written at the time."""

    STOPPED = "STOPPED"
    """The machine was off: everything is there."""
    CRASH = "CRASH"
    """As after a power failure, all disks at the same moment: what was in memory or in a journal is missing."""
    CRASH_PER_DISK = "CRASH_PER_DISK"
    """Likewise, but the disks were copied one after the other."""
    UNKNOWN = "UNKNOWN"
    """Nobody said how the copy was made."""


class Completeness(StrEnum):
    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    """Something that may hold files was not read: what was found is true, what was not found may be there."""
    FAILED = "FAILED"
    """No volume could be read."""


class Coverage(msgspec.Struct, frozen=True):
    """How much of a machine was read. `reasons` say why it is not COMPLETE, a line each; `notes` what else a reader
    should know, such as a journal that was not replayed."""

    state: Completeness
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    volumes: tuple[Found, ...]
    consistency: Consistency

    def with_packages(self, count: int, *, has_root: bool) -> "Coverage":
        """After packages were looked for: a root disk without any is no clean machine, it was not understood."""
        if count or not has_root:
            return self
        reason = "No packages were found on a root disk: that is not the same as having none."
        state = Completeness.PARTIAL if self.state is Completeness.COMPLETE else self.state
        return msgspec.structs.replace(self, state=state, reasons=(*self.reasons, reason))


_ROOT_SIGNS = (
    "/etc/os-release",
    "/usr/lib/os-release",
    "/etc/debian_version",
    "/etc/redhat-release",
    "/etc/alpine-release",
    "/sbin/init",
    "/Windows/System32/config/SOFTWARE",
)


def is_root(view: MountedView) -> bool:
    """Whether an operating system starts from this volume."""
    return next(view.find(*_ROOT_SIGNS), None) is not None


class Machine(AbstractContextManager["Machine"]):
    """Disks that belong together. Close it, or use it as a context; that closes the devices."""

    def __init__(
        self,
        disks: Sequence[Served],
        meter: Meter,
        *,
        consistency: Consistency = Consistency.UNKNOWN,
        patience: Patience | None = None,
    ) -> None:
        """DiskError when even the partition tables could not be looked for."""
        self._disks = tuple(disks)
        self._meter = meter
        self._patience = patience
        self._consistency = consistency
        self._volumes: list[Found] = []
        self.layout = self._divide()
        self._volumes.extend(self.layout.volumes)
        self.sandbox: tuple[str, ...] = ()

    @property
    def volumes(self) -> tuple[Found, ...]:
        """As they are known so far: opening one adds its label and its notes, or why it failed."""
        return tuple(self._volumes)

    def visit(self, look: Callable[[Found, MountedView], None]) -> None:
        """Let somebody look at each readable volume in turn. A DiskError of one makes that volume FAILED and the others
        go on; a BudgetError makes all that are left FAILED. Either way `coverage` tells."""
        spent: BudgetError | None = None
        for number, volume in enumerate(self.layout.volumes):
            if volume.state is not State.READ:
                continue
            view = self.open(number) if spent is None else None
            if view is None:
                if spent is not None:
                    self.fail(number, spent)
                continue
            try:
                with view:
                    look(self._volumes[number], view)
                    self._note_gaps(number, view)
            except DiskError as error:
                self.fail(number, error)
                spent = error if isinstance(error, BudgetError) else None

    def views(self) -> Iterator[tuple[Found, MountedView]]:
        """The readable volumes, opened one after the other; each is closed when the next one is asked for. A DiskError
        of who reads is theirs: `visit` is for those who want it recorded."""
        for number, volume in enumerate(self.layout.volumes):
            if volume.state is not State.READ:
                continue
            view = self.open(number)
            if view is None:
                continue
            with view:
                yield self._volumes[number], view
                self._note_gaps(number, view)

    def open(self, number: int) -> MountedView | None:
        """One volume by its place in `volumes`; None when it turned out to be unreadable, which is recorded."""
        parser = None
        try:
            parser = Parser(self._disks, patience=self._patience, open_beside=self._open_beside)
            view = MountedView(parser, self.layout.volumes[number])
        except DiskError as error:
            if parser is not None:
                parser.close()
            self.fail(number, error)
            return None
        self.sandbox = view.sandbox
        known = self._volumes[number]
        notes = (*known.notes, *(note for note in view.notes if note not in known.notes))
        self._volumes[number] = msgspec.structs.replace(known, label=view.label, notes=notes)
        return view

    def fail(self, number: int, error: DiskError) -> None:
        """A volume could not be read to its end."""
        self._volumes[number] = msgspec.structs.replace(self._volumes[number], state=State.FAILED, reason=error.message)

    def coverage(self) -> Coverage:
        """As far as volumes were opened."""
        read = [volume for volume in self._volumes if volume.state is State.READ]
        unread = [volume for volume in self._volumes if volume.state in (State.UNSUPPORTED, State.FAILED)]
        reasons = [" ".join((f"{volume.name}: {volume.reason}", *volume.gaps)) for volume in unread]
        reasons += [f"{volume.name}: {gap}" for volume in read for gap in volume.gaps]
        notes = tuple(f"{volume.name}: {note}" for volume in read for note in volume.notes)
        if not read:
            state = Completeness.FAILED
            reasons = reasons or ["There is no volume that holds files."]
        else:
            state = Completeness.PARTIAL if reasons else Completeness.COMPLETE
        return Coverage(state, tuple(reasons), notes, self.volumes, self._consistency)

    def spent(self) -> Spent:
        return self._meter.spent()

    def blocks_read(self) -> tuple[BlockSet, ...]:
        """By disk: what the result depends on."""
        return tuple(disk.device.blocks_read() for disk in self._disks)

    def close(self) -> None:
        for disk in self._disks:
            disk.device.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _note_gaps(self, number: int, view: MountedView) -> None:
        problems = view.problems()
        if problems:
            known = self._volumes[number]
            more = f"{len(problems)} things could not be read, such as: " if len(problems) > 1 else ""
            gap = more + problems[0]
            self._volumes[number] = msgspec.structs.replace(known, gaps=(*known.gaps, gap))

    def _divide(self) -> Layout:
        with Parser(self._disks, patience=self._patience, open_beside=self._open_beside) as parser:
            for message in parser.carry_out(messages.Divide()):
                if isinstance(message, messages.Divided):
                    return message.layout
        raise DiskError("The parser divided nothing.", is_fatal=True)

    def _open_beside(self, path: Path) -> Device:
        return Device(FileSource(path), self._meter)


def open_files(paths: Sequence[Path], *, budget: Budget = UNBOUNDED, patience: Patience | None = None) -> Machine:
    """Image files or block devices of one machine. DiskError when one of them cannot be opened."""
    meter = Meter(budget)
    served: list[Served] = []
    try:
        for path in paths:
            served.append(Served(Device(FileSource(path), meter), path.absolute().parent))  # noqa: PERF401 - closed below
        return Machine(served, meter, patience=patience)
    except DiskError:
        for one in served:
            one.device.close()
        raise


def open_sources(
    sources: Sequence[BlockSource],
    meter: Meter,
    consistency: Consistency,
    *,
    patience: Patience | None = None,
) -> Machine:
    """Disks of a cloud: never taken for image files, whatever their first bytes say."""
    served = [Served(Device(source, meter)) for source in sources]
    try:
        return Machine(served, meter, consistency=consistency, patience=patience)
    except DiskError:
        for one in served:
            one.device.close()
        raise
