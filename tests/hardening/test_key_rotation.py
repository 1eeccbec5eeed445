"""A new key: everything that is sealed opens with it alone afterwards, wherever it lies."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from nephoscope.access.access import AccessControl
from nephoscope.app.keys import key_path, key_ring, rotate
from nephoscope.app.opening import opened_store, opened_usecases
from nephoscope.audit import trail
from nephoscope.connectors.connectors import Draft
from nephoscope.errors import SettingsError
from nephoscope.kit.sealing import new_key, parse_keys
from nephoscope.model.connectors import CREDENTIAL
from nephoscope.model.identities import Identity
from nephoscope.model.providers import Provider
from nephoscope.settings import Settings
from nephoscope.store import sealed, users
from nephoscope.store.schema import metadata
from worlds import FakeClock

NAME, PASSWORD = "anna", "a long enough password"
SECRET = "the secret of the application"
AZURE = Draft(
    name="subscription",
    account_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-000000000002",
    application_id="00000000-0000-0000-0000-000000000003",
    secret=SECRET,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "kept")


@contextmanager
def opened(settings: Settings) -> Iterator[AccessControl]:
    with opened_store(settings) as store:
        yield AccessControl(store, FakeClock(datetime(2026, 1, 1, tzinfo=UTC)), key_ring(settings))


def fill(settings: Settings) -> UUID:
    """A token's key, a second factor and a connector's credential. Answers the connector's uuid."""
    with opened(settings) as access:
        access.add_user(NAME, PASSWORD, Identity.local())
        access.keys.signing()
        access.factors.enrol(NAME)
    with opened_usecases(settings) as (usecases, _):
        return usecases.connectors.create(Provider.AZURE, AZURE).uuid


def keys_in(settings: Settings) -> tuple[bytes, ...]:
    path = key_path(settings)
    assert path is not None
    return parse_keys(path.read_text())


def test_everything_opens_with_the_new_key_alone(settings: Settings) -> None:
    connector = fill(settings)
    with opened(settings) as access:
        kid = access.keys.signing().kid
    (old,) = keys_in(settings)
    assert rotate(settings) == 3
    assert len(keys_in(settings)) == 2
    assert rotate(settings, is_last=True) == 0
    (new,) = keys_in(settings)
    assert new != old
    with opened_store(settings) as store, store.read() as reader:
        assert sealed.get(reader, key_ring(settings), connector, CREDENTIAL) == SECRET
        user = users.get(reader, NAME)
        assert user is not None
        assert key_ring(settings).open(user.factor, f"second factor {NAME}")
        assert [entry.action for entry in trail.entries(reader)][-2:] == ["encryption.rotate"] * 2
    with opened(settings) as access:
        assert access.keys.signing().kid == kid


def test_what_an_old_process_sealed_meanwhile_is_sealed_anew_at_the_end(settings: Settings) -> None:
    connector = fill(settings)
    old_ring = key_ring(settings)
    rotate(settings)
    with opened_store(settings) as store, store.write() as writer:
        sealed.put(writer, old_ring, connector, CREDENTIAL, "written late")
    assert rotate(settings, is_last=True) == 1
    with opened_store(settings) as store, store.read() as reader:
        assert sealed.get(reader, key_ring(settings), connector, CREDENTIAL) == "written late"


def test_keys_from_a_setting_are_put_in_front_by_whoever_keeps_them(settings: Settings) -> None:
    old, new = new_key(), new_key()
    first = Settings(data=settings.data, keys=old)
    fill(first)
    assert rotate(first) == 0
    assert rotate(Settings(data=settings.data, keys=f"{new},{old}")) == 3
    with opened(Settings(data=settings.data, keys=new)) as access:
        access.keys.signing()


def test_every_sealed_column_is_known() -> None:
    """A new column of bytes is either one that holds nothing secret, or one that rotation must not forget."""
    plain = {("alembic_version", "version_num")}
    found = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if type(column.type).__name__ == "LargeBinary"
    } - plain
    rotated = {("sealed", "body"), *((one.table.name, one.body) for one in sealed._ELSEWHERE)}
    assert rotated <= found
    assert found - rotated == {
        ("disks", "baselines"),
        ("disks", "inventory"),
        ("documents", "body"),
        ("report_chunks", "body"),
        ("vulnerabilities", "body"),
    }


def test_a_key_file_that_others_can_read_is_refused(settings: Settings) -> None:
    key_ring(settings)
    path = key_path(settings)
    assert path is not None
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        key_ring(settings)


def test_a_key_that_systemd_hands_over_is_taken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """From version 254 on it is shown as 0440: an access list gives it to the unit's user."""
    key_ring(settings)
    path = key_path(settings)
    assert path is not None
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent))
    path.chmod(0o440)
    assert len(key_ring(settings)) == 1
    path.chmod(0o444)
    with pytest.raises(SettingsError, match="chmod 600"):
        key_ring(settings)
    path.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent / "elsewhere"))
    with pytest.raises(SettingsError, match="chmod 600"):
        key_ring(settings)


def test_keys_that_a_command_prints(settings: Settings, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.write_text(f"{new_key()}\n{new_key()}\n")
    asking = msgspec.structs.replace(settings, key_command=f"cat '{store}'")
    assert len(key_ring(asking)) == 2
    assert key_path(asking) is None


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/nowhere/store", "cannot be run: No such file or directory"),
        ("cat 'unclosed", "cannot be run: its words cannot be told apart"),
        ("false", "ended with 1"),
        ("echo hunter2hunter2", "base64"),
    ],
)
def test_why_a_command_prints_no_keys(settings: Settings, command: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        key_ring(msgspec.structs.replace(settings, key_command=command))
    assert "hunter2" not in str(caught.value)
