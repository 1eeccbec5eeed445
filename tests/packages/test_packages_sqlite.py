"""Our reader of SQLite's pages gives what SQLite gives: all sizes of pages and rows, with what only the log has."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fake_view import FakeView
from nephoscope.errors import DiskError
from nephoscope.packages import sqlite_file

PATH = "/db.sqlite"
TABLE = "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"


def rows_of(content: bytes, log: bytes | None = None) -> list[tuple[sqlite_file.Value, ...]]:
    view = FakeView({PATH: content, f"{PATH}-wal": log or b""})
    with view.open(PATH) as file, view.open(f"{PATH}-wal") as beside:
        return list(sqlite_file.rows(sqlite_file.Pages(file, PATH, beside), "Packages"))


def contents(seed: int, count: int) -> list[bytes]:
    chance = random.Random(seed)  # noqa: S311 - test data
    return [chance.randbytes(chance.choice((0, 1, 50, 400, 1000, 5000, 40_000, 200_000))) for _ in range(count)]


@pytest.mark.parametrize("page_size", [512, 1024, 4096, 8192, 65536])
def test_rows_are_as_sqlite_says(tmp_path: Path, page_size: int) -> None:
    """Half of them are removed again, so that there are free pages and holes."""
    blobs = contents(page_size, 120)
    target = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(target)) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.execute("CREATE TABLE Other (x)")
        connection.execute(TABLE)
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", ((blob,) for blob in blobs))
        connection.execute("DELETE FROM Packages WHERE hnum % 2 = 0")
        connection.commit()
    assert [row[1] for row in rows_of(target.read_bytes())] == blobs[::2]


def test_what_is_only_in_the_log_counts(tmp_path: Path) -> None:
    """A machine whose disk is copied while it runs: nothing has been moved from the log into the file. What no
    transaction has finished does not count."""
    target, blobs = tmp_path / "a.sqlite", contents(7, 60)
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA cache_size = 2")  # or an unfinished transaction would stay in memory
        connection.execute(TABLE)
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", ((blob,) for blob in blobs))
        finished = Path(f"{target}-wal").stat().st_size
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", ((bytes(9000),) for _ in range(50)))
        content, log = target.read_bytes(), Path(f"{target}-wal").read_bytes()
        connection.execute("ROLLBACK")
    assert len(log) > finished
    assert [row[1] for row in rows_of(content, log)] == blobs
    first = [row[1] for row in rows_of(content, log[: len(log) // 3])]
    assert 0 < len(first) < len(blobs)
    assert first == blobs[: len(first)]
    with pytest.raises(DiskError):
        rows_of(content, b"")


def test_values_of_every_kind(tmp_path: Path) -> None:
    target = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("CREATE TABLE Packages (a, b)")
        values: list[object] = [None, 0, 1, -1, 200, -40_000, 1 << 20, 1 << 40, -(1 << 60), "text", b"bytes"]
        connection.executemany("INSERT INTO Packages VALUES (?, 7)", ((value,) for value in values))
        connection.commit()
    found = [row[0] for row in rows_of(target.read_bytes())]
    assert found == [value.encode() if isinstance(value, str) else value for value in values]


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    target = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("CREATE TABLE Other (a)")
        connection.commit()
    with pytest.raises(DiskError, match="no table Packages"):
        rows_of(target.read_bytes())
