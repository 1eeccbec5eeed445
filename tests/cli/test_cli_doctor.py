"""The doctor finds what is wrong, says what would be right, and changes nothing."""

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cli.cli_world import Invoke, entering
from nephoscope.app import doctor
from nephoscope.app.opening import opened_store
from nephoscope.app.stores import store_url
from nephoscope.kit.sealing import new_key
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.health import Check, Health
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.settings import Settings
from nephoscope.simulation.aws import Simulation
from nephoscope.store import connectors, runs, scopes
from nephoscope.store.session import open_store
from worlds import FakeClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a data directory with a sealed signing key."""
    for name in ("NEPHOSCOPE_KEY", "NEPHOSCOPE_KEY_FILE", "NEPHOSCOPE_KEY_COMMAND", "NEPHOSCOPE_TLS_CERT"):
        monkeypatch.delenv(name, raising=False)
    for begins in (("db", "upgrade"), ("signing-key", "rotate")):
        assert invoke(*begins, "--data", str(tmp_path / "kept")).code == 0
    return Settings(data=tmp_path / "kept")


def examined(settings: Settings, *, with_clouds: bool = False, seconds: float = 30.0) -> dict[str, Check]:
    found = doctor.examine(settings, with_clouds=with_clouds, clock=FakeClock(NOW), seconds=seconds)
    return {check.name: check for check in found}


def folder(settings: Settings) -> Path:
    assert settings.data is not None
    return settings.data


def key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(path: Path, begins: datetime, ends: datetime) -> Path:
    """With its key behind it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nephoscope.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begins, ends)
    signed = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    path.write_bytes(signed + key_text(key))
    path.chmod(0o600)
    return path


def test_a_house_in_order(invoke: Invoke, settings: Settings) -> None:
    with opened_store(settings) as store, store.write() as writer:
        runs.beat(writer, "here", datetime.now(UTC))
    answer = invoke("doctor", "--data", str(settings.data), "--format", "json")
    rows = json.loads(answer.out)
    assert {row["name"]: row["state"] for row in rows} == dict.fromkeys(
        ("disk", "directory", "store", "clock", "keys", "permissions", "workers"), "ok"
    )
    assert answer.code == 0
    assert "1 encrypted credentials, each of which opens; 1 key here" in answer.out
    assert "ok" in invoke("doctor", "--data", str(settings.data)).out


def test_nothing_is_made_where_nothing_is(invoke: Invoke, tmp_path: Path) -> None:
    answer = invoke("doctor", "--data", str(tmp_path / "none"), "--format", "json")
    states = {row["name"]: row["state"] for row in json.loads(answer.out)}
    assert (answer.code, states) == (1, {"disk": "failed", "store": "failed"})
    assert not (tmp_path / "none").exists()


def test_what_others_can_read(settings: Settings) -> None:
    folder(settings).chmod(0o755)
    assert examined(settings)["directory"] == Check(
        "directory", Health.FAILED, f"{settings.data} is open to others: chmod 700 {settings.data}"
    )
    folder(settings).chmod(0o700)
    (folder(settings) / "nephoscope.sqlite").chmod(0o644)
    assert examined(settings)["directory"].state is Health.WARNING


@pytest.mark.parametrize(
    ("free", "state"), [(10 * 1024**2, Health.FAILED), (500 * 1024**2, Health.WARNING), (2 * 1024**3, Health.OK)]
)
def test_room_on_the_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch, free: int, state: Health) -> None:
    usage = type(shutil.disk_usage("/"))(free, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert examined(settings)["disk"].state is state


def test_keys_that_are_gone(settings: Settings) -> None:
    path = folder(settings) / "key"
    path.unlink()
    found = examined(settings)["keys"]
    assert (found.state, "1 of 1" in found.message) == (Health.FAILED, True)
    assert not path.exists()
    path.write_text(new_key())
    path.chmod(0o600)
    assert examined(settings)["keys"].state is Health.FAILED
    path.chmod(0o644)
    assert "chmod 600" in examined(settings)["keys"].message


def test_permissions_that_are_missing(settings: Settings) -> None:
    with opened_store(settings) as store, store.write() as writer:
        one = connectors.create(writer, Connector(uuid4(), Provider.AWS, "123456789012", "one", NOW))
        for region in ("eu-west-1", "us-east-1"):
            report = ScopeReport(Scope("EC2_INSTANCE", region), Outcome.DENIED, "ec2:DescribeInstances")
            scopes.close(writer, one.key, report, NOW)
    found = examined(settings)["permissions"]
    assert (found.state, "ec2:DescribeInstances (2)" in found.message) == (Health.WARNING, True)


def test_workers_that_fell_silent(settings: Settings) -> None:
    assert examined(settings)["workers"].state is Health.WARNING
    with opened_store(settings) as store, store.write() as writer:
        runs.beat(writer, "old", NOW - timedelta(hours=1))
        runs.beat(writer, "here", NOW)
    assert examined(settings)["workers"] == Check("workers", Health.WARNING, "1 carry runs, 1 fell silent.")


@pytest.mark.parametrize(
    ("begins", "ends", "state"),
    [
        (-timedelta(days=9), timedelta(days=90), Health.OK),
        (-timedelta(days=9), timedelta(days=9), Health.WARNING),
        (-timedelta(days=9), -timedelta(days=1), Health.FAILED),
        (timedelta(days=1), timedelta(days=9), Health.FAILED),
    ],
)
def test_certificates(settings: Settings, tmp_path: Path, begins: timedelta, ends: timedelta, state: Health) -> None:
    path = certificate(tmp_path / "server.pem", NOW + begins, NOW + ends)
    assert examined(msgspec.structs.replace(settings, tls_certificate=path))["certificate"].state is state
    path.write_bytes(b"none")
    assert examined(msgspec.structs.replace(settings, tls_certificate=path))["certificate"].state is Health.FAILED


def test_the_key_of_a_certificate(settings: Settings, tmp_path: Path) -> None:
    path = certificate(tmp_path / "server.pem", NOW, NOW + timedelta(days=90))

    def found(key: Path | None) -> Check:
        asked = msgspec.structs.replace(settings, tls_certificate=path, tls_key=key)
        return min(doctor.certificate(asked, NOW), key=lambda check: check.state == Health.OK)

    other = tmp_path / "other.key"
    assert "other.key: No such file" in found(other).message
    other.write_bytes(key_text(ec.generate_private_key(ec.SECP256R1())))
    assert (found(other).state, "another certificate" in found(other).message) == (Health.FAILED, True)
    assert found(None).state is Health.OK
    path.chmod(0o644)
    assert (found(None).state, "chmod 600" in found(None).message) == (Health.WARNING, True)
    path.write_bytes(path.read_bytes().partition(b"-----BEGIN PRIVATE KEY")[0])
    assert (found(None).state, "no certificate with its key" in found(None).message) == (Health.FAILED, True)


def test_a_certificate_that_the_command_line_names(invoke: Invoke, settings: Settings, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    path = certificate(tmp_path / "server.pem", now - timedelta(days=1), now + timedelta(days=3))
    answer = invoke("doctor", "--data", str(settings.data), "--tls-cert", str(path), "--format", "json")
    (row,) = [row for row in json.loads(answer.out) if row["name"] == "certificate"]
    assert (row["state"], "renew it" in row["message"], answer.code) == ("warning", True, 0)


def test_a_proxy_that_nobody_named(settings: Settings, tmp_path: Path) -> None:
    public = msgspec.structs.replace(settings, public_url="https://nephoscope.example")
    (found,) = doctor.proxy(public)
    assert found.state == Health.WARNING
    assert "NEPHOSCOPE_TRUSTED_PROXIES" in found.message
    for well in (
        settings,
        msgspec.structs.replace(public, trusted_proxies=("10.0.0.1",)),
        msgspec.structs.replace(public, tls_certificate=tmp_path / "server.pem"),
        msgspec.structs.replace(public, public_url="http://localhost:8000"),
    ):
        assert list(doctor.proxy(well)) == []


def test_settings_that_are_misspelt(invoke: Invoke, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEPHOSCOPE_APROVAL", "required")
    monkeypatch.setenv("NEPHOSCOPE_XYZZY", "1")
    answer = invoke("doctor", "--data", str(settings.data), "--format", "json")
    told = {row["message"]: row["state"] for row in json.loads(answer.out) if row["name"] == "settings"}
    assert told == {
        "NEPHOSCOPE_APROVAL is set, but there is no such setting; NEPHOSCOPE_APPROVAL is one.": "warning",
        "NEPHOSCOPE_XYZZY is set, but there is no such setting.": "warning",
    }
    refused = invoke("worker")
    assert "NEPHOSCOPE_APPROVAL is one" in refused.err


def test_a_file_that_is_no_database_and_one_of_an_older_schema(settings: Settings) -> None:
    with closing(open_store(store_url(settings))) as store, store.write() as writer:
        writer.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert "db upgrade" in examined(settings)["store"].message
    (folder(settings) / "nephoscope.sqlite").write_bytes(b"no database" * 1000)
    assert examined(settings)["store"].state is Health.FAILED


def test_clouds_are_entered(invoke: Invoke, account: Simulation, settings: Settings) -> None:
    assert examined(settings, with_clouds=True)["clouds"].message == "No connector is enabled."
    assert invoke("connector", "add", "--name", "mine", *entering(account), "--data", str(settings.data)).code == 0
    entered = examined(settings, with_clouds=True)["clouds"]
    assert (entered.state, "123456789012" in entered.message) == (Health.OK, True)
    with opened_store(settings) as store, store.write() as writer:
        access = AwsAccess(endpoint_url="http://127.0.0.1:9")
        connectors.create(writer, Connector(uuid4(), Provider.AWS, "999999999999", "far", NOW, access=access))
    hasty = examined(settings, with_clouds=True, seconds=0.01)["clouds"]
    assert (hasty.state, hasty.message.startswith("far ")) == (Health.FAILED, True)
