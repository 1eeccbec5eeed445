"""What is verified beyond the shape: checksums, account numbers, expiry, encryption, owners."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from nephoscope.model.secrets import FoundSecret, KeyOwner, SecretNote, SecretSeverity
from nephoscope.secrets.aws_keys import account_of
from nephoscope.secrets.checks import crc36, crc62
from nephoscope.secrets.rules import ANYWHERE
from nephoscope.secrets.sampling import sample
from nephoscope.secrets.searching import Searcher
from secret_world import KEY, NOW, found_in, joined, now, one_in, rules_in

CRITICAL, HIGH, MEDIUM, LOW = SecretSeverity
USER = UUID(int=7)


def test_checksums_are_those_of_published_tokens() -> None:
    """Tokens that the makers print in their documentation, revoked since."""
    body, checksum = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"
    assert crc62(body.encode()).decode() == checksum
    github = one_in(joined("ghp", "_", body, checksum).encode())
    assert (github.rule, github.notes) == ("github-personal-token", (SecretNote.CHECKSUM,))
    grafana = one_in(joined("gl", "sa_yscW25imSKJIuav8zF37RZmnbiDvB05G", "_fcaaf58a").encode())
    assert (grafana.rule, grafana.notes) == ("grafana-service-account", (SecretNote.CHECKSUM,))


def test_a_checksum_one_digit_off_is_no_token() -> None:
    token = sample("<github:ghp_>").decode()
    assert not found_in((token[:-1] + ("0" if token[-1] != "0" else "1")).encode())
    routed = sample("<gitlab:glpat->").decode()
    assert rules_in(routed.encode()) == ["gitlab-routable-token"]
    assert not found_in((routed[:-1] + ("0" if routed[-1] != "0" else "1")).encode())


def test_numbers_are_spelled_with_leading_zeros() -> None:
    assert len(crc36(b"x")) == 7
    assert len(crc62(b"x")) == 6


@pytest.mark.parametrize(
    ("key_id", "account"),
    [(joined("ASIA", "Y34FZKBOKMUTVV7A"), "609629065308"), (joined("AKIA", "IOSFODNN7", "EXAMPLE"), "")],
)
def test_a_key_id_names_its_account_when_it_is_of_the_present_form(key_id: str, account: str) -> None:
    assert account_of(key_id) == account


def _key(seed: int = 0) -> str:
    return sample("AKIA<b32new:1><b32:15>", seed).decode()


def test_a_key_id_alone_is_low_and_beside_its_secret_it_is_not() -> None:
    alone = one_in(f"key_id: {_key()}\n".encode())
    assert (alone.severity, alone.notes, alone.owner) == (LOW, (SecretNote.ALONE,), None)
    assert alone.account == account_of(_key())
    id_, secret = found_in(
        f"[default]\naws_access_key_id={_key()}\n".encode() + sample("aws_secret_access_key=<b64:40>")
    )
    assert (id_.rule, id_.severity, id_.notes) == ("aws-access-key-id", HIGH, (SecretNote.PAIRED,))
    assert (secret.rule, secret.severity, secret.line) == ("aws-secret-access-key", CRITICAL, 3)
    assert secret.account == account_of(_key())


def test_a_secret_without_its_key_id_is_one_step_lower() -> None:
    assert one_in(sample("aws_secret_access_key=<b64:40>")).severity is HIGH


def test_temporary_keys_are_one_step_lower() -> None:
    text = sample("ASIA<b32new:1><b32:15> ") + sample("aws_secret_access_key=<b64:40>")
    assert [found.severity for found in found_in(text)] == [MEDIUM, CRITICAL]


def _with(owners: dict[str, KeyOwner], content: bytes) -> tuple[FoundSecret, ...]:
    return Searcher(KEY, now, lookup=owners.get).search_chunks(ANYWHERE, [content]).found


def test_keys_of_connected_accounts_are_raised_and_linked() -> None:
    owner = KeyOwner("111122223333", "deployer", is_active=True, user_uuid=USER)
    (alone,) = _with({_key(): owner}, _key().encode())
    assert (alone.severity, alone.notes) == (MEDIUM, (SecretNote.ALONE, SecretNote.LIVE))
    assert (alone.owner, alone.account) == (owner, "111122223333")
    pair = f"aws_access_key_id={_key()}\n".encode() + sample("aws_secret_access_key=<b64:40>")
    id_, secret = _with({_key(): owner}, pair)
    assert (id_.severity, secret.severity) == (CRITICAL, CRITICAL)
    assert secret.owner == owner


def test_keys_that_are_switched_off_are_low() -> None:
    owner = KeyOwner("111122223333", "deployer", is_active=False)
    pair = f"aws_access_key_id={_key()}\n".encode() + sample("aws_secret_access_key=<b64:40>")
    assert [found.severity for found in _with({_key(): owner}, pair)] == [LOW, LOW]
    assert all(SecretNote.INACTIVE in found.notes for found in _with({_key(): owner}, pair))
    other = _with({_key(1): owner}, pair)
    assert [found.severity for found in other] == [HIGH, CRITICAL]


@pytest.mark.parametrize(
    ("text", "rule", "severity", "notes"),
    [
        ("<jwt:fresh>", "json-web-token", MEDIUM, ()),
        ("<jwt:expired>", "json-web-token", LOW, (SecretNote.EXPIRED,)),
        (
            '<jwt:expired;"iss":"kubernetes/serviceaccount">',
            "kubernetes-service-account",
            LOW,
            (SecretNote.EXPIRED,),
        ),
        ("?sv=2024-11-04&se=2025-12-31&sr=c&sig=<alnum:43>%3D", "azure-sas-token", LOW, (SecretNote.EXPIRED,)),
        ("?sv=2024-11-04&se=2026-02-01&sr=c&sig=<alnum:43>%3D", "azure-sas-token", HIGH, ()),
        ("<pem:RSA PRIVATE KEY;encrypted>", "rsa-private-key", LOW, (SecretNote.ENCRYPTED,)),
        ("<pem:RSA PRIVATE KEY>", "rsa-private-key", HIGH, ()),
        ("<pem:ENCRYPTED PRIVATE KEY>", "encrypted-private-key", LOW, (SecretNote.ENCRYPTED,)),
        ("<openssh:none>", "openssh-private-key", HIGH, ()),
        ("<openssh:aes256-ctr>", "openssh-private-key", LOW, (SecretNote.ENCRYPTED,)),
    ],
)
def test_expired_and_encrypted_ones_are_lowered(
    text: str, rule: str, severity: SecretSeverity, notes: tuple[SecretNote, ...]
) -> None:
    found = one_in(sample(text))
    assert (found.rule, found.severity, found.notes) == (rule, severity, notes)


def _pem(key: ec.EllipticCurvePrivateKey, encryption: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def _certificate(key: ec.EllipticCurvePrivateKey, days: int) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "site.corp.net")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def test_the_key_of_an_expired_certificate_is_lowered_and_only_that() -> None:
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    expired = one_in(_certificate(key, -1) + _pem(key))
    assert (expired.severity, expired.notes) == (MEDIUM, (SecretNote.EXPIRED,))
    assert one_in(_pem(key) + _certificate(key, -1)).severity is MEDIUM
    assert one_in(_certificate(key, 1) + _pem(key)).severity is HIGH
    assert one_in(_certificate(other, -1) + _pem(key)).severity is HIGH
    assert one_in(_certificate(key, -1) + _certificate(key, 1) + _pem(key)).severity is HIGH


def test_the_key_of_a_kubeconfig_is_one_finding_and_lowered_with_its_certificate() -> None:
    key = ec.generate_private_key(ec.SECP256R1())

    def kubeconfig(days: int) -> bytes:
        certificate, private = base64.b64encode(_certificate(key, days)), base64.b64encode(_pem(key))
        lines = (
            b"users:",
            b"- user:",
            b"    client-certificate-data: " + certificate,
            b"    client-key-data: " + private,
        )
        return b"\n".join((*lines, b""))

    live, expired = one_in(kubeconfig(1)), one_in(kubeconfig(-1))
    assert (live.rule, live.severity, live.line, live.notes) == ("kubeconfig-client-key", CRITICAL, 4, ())
    assert (expired.rule, expired.severity) == ("kubeconfig-client-key", HIGH)
    assert live.digest == one_in(_pem(key)).digest


def test_real_keys_encrypted_by_openssl_are_known_as_such() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert one_in(_pem(key, BestAvailableEncryption(b"a password"))).notes == (SecretNote.ENCRYPTED,)


def test_one_key_has_one_digest_however_its_lines_end() -> None:
    pem = _pem(ec.generate_private_key(ec.SECP256R1()))
    spellings = (pem, pem.replace(b"\n", b"\r\n"), b'"' + pem.replace(b"\n", b"\\n") + b'"')
    assert len({one_in(text).digest for text in spellings}) == 1


def test_public_halves_are_no_secrets() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert not found_in(_certificate(key, 100))
    assert not found_in(sample("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ<b64:340> ops@host"))


def test_supabase_tokens_that_everybody_may_see_are_left_alone() -> None:
    assert not found_in(sample('anon=<jwt:fresh;"iss":"supabase","role":"anon">'))
    served = one_in(sample('<jwt:fresh;"iss":"supabase","role":"service_role">'))
    assert (served.rule, served.severity) == ("supabase-service-role", CRITICAL)
