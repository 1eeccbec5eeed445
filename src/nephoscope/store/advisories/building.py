"""Writing a file of advisories, row by row, beside the place where it will be; it appears there whole or not at all."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from os import fsync
from pathlib import Path
from shutil import copyfileobj
from uuid import uuid4

from nephoscope.advisories.numbering import qid_of
from nephoscope.errors import BadRequestError, StoreError
from nephoscope.kit.dates import compact
from nephoscope.model.vulnerabilities import Advisory, Affected, Exploited, Likelihood, Status
from nephoscope.store.advisories.file import MARK, SCHEMA, VERSION, AdvisoryFile, digest_of

_AT_ONCE = 5_000
"""Advisories between two writes."""
_STAGING = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -65536;
"""
_UPSERT = """
INSERT INTO advisory (source, id, severity, package, title, cves, aliases, published) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source, id) DO UPDATE SET
    severity = max(severity, excluded.severity),
    title = CASE WHEN title = '' THEN excluded.title ELSE title END,
    package = CASE WHEN package = excluded.package THEN package ELSE '' END,
    cves = CASE WHEN instr(' ' || cves || ' ', ' ' || excluded.cves || ' ') THEN cves
        ELSE trim(cves || ' ' || excluded.cves) END,
    aliases = CASE WHEN instr(' ' || aliases || ' ', ' ' || excluded.aliases || ' ') THEN aliases
        ELSE trim(aliases || ' ' || excluded.aliases) END,
    published = CASE WHEN published = '' THEN excluded.published ELSE published END
RETURNING key
"""
_STAGE = "INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_EXPLOITED = "INSERT OR REPLACE INTO exploited VALUES (?, ?, ?, ?)"
_LIKELIHOOD = "INSERT OR REPLACE INTO likelihood VALUES (?, ?, ?)"
_NUMBERS = {status: number for number, status in enumerate(Status)}
Entry = Advisory | Exploited | Likelihood


def build_file(target: Path, entries: Iterable[Entry], documents: Counter[str], now: datetime) -> None:
    """`documents`: how many there were of each format; it is read at the end, when all entries have come. Numbers that
    the file at `target` gave stay. BadRequestError when nothing came at all."""
    numbered = _numbers_of(target)
    scratch = _scratch(target)
    try:
        with closing(sqlite3.connect(scratch, isolation_level=None)) as connection:
            connection.executescript(_STAGING + SCHEMA)
            connection.execute("DROP INDEX affected_by_package")
            connection.execute("CREATE TEMP TABLE staged AS SELECT * FROM affected")
            counted = _Filling(connection).fill(entries)
            if not counted:
                raise BadRequestError("There is no advisory in any of these files.")
            _number(connection, numbered)
            _settle(connection, documents, now)
        _put_in_place(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


def import_file(source: Path, target: Path) -> None:
    """Copy a file that was built elsewhere, checked whole, over the one in use. StoreError for any other file."""
    AdvisoryFile(source).close()  # what is none of ours at all is not copied
    scratch = _scratch(target)
    try:
        with source.open("rb") as read, scratch.open("wb") as write:
            copyfileobj(read, write, 1 << 20)
        with AdvisoryFile(scratch) as copied:
            copied.verify(source)
        _put_in_place(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


def _scratch(target: Path) -> Path:
    """In the same folder, so that a rename is all that is left to do; as readable as new files are: it is no secret."""
    scratch = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch.touch(exist_ok=False)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}.") from error
    return scratch


def _put_in_place(scratch: Path, target: Path) -> None:
    with scratch.open("rb+") as file:
        fsync(file.fileno())
    scratch.replace(target)


def _numbers_of(target: Path) -> dict[tuple[str, str], int]:
    """What the file that is replaced gave; nothing when there is none that we can read."""
    try:
        with AdvisoryFile(target) as opened:
            return opened.numbers()
    except StoreError:
        return {}


class _Filling:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ecosystems: dict[str, int] = {}
        self._counted = 0
        self._pending: list[tuple[object, ...]] = []

    def fill(self, entries: Iterable[Entry]) -> int:
        """How many entries there were."""
        self._connection.execute("BEGIN")
        for entry in entries:
            if isinstance(entry, Advisory):
                self._add(entry)
            elif isinstance(entry, Exploited):
                self._rank(_EXPLOITED, (entry.cve, entry.added, entry.due, entry.is_ransomware))
            else:
                self._rank(_LIKELIHOOD, (entry.cve, entry.score, entry.percentile))
        self._flush()
        self._connection.execute("COMMIT")
        return self._counted

    def _rank(self, sql: str, row: tuple[object, ...]) -> None:
        self._connection.execute(sql, row)
        self._counted += 1

    def _add(self, advisory: Advisory) -> None:
        if advisory.is_withdrawn or not advisory.affected:
            return
        values = (
            *(advisory.source, advisory.id, advisory.severity, advisory.package, advisory.title),
            *(" ".join(advisory.cves), " ".join(advisory.aliases), advisory.published),
        )
        (key,) = self._connection.execute(_UPSERT, values).fetchone()
        self._pending += [self._staged(key, affected) for affected in advisory.affected]
        self._counted += 1
        if len(self._pending) >= _AT_ONCE:
            self._flush()

    def _staged(self, advisory: int, affected: Affected) -> tuple[object, ...]:
        return (
            self._ecosystem(affected.ecosystem),
            *(affected.package, affected.is_source, advisory, _NUMBERS[affected.status]),
            *(affected.introduced, affected.fixed, affected.last_affected),
            *("\n".join(affected.versions), affected.module),
        )

    def _ecosystem(self, name: str) -> int:
        if name not in self._ecosystems:
            self._ecosystems[name] = len(self._ecosystems) + 1
            self._connection.execute("INSERT INTO ecosystem VALUES (?, ?, 0)", (self._ecosystems[name], name))
        return self._ecosystems[name]

    def _flush(self) -> None:
        self._connection.executemany(_STAGE, self._pending)
        self._pending = []


def _number(connection: sqlite3.Connection, before: dict[tuple[str, str], int]) -> None:
    """Numbers that were given stay; new ones go round them."""
    rows = connection.execute("SELECT key, source, id FROM advisory ORDER BY source, id").fetchall()
    given = {key: before[source, own] for key, source, own in rows if (source, own) in before}
    taken = set(given.values())
    for key, source, own in rows:
        if key not in given:
            attempt = 0
            while (number := qid_of(source, own, attempt)) in taken:
                attempt += 1
            taken.add(number)
            given[key] = number
    connection.execute("BEGIN")
    connection.executemany("UPDATE advisory SET qid = ? WHERE key = ?", ((qid, key) for key, qid in given.items()))
    connection.execute("COMMIT")


def _settle(connection: sqlite3.Connection, documents: Counter[str], now: datetime) -> None:
    """Statements lie in the order in which they are asked for, each once."""
    order = "ecosystem, package, is_source, advisory, fixed, introduced, last_affected, status, versions, module"
    connection.execute("BEGIN")
    connection.execute(f"INSERT INTO affected SELECT DISTINCT * FROM staged ORDER BY {order}")  # noqa: S608 - our columns
    connection.execute("DROP TABLE staged")
    connection.execute("CREATE INDEX affected_by_package ON affected (ecosystem, package)")
    connection.execute(
        "UPDATE ecosystem SET statements = (SELECT count(*) FROM affected WHERE affected.ecosystem = ecosystem.key)"
    )
    connection.executemany("INSERT INTO feed VALUES (?, ?)", sorted(documents.items()))
    digest = digest_of(connection)
    facts = {"built": compact(now), "digest": digest, "version": digest[:16]}
    connection.executemany("INSERT INTO fact VALUES (?, ?)", facts.items())
    connection.execute("COMMIT")
    connection.executescript(f"PRAGMA application_id = {MARK}; PRAGMA user_version = {VERSION}; VACUUM;")
