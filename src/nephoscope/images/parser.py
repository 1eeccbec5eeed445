"""The parser process, from the parent's side: it is started, given orders, fed with bytes, and put down when it hangs.

Whatever it does (answer nonsense, die, hang, ask for ever more), the order that it was given ends with a DiskError that
is fatal for its volume, and with nothing else.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType

import msgspec

from nephoscope.errors import BudgetError, CloudError, DiskError, NotFoundError
from nephoscope.images.device import Device
from nephoscope.images.sandbox import messages
from nephoscope.images.sandbox.messages import LARGEST_READ, FromChild, Line, Order

_STOPPED_WITHIN = 5.0


class Patience(msgspec.Struct, frozen=True):
    """Seconds. `silence`: without a word from the parser; `order`: for one order, bytes of the disk included."""

    silence: float = 60.0
    order: float = 900.0


class Served(msgspec.Struct, frozen=True):
    """A disk for the parser. `folder` is where the parts of an image of several files lie; None for what is no
    file."""

    device: Device
    folder: Path | None = None


OpenBeside = Callable[[Path], Device]


class Parser(AbstractContextManager["Parser"]):
    """One process. Close it, or use it as a context; the devices stay open. Not thread-safe."""

    def __init__(
        self, disks: Sequence[Served], *, patience: Patience | None = None, open_beside: OpenBeside | None = None
    ) -> None:
        self._disks = list(disks)
        self._patience = patience or Patience()
        self._open_beside = open_beside
        self._opened: list[Device] = []
        self._dead: DiskError | None = None
        self._refused: DiskError | CloudError | None = None
        self._is_dividing = False
        self.sandbox: tuple[str, ...] = ()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "nephoscope.images.sandbox"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
            )
        self._end = ours
        self._line = Line(ours)
        served = tuple((one.device.size, one.device.block_size, int(one.folder is not None)) for one in disks)
        with ExitStack() as unready:
            unready.callback(self.close)
            for _ in self.carry_out(messages.Serve(served)):
                pass
            unready.pop_all()

    def carry_out(self, order: Order) -> Iterator[FromChild]:
        """What the parser answers to an order, its questions for bytes answered meanwhile. To be used up: what is left
        is thrown away before the next order. NotFoundError and DiskError as the parser says; a fatal one for all that
        a parser must not do."""
        if self._dead is not None:
            raise self._dead
        until = time.monotonic() + self._patience.order
        self._refused = None
        self._is_dividing = isinstance(order, messages.Divide)
        try:
            self._line.send(order)
            while True:
                message = self._heard(until)
                if isinstance(message, messages.Done):
                    self.sandbox = message.sandbox
                    return
                if isinstance(message, messages.Failed):
                    raise _said(message, self._refused) from self._refused
                if not self._answered(message):
                    yield message
        except OSError as error:
            raise self._put_down(self._ended()) from error
        except GeneratorExit:
            self._put_down("The parser was stopped in the middle of an order.")
            raise
        except DiskError as error:
            if error.is_fatal:
                self._put_down(error.message)
            raise

    def close(self) -> None:
        """Ends the process at once: it holds nothing that would be lost."""
        self._end.close()
        self._process.kill()
        self._process.wait(_STOPPED_WITHIN)
        for device in self._opened:
            device.close()
        self._opened.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _heard(self, until: float) -> FromChild:
        left = until - time.monotonic()
        if left <= 0:
            raise self._put_down(f"The parser did not come to an end within {self._patience.order:g} seconds.")
        self._end.settimeout(min(self._patience.silence, left))
        try:
            message = self._line.receive()
        except TimeoutError as error:
            waited = min(self._patience.silence, left)
            raise self._put_down(f"The parser said nothing for {waited:.0f} seconds.") from error
        if message is None:
            raise self._put_down(self._ended())
        return message

    def _answered(self, message: FromChild) -> bool:
        """Whether it was a question, which is answered then."""
        match message:
            case messages.Need(disk=disk, offset=offset, size=size):
                self._reply(lambda: messages.Bytes(self._bytes(disk, offset, size)))
            case messages.Beside(disk=disk, name=name):
                self._reply(lambda: self._sibling(disk, name))
            case messages.Hint(ranges=ranges):
                for number in {row[0] for row in ranges}:
                    self._device(number).prefetch((offset, size) for disk, offset, size in ranges if disk == number)
            case _:
                return False
        return True

    def _reply(self, answer: Callable[[], messages.Bytes | messages.Sibling]) -> None:
        try:
            reply: messages.FromParent = answer()
        except (DiskError, CloudError) as error:
            self._refused = error
            # what a cloud refuses ends a volume; while disks are divided, the other disks go on
            is_fatal = error.is_fatal if isinstance(error, DiskError) else not self._is_dividing
            reply = messages.Refused(error.message, is_fatal)
        self._end.settimeout(self._patience.silence)
        self._line.send(reply)

    def _bytes(self, disk: int, offset: int, size: int) -> bytes:
        if not 0 <= size <= LARGEST_READ:
            raise DiskError("The parser asked for more than it may at once.", is_fatal=True)
        return self._device(disk).read(offset, size)

    def _device(self, number: int) -> Device:
        if not 0 <= number < len(self._disks):
            raise DiskError("The parser asked for a disk that there is not.", is_fatal=True)
        return self._disks[number].device

    def _sibling(self, disk: int, name: str) -> messages.Sibling:
        """A part of an image that consists of several files: a plain name in the same folder, and no link."""
        self._device(disk)
        folder = self._disks[disk].folder
        if self._open_beside is None or folder is None or Path(name).name != name or len(self._opened) >= _MOST_PARTS:
            raise DiskError("No other file belongs to this image.")
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise DiskError(f"{name} is missing beside the image.")
        device = self._open_beside(path)
        self._opened.append(device)
        self._disks.append(Served(device))
        return messages.Sibling(len(self._disks) - 1, device.size, device.block_size)

    def _ended(self) -> str:
        """How the process died."""
        try:
            code = self._process.wait(_STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            return "The parser does not answer any more."
        if code >= 0:
            return f"The parser ended with code {code}."
        reasons = {signal.SIGXCPU: "it used up its time", signal.SIGSYS: "it made a call that it may not"}
        number = signal.Signals(-code)
        return f"The parser crashed: {reasons.get(number, number.name)}."

    def _put_down(self, message: str) -> DiskError:
        self._dead = DiskError(message, is_fatal=True)
        self._process.kill()
        return self._dead


_MOST_PARTS = 256


def _said(failed: messages.Failed, refused: DiskError | CloudError | None) -> DiskError | NotFoundError:
    """A budget that was used up is told as what it is."""
    if failed.is_missing:
        return NotFoundError(failed.message)
    if isinstance(refused, BudgetError):
        return BudgetError(refused.message)
    return DiskError(failed.message, is_fatal=failed.is_fatal)
