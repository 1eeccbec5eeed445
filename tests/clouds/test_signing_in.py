"""Every way to sign in to Azure and to Google Cloud, against their simulations."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from fake_aws import FakePace
from nephoscope.clouds.azure.addresses import addresses_of
from nephoscope.clouds.azure.engine import open_account as open_subscription
from nephoscope.clouds.doors import Entry
from nephoscope.clouds.gcp.engine import open_account as open_project
from nephoscope.errors import CloudError
from nephoscope.model.connectors import AzureAccess, AzureSignIn, GcpAccess, GcpSignIn
from nephoscope.simulation.azure.cloud import APPLICATION, FEDERATED, MACHINE, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.gcp import cloud as google
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud

OURS = ("AZURE_", "IDENTITY_", "MSI_", "GOOGLE_", "CLOUDSDK_")


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureCloud]:
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    with AzureCloud() as cloud:
        yield cloud


@pytest.fixture
def gcp(azure: AzureCloud) -> Iterator[GcpCloud]:  # noqa: ARG001 - clears the environment
    with GcpCloud() as cloud:
        yield cloud


def enters(azure: AzureCloud, sign_in: AzureSignIn, secret: str = "", **more: str) -> bool:
    known = {"tenant_id": TENANT, "application_id": APPLICATION, **more}
    access = AzureAccess(sign_in=sign_in, endpoint_url=azure.endpoint_url, **known)
    with closing(open_subscription(Entry(access, SUBSCRIPTION, secret), pace=FakePace().pace)) as account:
        return account.account_id == SUBSCRIPTION


def certificate(azure: AzureCloud) -> str:
    """With its key, in PEM; the tenant knows it."""
    key = rsa.generate_private_key(65_537, 2_048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nephoscope")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1)).sign(
        key, hashes.SHA256()
    )
    azure.certificate = key.public_key()
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return (private + made.public_bytes(serialization.Encoding.PEM)).decode()


def test_a_secret(azure: AzureCloud) -> None:
    assert enters(azure, AzureSignIn.KEY, SECRET)


def test_a_certificate(azure: AzureCloud) -> None:
    assert enters(azure, AzureSignIn.CERTIFICATE, certificate(azure))


def test_a_certificate_that_nobody_knows_is_refused(azure: AzureCloud) -> None:
    mine = certificate(azure)
    certificate(azure)
    with pytest.raises(CloudError, match="AADSTS"):
        enters(azure, AzureSignIn.CERTIFICATE, mine)


def test_what_is_no_certificate_is_said_and_not_shown(azure: AzureCloud) -> None:
    with pytest.raises(CloudError) as caught:
        enters(azure, AzureSignIn.CERTIFICATE, "-----BEGIN NOTHING-----hush")
    assert "hush" not in caught.value.message


def test_the_identity_of_a_workload(azure: AzureCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(FEDERATED)
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
    assert enters(azure, AzureSignIn.WORKLOAD_IDENTITY)


def test_the_identity_of_a_machine(azure: AzureCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{azure.endpoint_url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", MACHINE)
    assert enters(azure, AzureSignIn.MANAGED_IDENTITY, application_id="")


def test_the_login_of_the_command_line(azure: AzureCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = {"accessToken": azure.new_token(), "expiresOn": "2099-01-01 00:00:00.000000", "expires_on": 4_070_908_800}
    script = tmp_path / "az"
    script.write_text(f"#!/bin/sh\necho '{json.dumps(told)}'\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")
    assert enters(azure, AzureSignIn.CLI)


def test_whatever_there_is_around(azure: AzureCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", APPLICATION), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"AZURE_{name}", value)
    assert enters(azure, AzureSignIn.AMBIENT)


def test_nothing_around_says_what_would_do(
    azure: AzureCloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{azure.endpoint_url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "of another machine")
    with pytest.raises(CloudError, match="az login"):
        enters(azure, AzureSignIn.AMBIENT)
    assert all(record.name.startswith("azure") for record in caplog.records)


@pytest.mark.parametrize(
    ("cloud", "end"),
    [("AzureCloud", ".com"), ("AzureUSGovernment", "usgovcloudapi.net"), ("AzureChinaCloud", "chinacloudapi.cn")],
)
def test_each_cloud_has_addresses_of_its_own(cloud: str, end: str) -> None:
    found = addresses_of(AzureAccess(cloud=cloud))
    assert found.manager.endswith(end)
    assert found.manager_audience == f"{found.manager}/.default"
    with pytest.raises(CloudError, match="AzureUSGovernment"):
        addresses_of(AzureAccess(cloud="AzureGermanCloud"))


# ---- Google Cloud


def opens(gcp: GcpCloud, sign_in: GcpSignIn, secret: str = "") -> bool:
    access = GcpAccess(sign_in=sign_in, endpoint_url=gcp.endpoint_url)
    with closing(open_project(Entry(access, PROJECT, secret), pace=FakePace().pace)) as account:
        return account.account_id == PROJECT


def test_a_key(gcp: GcpCloud) -> None:
    assert opens(gcp, GcpSignIn.KEY, gcp.key_file)


def federation(path: Path) -> str:
    pool = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q"
    told: dict[str, Any] = {
        "type": "external_account",
        "audience": pool,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(path)},
    }
    return json.dumps(told)


def test_the_federation_of_a_workload(gcp: GcpCloud, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(google.FEDERATED)
    assert opens(gcp, GcpSignIn.FEDERATION, federation(tmp_path / "token"))


def test_a_federation_that_is_refused_says_why(gcp: GcpCloud, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("another")
    with pytest.raises(CloudError, match="subject token"):
        opens(gcp, GcpSignIn.FEDERATION, federation(tmp_path / "token"))


def test_the_default_credentials_of_a_machine(gcp: GcpCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = json.loads(gcp.key_file) | {"token_uri": f"{gcp.endpoint_url}/oauth2/token"}
    (tmp_path / "key.json").write_text(json.dumps(key))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    assert opens(gcp, GcpSignIn.AMBIENT)
