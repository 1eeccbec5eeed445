"""The file of advisories: everything that feeds said, in one SQLite file that is built once, carried anywhere and only
read after that.

It is no part of the store's schema: it has its own mark, its own version, and no migration; a file of another
version is built again. A reader keeps what it opened, whatever takes the file's place meanwhile.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import msgspec

from nephoscope.advisories.judging import Statement
from nephoscope.advisories.matching import Numbered
from nephoscope.errors import StoreError
from nephoscope.kit.chunks import chunks
from nephoscope.model.vulnerabilities import Advisory, Exploited, Likelihood, Status

MARK = 0x6E706861
"""`application_id` in the file's header."""
VERSION = 1
_BOUND = 500
"""Values in one statement."""
_STATUSES = tuple(Status)

_STATEMENTS = """
SELECT advisory, package, is_source, status, introduced, fixed, last_affected, versions, module FROM affected
WHERE ecosystem = ? AND package IN
"""
_ADVISORIES = """
SELECT key, qid, id, source, severity, package, title, cves, aliases, published FROM advisory WHERE key
"""

_IN_ORDER = """
SELECT
    ecosystem.name, affected.package, is_source, source, id, status, introduced, fixed, last_affected, versions, module
FROM affected JOIN ecosystem ON ecosystem.key = ecosystem JOIN advisory ON advisory.key = advisory
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
"""
_CONTENT = (
    "SELECT source, id, qid, severity, package, title, cves, aliases FROM advisory ORDER BY source, id",
    _IN_ORDER,
    "SELECT * FROM exploited ORDER BY cve",
    "SELECT * FROM likelihood ORDER BY cve",
)

SCHEMA = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE feed (format TEXT PRIMARY KEY, documents INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE ecosystem (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, statements INTEGER NOT NULL DEFAULT 0);
CREATE TABLE advisory (
    key INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL, qid INTEGER UNIQUE, severity INTEGER NOT NULL,
    package TEXT NOT NULL, title TEXT NOT NULL, cves TEXT NOT NULL, aliases TEXT NOT NULL, published TEXT NOT NULL,
    UNIQUE (source, id)
);
CREATE TABLE affected (
    ecosystem INTEGER NOT NULL, package TEXT NOT NULL, is_source INTEGER NOT NULL, advisory INTEGER NOT NULL,
    status INTEGER NOT NULL, introduced TEXT NOT NULL, fixed TEXT NOT NULL, last_affected TEXT NOT NULL,
    versions TEXT NOT NULL, module TEXT NOT NULL
);
CREATE INDEX affected_by_package ON affected (ecosystem, package);
CREATE TABLE exploited (cve TEXT PRIMARY KEY, added TEXT NOT NULL, due TEXT NOT NULL, ransomware INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE likelihood (cve TEXT PRIMARY KEY, score REAL NOT NULL, percentile REAL NOT NULL) WITHOUT ROWID;
"""


def digest_of(connection: sqlite3.Connection) -> str:
    """Of the content, whatever the order in which it came."""
    digest = blake2b(digest_size=16)
    for sql in _CONTENT:
        for row in connection.execute(sql):
            digest.update(repr(row).encode())
    return digest.hexdigest()


class FeedFacts(msgspec.Struct, frozen=True):
    format: str
    documents: int


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is said about a whole file. `digest` is of the content: two files with the same one say the same."""

    version: str
    built: str
    digest: str
    advisories: int
    statements: int
    exploited: int
    likelihoods: int
    bytes: int
    ecosystems: dict[str, int]
    feeds: tuple[FeedFacts, ...]


class AdvisoryFile:
    """Open for reading. StoreError for what is no file of advisories, or one of another version."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise StoreError(f"There is no file of advisories at {path}; see nephoscope advisories build and import.")
        self._connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        try:
            self._check()
            self._ecosystems: dict[str, tuple[int, int]] = {
                name: (key, count) for key, name, count in self._rows("SELECT key, name, statements FROM ecosystem")
            }
            self._facts = dict(self._rows("SELECT name, value FROM fact"))
        except sqlite3.Error as error:
            self.close()
            raise StoreError(f"{path} is no file of advisories ({error}).") from None
        except StoreError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    @property
    def version(self) -> str:
        """Changes when, and only when, the content does."""
        return str(self._facts.get("version", ""))

    def _check(self) -> None:
        """A file from a stick is as foreign as any: it must have exactly our tables, and nothing that runs."""
        self._connection.execute("PRAGMA trusted_schema = OFF")
        self._connection.execute("PRAGMA cell_size_check = ON")
        if self._rows("PRAGMA application_id")[0][0] != MARK:
            raise StoreError(f"{self.path} is no file of advisories.")
        version = self._rows("PRAGMA user_version")[0][0]
        if version != VERSION:
            raise StoreError(f"{self.path} has version {version}; this program reads {VERSION}. Build it again.")
        if self._shape() != _expected_shape():
            raise StoreError(f"{self.path} has other tables than a file of advisories.")

    def _shape(self) -> list[tuple[Any, ...]]:
        return self._rows("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")

    def verify(self, source: Path) -> None:
        """Read everything, and compare it with what the file says that it is. StoreError, which names the source, for a
        damaged file."""
        try:
            told = self._rows("PRAGMA integrity_check(1)")[0][0]
            if told == "ok" and digest_of(self._connection) != self._facts.get("digest"):
                told = "its content is not what was built"
        except sqlite3.Error as error:
            told = str(error)
        if told != "ok":
            raise StoreError(f"{source} is damaged: {told}.")

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def facts(self) -> FileFacts:
        counts = {
            name: self._rows(f"SELECT count(*) FROM {name}")[0][0]  # noqa: S608 - names of our own tables
            for name in ("advisory", "affected", "exploited", "likelihood")
        }
        return FileFacts(
            version=self.version,
            built=self._facts.get("built", ""),
            digest=self._facts.get("digest", ""),
            advisories=counts["advisory"],
            statements=counts["affected"],
            exploited=counts["exploited"],
            likelihoods=counts["likelihood"],
            bytes=self.path.stat().st_size,
            ecosystems={name: count for name, (_, count) in sorted(self._ecosystems.items())},
            feeds=tuple(FeedFacts(*row) for row in self._rows("SELECT format, documents FROM feed")),
        )

    def numbers(self) -> dict[tuple[str, str], int]:
        """The number of every advisory, by source and id."""
        return {(source, own): qid for source, own, qid in self._rows("SELECT source, id, qid FROM advisory")}

    def ecosystems(self) -> Mapping[str, int]:
        return {name: count for name, (_, count) in self._ecosystems.items()}

    def statements(self, ecosystem: str, names: Sequence[str]) -> Iterator[Statement]:
        key = self._ecosystems.get(ecosystem, (0, 0))[0]
        for some in chunks(names, _BOUND):
            sql = f"{_STATEMENTS} ({_marks(some)})"
            for advisory, package, is_source, status, *rest in self._connection.execute(sql, (key, *some)):
                yield Statement(advisory, package, bool(is_source), _STATUSES[status], *rest)

    def advisories(self, keys: Sequence[int]) -> Mapping[int, Numbered]:
        return {row[0]: _numbered(row) for row in self._some(_ADVISORIES, keys)}

    def exploited(self, cves: Sequence[str]) -> Mapping[str, Exploited]:
        found = self._some("SELECT cve, added, due, ransomware FROM exploited WHERE cve", cves)
        return {row[0]: Exploited(row[0], row[1], row[2], bool(row[3])) for row in found}

    def likelihoods(self, cves: Sequence[str]) -> Mapping[str, Likelihood]:
        found = self._some("SELECT cve, score, percentile FROM likelihood WHERE cve", cves)
        return {row[0]: Likelihood(*row) for row in found}

    def _some(self, select: str, values: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
        for some in chunks(values, _BOUND):
            yield from self._connection.execute(f"{select} IN ({_marks(some)})", some)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _numbered(row: tuple[Any, ...]) -> Numbered:
    _, qid, own, source, severity, package, title, cves, aliases, published = row
    return Numbered(
        qid,
        Advisory(
            id=own,
            source=source,
            severity=severity,
            package=package,
            title=title,
            cves=tuple(cves.split()),
            aliases=tuple(aliases.split()),
            published=published,
        ),
    )


def _expected_shape() -> list[tuple[Any, ...]]:
    """What the schema looks like when SQLite has written it down."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(SCHEMA)
        return connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()
    finally:
        connection.close()
