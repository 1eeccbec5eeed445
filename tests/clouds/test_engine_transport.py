"""Certificates, proxies, and one pool of connections."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fake_aws import ACCOUNT, FakeAws, fake_aws
from nephoscope.clouds.aws.engine import AwsAccount, open_account
from nephoscope.errors import CloudError
from nephoscope.model.connectors import AwsAccess

Enter = Callable[..., AwsAccount]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


@pytest.fixture
def secure(certificate: Path) -> Iterator[FakeAws]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with fake_aws(context) as fake:
        yield fake


def test_a_bundle_of_ones_own_is_trusted(secure: FakeAws, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    account = open_account(AwsAccess(endpoint_url=secure.url))
    assert account.account_id == ACCOUNT
    account.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: FakeAws) -> None:
    with pytest.raises(CloudError, match="certificate of sts in us-east-1 cannot be verified"):
        open_account(AwsAccess(endpoint_url=secure.url))
    assert secure.asks == []


def test_a_proxy_is_used_where_the_environment_names_one(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", aws.url)
    account = open_account(AwsAccess(endpoint_url="http://aws.test"))
    assert account.account_id == ACCOUNT
    account.close()


def test_connections_are_shared_by_all_services(aws: FakeAws, enter: Enter) -> None:
    account = enter(regions=())
    for _ in range(3):
        account.regions()
    assert [ask.service for ask in aws.asks] == ["sts", "ec2"]
    assert aws.connections == 1
