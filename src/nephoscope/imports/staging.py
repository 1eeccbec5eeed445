"""What an account's export comes to, laid down in files before the store is touched: scope after scope, in pieces that
are ready to be recorded. The transaction that records them is then as short as it can be."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import msgspec

from nephoscope.clouds.doors import Needs
from nephoscope.clouds.exported.account import ExportedAccount
from nephoscope.model.scopes import Scope, ScopeReport
from nephoscope.store.recording import Prepared, prepared

_decoder = msgspec.msgpack.Decoder(tuple[Prepared, ...])


class StagedPiece(msgspec.Struct, frozen=True):
    """Where it lies in the file, and how the calls for it ended."""

    report: ScopeReport
    start: int
    size: int


class StagedScope(msgspec.Struct, frozen=True):
    scope: Scope
    pieces: tuple[StagedPiece, ...]


class Stage:
    """All scopes of one account, in one file."""

    def __init__(
        self, file: Path, account: ExportedAccount, needs: Needs, on_scope: Callable[[int, int], None]
    ) -> None:
        """`on_scope` hears how many scopes are done, and how many there are."""
        self._file = file
        planned = account.plan(needs)
        scopes = []
        with file.open("wb") as out:
            for number, scope in enumerate(planned):
                pieces = ((piece.report, map(prepared, piece.resources)) for piece in account.pieces(scope, needs))
                scopes.append(StagedScope(scope, tuple(_laid(out, report, rows) for report, rows in pieces)))
                on_scope(number + 1, len(planned))
        self.scopes = tuple(scopes)

    def rows(self, piece: StagedPiece) -> tuple[Prepared, ...]:
        with self._file.open("rb") as file:
            file.seek(piece.start)
            return _decoder.decode(file.read(piece.size))


def _laid(out: IO[bytes], report: ScopeReport, rows: Iterable[Prepared]) -> StagedPiece:
    body = msgspec.msgpack.encode(list(rows))
    start = out.tell()
    out.write(body)
    return StagedPiece(report, start, len(body))
