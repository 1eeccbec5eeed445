"""Opening, upgrading, reading and writing, on both databases."""

import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, text
from sqlalchemy.exc import SQLAlchemyError

from nephoscope.errors import StoreError
from nephoscope.model.users import User
from nephoscope.store import evaluations, schema, users
from nephoscope.store.engines import connect, parse
from nephoscope.store.session import Store, open_store, upgrade
from nephoscope.store.tables import core as tables
from store.store_world import START, Account

Fresh = Callable[[bool], str]
ANNA = User("anna", "hash", START)


def put(store: Store, user: User = ANNA) -> None:
    with store.write() as writer:
        users.put(writer, user)


def names(store: Store) -> list[str]:
    with store.read() as reader:
        return [user.name for user in users.every(reader)]


def test_upgrading_creates_then_changes_nothing_and_keeps_data(fresh: Fresh) -> None:
    url = fresh(False)  # noqa: FBT003 - empty
    before, head = upgrade(url)
    assert before == ""
    with closing(open_store(url)) as store:
        put(store)
    assert upgrade(url) == (head, head)
    with closing(open_store(url)) as store:
        assert names(store) == ["anna"]


def test_a_database_without_tables_is_refused(fresh: Fresh) -> None:
    url = fresh(False)  # noqa: FBT003 - empty
    with pytest.raises(StoreError, match="nephoscope db upgrade"):
        open_store(url)


def test_a_newer_database_is_refused_and_left_alone(url: str) -> None:
    engines = connect(parse(url))
    with engines.writers.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engines.dispose()
    for attempt in (open_store, upgrade):
        with pytest.raises(StoreError, match="9999"):
            attempt(url)


def test_the_migrations_lead_to_the_tables(url: str) -> None:
    engines = connect(parse(url))
    with engines.writers.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    engines.dispose()


@pytest.mark.parametrize("wrong", ["", "mysql://localhost/x", "sqlite", "postgresql+psycopg2://localhost/x"])
def test_an_address_that_cannot_be_used_says_what_could(wrong: str) -> None:
    with pytest.raises(StoreError, match=r"sqlite:///PATH"):
        open_store(wrong)


def test_a_missing_file_is_not_created_by_opening(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nephoscope db upgrade"):
        open_store(f"sqlite:///{tmp_path / 'absent.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear store, this is no database. " * 100)
    for attempt in (open_store, upgrade):
        with pytest.raises(StoreError, match="not a database"):
            attempt(f"sqlite:///{file}")


def test_an_unreachable_server_is_a_store_error_without_the_password() -> None:
    for attempt in (open_store, upgrade):
        with pytest.raises(StoreError) as caught:
            attempt("postgresql://someone:hush@127.0.0.1:1/x")
        assert "hush" not in caught.value.message


def test_a_server_that_the_network_swallows_is_given_up(url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite is on no network")
    with closing(open_store(f"{url}{'&' if '?' in url else '?'}connect_timeout=3")) as opened, opened.read() as reader:
        driver = reader.connection.connection.driver_connection
        assert driver is not None
        said = driver.info.get_parameters()
    assert (said["tcp_user_timeout"], said["keepalives_idle"], said["connect_timeout"]) == ("30000", "30", "3")


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'deep' / 'store.db'}")
    assert stat.S_IMODE((tmp_path / "deep" / "store.db").stat().st_mode) == 0o600


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((StoreError, SQLAlchemyError)), store.read() as reader:
        reader.connection.execute(insert(tables.workers).values(name="w", beat_on=1))
    with store.read() as reader:
        assert reader.connection.execute(text("SELECT count(*) FROM workers")).scalar_one() == 0


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    before = Account(store).version()

    def fail() -> None:
        with store.write() as writer:
            users.put(writer, ANNA)
            writer.mark_changed()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(store) == []
    with store.read() as reader:
        assert evaluations.version(reader) == before


def test_a_reader_keeps_its_view_while_others_write(store: Store) -> None:
    with store.read() as reader:
        assert users.every(reader) == ()
        writing = Thread(target=put, args=(store,))
        writing.start()
        writing.join()
        assert users.every(reader) == ()
    assert names(store) == ["anna"]


def test_readers_go_on_while_a_writer_is_open(store: Store) -> None:
    with store.write() as writer:
        users.put(writer, ANNA)
        seen: list[list[str]] = []
        threads = [Thread(target=lambda: seen.append(names(store))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [[]] * 20
    assert names(store) == ["anna"]


def test_writers_of_many_threads_take_turns(store: Store) -> None:
    threads = [Thread(target=put, args=(store, User(f"user-{number}", "hash", START))) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(store)) == 20


def test_a_thread_that_would_wait_for_itself_is_told(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'store.db'}")
    with closing(open_store(f"sqlite:///{tmp_path / 'store.db'}")) as store:
        with store.write(), pytest.raises(StoreError, match="already writing"), store.write():
            pass
        put(store)
        assert names(store) == ["anna"]


def test_two_stores_on_one_file_see_each_other(url: str) -> None:
    with closing(open_store(url)) as one, closing(open_store(url)) as other:
        put(one)
        assert names(other) == ["anna"]


def test_memory_is_shared_by_threads_and_gone_when_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = open_store("sqlite://")
    thread = Thread(target=put, args=(store,))
    thread.start()
    thread.join()
    with closing(open_store("sqlite://")) as other:
        assert names(other) == []
    assert names(store) == ["anna"]
    store.close()
    store.close()
    assert list(tmp_path.iterdir()) == []
    before, head = upgrade("sqlite://")
    assert (before, bool(head)) == ("", True)
    assert list(tmp_path.iterdir()) == []
