"""A backup holds everything of one moment, and either database takes it from either."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import inspect, select

from databases import Fresh, Postgres
from fresh_stores import migrated_file
from nephoscope.audit import trail
from nephoscope.errors import ConflictError, StoreError
from nephoscope.kit.sealing import KeyRing, new_key, parse_keys
from nephoscope.store import audit, backups, bulk, engines, runs, sealed, upgrading
from nephoscope.store.archives import Column, Manifest, new_archive, open_archive
from nephoscope.store.schema import metadata
from nephoscope.store.session import Reader, Store, Writer, open_store
from store.store_world import BUCKETS, START, Account, observed

RING = KeyRing(parse_keys(new_key()))
OWNER = UUID(int=7)
KEPT = [table for table in metadata.sorted_tables if table.name not in backups.LEFT_OUT]


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A second store, empty, of each kind. PostgreSQL's is a database of its own: the first may be there as well."""
    folder = tmp_path / "other"
    folder.mkdir()
    if request.param == "sqlite":
        url = migrated_file(folder / "store.db")
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.migrated()
    with closing(open_store(url)) as opened:
        yield opened


def fill(store: Store) -> Account:
    account = Account(store)
    account.record(BUCKETS, *(observed(f"bucket-{number}", {"colour": "blue"}) for number in range(3)))
    account.judge({"bucket-0": {1: "PASS", 2: "FAIL"}, "bucket-1": {1: "cannot be read"}})
    account.record(BUCKETS, observed("bucket-0"))  # the keys of the others are never given out again
    with store.write() as writer:
        sealed.put(writer, RING, OWNER, "secret", "the plain text")
        runs.beat(writer, "worker", START)
        trail.record(writer, "anna", "connector.create", "one", {"note": "ä ✓"}, START)
        trail.record(writer, "anna", "connector.update", "one", {}, START)
    return account


def back_up(store: Store, file: Path) -> Manifest:
    with new_archive(file) as archive, store.read() as reader:
        return backups.dump(reader, archive, version="1", now=START)


def restore(
    store: Store, file: Path, *, is_replacing: bool = False, after: Callable[[Writer], None] = lambda _: None
) -> None:
    with open_archive(file) as archive, store.write() as writer:
        backups.load(writer, archive, is_replacing=is_replacing, after=after)


def rows_of(reader: Reader) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, spelled alike; without the numbers that say how often something changed."""
    return {
        table.name: sorted((tuple(row) for row in reader.connection.execute(select(table))), key=repr)
        for table in KEPT
        if table.name != "meta"
    }


def test_every_table_of_the_database_is_known(store: Store) -> None:
    with store.read() as reader:
        assert set(inspect(reader.connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_what_comes_back_is_what_was_there(store: Store, other: Store, tmp_path: Path) -> None:
    fill(store)
    manifest = back_up(store, tmp_path / "one.zip")
    restore(other, tmp_path / "one.zip")
    with store.read() as before, other.read() as after:
        assert rows_of(after) == rows_of(before)
        assert manifest.rows == sum(map(len, rows_of(before).values())) + len(
            bulk.fetch(before, "SELECT name FROM meta")
        )
        assert trail.verify(after) is None
        assert audit.head(after).count == 2
        assert sealed.get(after, RING, OWNER, "secret") == "the plain text"
        assert sealed.unopened(after, RING) == (1, 0)
        assert sealed.unopened(after, KeyRing(parse_keys(new_key()))) == (1, 1)
        assert runs.heartbeats(after) == {}


def test_keys_and_numbers_go_on_where_they_were(store: Store, other: Store, tmp_path: Path) -> None:
    account = fill(store)
    given = set(account.keys().values())
    back_up(store, tmp_path / "one.zip")
    restore(other, tmp_path / "one.zip")
    with other.read() as reader:
        highest = max(row[0] for row in bulk.fetch(reader, "SELECT value FROM meta WHERE name = 'version'"))
    second = Account(other, "two", "210987654321")
    assert second.key > account.key
    second.record(BUCKETS, observed("new"), at=START + timedelta(hours=1))
    assert min(second.keys().values()) > max(given) + 1  # two more had been given out
    with other.write() as writer:
        trail.record(writer, "anna", "connector.delete", "one", {}, START)
    with other.read() as reader:
        assert trail.verify(reader) is None
        assert bulk.fetch(reader, "SELECT value FROM meta WHERE name = 'version'")[0][0] > highest


def test_a_store_that_is_not_empty_is_replaced_only_when_asked_for(store: Store, tmp_path: Path) -> None:
    fill(store)
    back_up(store, tmp_path / "one.zip")
    with store.read() as reader:
        before = rows_of(reader)
        version = dict(bulk.fetch(reader, "SELECT name, value FROM meta"))["version"]
    Account(store, "two", "210987654321")
    with pytest.raises(ConflictError, match=r"not empty.*connectors.*--replace"):
        restore(store, tmp_path / "one.zip")
    restore(store, tmp_path / "one.zip", is_replacing=True)
    with store.read() as reader:
        assert rows_of(reader) == before
        assert dict(bulk.fetch(reader, "SELECT name, value FROM meta"))["version"] > version


def test_all_or_nothing(store: Store, tmp_path: Path) -> None:
    fill(store)
    back_up(store, tmp_path / "one.zip")
    Account(store, "two", "210987654321")
    with store.read() as reader:
        before = rows_of(reader)

    def fail(_: Writer) -> None:
        raise StoreError("the last moment")

    with pytest.raises(StoreError, match="the last moment"):
        restore(store, tmp_path / "one.zip", is_replacing=True, after=fail)
    with store.read() as reader:
        assert rows_of(reader) == before


def rewritten(file: Path, to: Path, change: Callable[[str, bytes], bytes]) -> Path:
    with ZipFile(file) as old, ZipFile(to, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return to


def in_manifest(**values: Any) -> Callable[[str, bytes], bytes]:
    return lambda name, body: json.dumps(json.loads(body) | values).encode() if name == "manifest.json" else body


def without_a_table(name: str, body: bytes) -> bytes:
    manifest = json.loads(body) if name == "manifest.json" else {}
    manifest["tables"] = [table for table in manifest.get("tables", ()) if table["name"] != "tags"]
    return json.dumps(manifest).encode() if name == "manifest.json" else body


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (in_manifest(format=2), "newer version"),
        (in_manifest(revision="9999"), "revision 9999.*newer"),
        (lambda _, body: body.replace(b"bucket", b"basket"), r"tables/\w+.jsonl is not what was written"),
        (without_a_table, "not what its manifest names"),
        (lambda name, body: b"{" if name == "manifest.json" else body, "damaged, or is none"),
    ],
)
def test_what_is_newer_or_damaged_is_refused(
    store: Store, tmp_path: Path, change: Callable[[str, bytes], bytes], message: str
) -> None:
    fill(store)
    back_up(store, tmp_path / "one.zip")
    bad = rewritten(tmp_path / "one.zip", tmp_path / "bad.zip", change)
    with store.read() as reader:
        before = rows_of(reader)
    with pytest.raises(StoreError, match=message):
        restore(store, bad, is_replacing=True)
    with store.read() as reader:
        assert rows_of(reader) == before


def test_any_changed_byte_and_any_cut_is_noticed(tmp_path: Path) -> None:
    with closing(open_store(migrated_file(tmp_path / "store.db"))) as store:
        fill(store)
        back_up(store, tmp_path / "one.zip")
    whole = (tmp_path / "one.zip").read_bytes()
    with ZipFile(tmp_path / "one.zip") as archive:
        entry = archive.getinfo("tables/resources.jsonl")
    inside = entry.header_offset + 30 + len(entry.filename) + 20 + entry.compress_size // 2
    changed = bytearray(whole)
    changed[inside] ^= 0xFF
    for damaged in (bytes(changed), whole[: len(whole) // 2], whole[:-1], b"", b"no backup"):
        (tmp_path / "bad.zip").write_bytes(damaged)
        with pytest.raises(StoreError, match="damaged"), open_archive(tmp_path / "bad.zip"):
            pass


def test_a_backup_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    fill(store)
    with new_archive(tmp_path / "one.zip") as archive, store.read() as reader:
        connectors = len(bulk.fetch(reader, "SELECT name FROM connectors"))
        Account(store, "two", "210987654321")
        manifest = backups.dump(reader, archive, version="1", now=START)
    assert {held.name: held.rows for held in manifest.tables}["connectors"] == connectors


def test_a_file_is_never_replaced_and_nothing_is_left_of_one_that_fails(store: Store, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_bytes(b"precious")
    with pytest.raises(ConflictError, match="there already"):
        back_up(store, tmp_path / "there.zip")
    with pytest.raises(StoreError, match="full"), new_archive(tmp_path / "new.zip"):
        raise StoreError("the disk is full")
    assert (tmp_path / "there.zip").read_bytes() == b"precious"
    assert [path.name for path in tmp_path.glob("*zip*")] == ["there.zip"]
    back_up(store, tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").stat().st_mode & 0o077 == 0


def test_a_value_of_another_kind_rolls_everything_back(store: Store, tmp_path: Path) -> None:
    """What checksums cannot tell: somebody wrote the archive anew."""
    fill(store)
    with store.read() as reader, new_archive(tmp_path / "one.zip") as archive:
        for table in KEPT:
            columns = [Column(str(column.name), backups._kind(column)) for column in table.columns]
            rows = [[["x"] * len(columns)]] if table.name == "scopes" else []
            archive.add(table.name, columns, rows, 0)
        archive.finish(version="1", revision=back_up(store, tmp_path / "two.zip").revision, made_on=0, source="sqlite")
        before = rows_of(reader)
    with pytest.raises(StoreError):
        restore(store, tmp_path / "one.zip", is_replacing=True)
    with store.read() as reader:
        assert rows_of(reader) == before


def test_a_backup_of_an_older_schema_is_brought_to_this_one(store: Store, fresh: Fresh, tmp_path: Path) -> None:
    fill(store)
    address = fresh(False) if "postgresql" in store.url else f"sqlite:///{tmp_path}/old"  # noqa: FBT003 - with nothing in it
    old = engines.connect(engines.parse(address))
    with old.writers.begin() as connection:
        upgrading.rebuild(connection, "0012")
        schema = inspect(connection)
        there = {name: {column["name"] for column in schema.get_columns(name)} for name in schema.get_table_names()}
    old.dispose()
    with new_archive(tmp_path / "old.zip") as archive, store.read() as reader:
        before = rows_of(reader)
        for table in [table for table in KEPT if table.name in there]:
            columns = [
                Column(str(column.name), backups._kind(column))
                for column in table.columns
                if column.name in there[table.name]
            ]
            archive.add(table.name, columns, backups._read(reader, table, columns), 0)
        archive.finish(version="1", revision="0012", made_on=0, source="sqlite")
    assert "report_schedules" not in there
    restore(store, tmp_path / "old.zip", is_replacing=True)
    with store.read() as reader:
        after = rows_of(reader)
        upgrading.check(reader.connection)
    assert after == before
    assert "report_schedules" in after
