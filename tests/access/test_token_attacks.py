"""Tokens that somebody made up, changed or kept too long."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fresh_stores import open_fresh
from nephoscope.access.access import AccessControl
from nephoscope.access.keys import LIFETIME
from nephoscope.access.proofs import CHECKED_EVERY
from nephoscope.access.tokens import LONGEST
from nephoscope.errors import StoreError, UnauthenticatedError
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.identities import Identity, Permission
from nephoscope.store.session import Store
from quick_access import quick_access
from worlds import FakeClock

NAME, PASSWORD = "alice", "correct horse"
SEALER = KeyRing([b"k" * KEY_BYTES])


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_fresh()
    yield opened
    opened.close()


@pytest.fixture
def access(store: Store, clock: FakeClock) -> AccessControl:
    control = quick_access(store, clock, SEALER)
    control.ensure_admin(NAME, PASSWORD)
    return control


def issued(access: AccessControl) -> str:
    return access.issue(access.log_in(NAME, PASSWORD, "", ""), frozenset({Permission.PORTAL}))


def encoded(part: object) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    return (
        jwt.get_unverified_header(token),
        jwt.decode(token, options={"verify_signature": False}),
        token.rpartition(".")[2],
    )


def refused(access: AccessControl, token: str) -> None:
    with pytest.raises(UnauthenticatedError, match=r"^The token is not valid, or no longer\.$"):
        access.recall_token(token, "")


def resigned(access: AccessControl, **changes: object) -> str:
    """Signed with our own key, so that nothing but the claim is wrong. None takes a claim out."""
    _, claims, _ = parts(issued(access))
    signing = access.keys.signing()
    wanted = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(wanted, signing.private, algorithm="RS256", headers={"kid": signing.kid})


def test_ours_is_taken(access: AccessControl) -> None:
    assert access.recall_token(issued(access), "").principal.name == NAME
    assert access.recall_token(resigned(access), "").principal.name == NAME


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
def test_none_is_no_algorithm(access: AccessControl, name: str) -> None:
    header, claims, signature = parts(issued(access))
    head = encoded({**header, "alg": name})
    for end in ("", signature):
        refused(access, f"{head}.{encoded(claims)}.{end}")
    refused(access, f"{head}.{encoded(claims)}")


def test_the_public_key_is_no_shared_secret(access: AccessControl) -> None:
    header, claims, _ = parts(issued(access))
    (row,) = access.keys.good()
    (published,) = access.keys.jwks()["keys"]
    for secret in (row.public, row.public.strip(), published["n"], json.dumps(published)):
        for name, digest in (("HS256", sha256), ("RS256", sha256)):
            signed = f"{encoded({**header, 'alg': name})}.{encoded(claims)}"
            mac = hmac.new(secret.encode(), signed.encode(), digest).digest()
            refused(access, f"{signed}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_another_algorithm_of_the_same_key_is_refused(access: AccessControl, algorithm: str) -> None:
    _, claims, _ = parts(issued(access))
    signing = access.keys.signing()
    refused(access, jwt.encode(claims, signing.private, algorithm=algorithm, headers={"kid": signing.kid}))


def test_another_key_under_our_id_is_refused(access: AccessControl) -> None:
    header, claims, _ = parts(issued(access))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused(access, jwt.encode(claims, other, algorithm="RS256", headers={"kid": header["kid"]}))
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(other.public_key()))
    for more in ({"jwk": jwk}, {"jku": "http://127.0.0.1:9/jwks"}, {"x5u": "http://127.0.0.1:9/"}, {"crit": ["b64"]}):
        refused(access, jwt.encode(claims, other, algorithm="RS256", headers={"kid": header["kid"], **more}))


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "../../dev/null",
        "' OR 1=1 --",
        "x' UNION SELECT public FROM signing_keys --",
        "\0",
        "a" * 65,
        "%s",
        "kid\n",
        7,
        None,
        ["a"],
    ],
    ids=repr,
)
def test_a_key_id_is_only_looked_up(access: AccessControl, kid: object) -> None:
    header, claims, signature = parts(issued(access))
    refused(access, f"{encoded({**header, 'kid': kid})}.{encoded(claims)}.{signature}")
    without = {name: value for name, value in header.items() if name != "kid"}
    refused(access, f"{encoded(without)}.{encoded(claims)}.{signature}")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"exp": None},
        {"exp": 0},
        {"exp": 2**60},
        {"exp": -1},
        {"exp": True},
        {"iat": None},
        {"iat": 2**33},
        {"nbf": 2**33},
        {"nbf": "soon"},
        {"jti": None},
        {"jti": 7},
        {"sub": None},
        {"sub": "nobody"},
        {"kind": "client"},
        {"kind": "root"},
        {"gen": "another"},
        {"gen": None},
    ],
    ids=str,
)
def test_a_claim_that_is_not_right_is_refused(access: AccessControl, changes: dict[str, object]) -> None:
    refused(access, resigned(access, **changes))


def test_a_token_for_longer_than_we_give_is_refused(access: AccessControl, clock: FakeClock) -> None:
    refused(access, resigned(access, exp=int(clock().timestamp()) + 5 * 3600))


def test_clocks_may_differ_a_little(access: AccessControl, clock: FakeClock) -> None:
    token = issued(access)
    clock.forward(seconds=-29)
    assert access.recall_token(token, "").principal.name == NAME
    clock.forward(seconds=-2)
    refused(quick_access(access._store, clock, SEALER), token)


def test_an_expired_token_is_refused_remembered_or_not(access: AccessControl, clock: FakeClock) -> None:
    token = issued(access)
    access.recall_token(token, "")
    clock.forward(seconds=LIFETIME.total_seconds())
    refused(access, token)
    refused(quick_access(access._store, clock, SEALER), token)


def test_a_signature_of_another_token_is_refused(access: AccessControl) -> None:
    one, other = issued(access), resigned(access, scopes=["users:write"])
    refused(access, ".".join([*other.split(".")[:2], one.split(".")[2]]))


@pytest.mark.parametrize("spoil", [lambda t: t[:-2], lambda t: t + "A", lambda t: t + ".", lambda t: t.swapcase()])
def test_a_changed_token_is_refused(access: AccessControl, spoil: Callable[[str], str]) -> None:
    refused(access, spoil(issued(access)))


def test_an_oversized_token_is_not_even_read(access: AccessControl) -> None:
    refused(access, resigned(access, more="x" * LONGEST))
    refused(access, "a" * 10_000_000)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_anything_else_is_refused(access: AccessControl, text: str) -> None:
    refused(access, text)
    refused(access, f"{encoded({'alg': 'RS256', 'kid': 'x'})}.{text}.{text}")


def test_revoking_ends_a_token_here_at_once_and_elsewhere_within_a_second(
    access: AccessControl, store: Store, clock: FakeClock
) -> None:
    other = quick_access(store, clock, SEALER)
    token, kept = issued(access), issued(access)
    for one in (access, other):
        one.recall_token(token, "")
    access.revoke(token, Identity(NAME), may_all=False)
    refused(access, token)
    clock.forward(seconds=CHECKED_EVERY.total_seconds())
    refused(other, token)
    assert other.recall_token(kept, "").principal.name == NAME


def test_a_replaced_key_is_good_until_its_last_token_has_expired(
    access: AccessControl, store: Store, clock: FakeClock
) -> None:
    other = quick_access(store, clock, SEALER)
    first = issued(access)
    old = access.keys.signing().kid
    access.rotate_keys("root", revokes=False)
    clock.forward(seconds=CHECKED_EVERY.total_seconds())
    assert other.keys.signing().kid == access.keys.signing().kid != old
    assert other.recall_token(first, "").principal.name == NAME
    clock.forward(hours=4, minutes=1)
    assert [row.kid for row in access.keys.good()] == [access.keys.signing().kid]
    access.rotate_keys("root", revokes=True)
    assert len(access.keys.good()) == 1


def test_a_key_that_has_grown_old_is_replaced_by_itself(access: AccessControl, clock: FakeClock) -> None:
    issued(access)
    old = access.keys.signing().kid
    clock.forward(days=90)
    assert access.keys.signing().kid != old
    assert {row.kid for row in access.keys.good()} > {old}


def test_private_keys_are_sealed_and_open_with_that_key_alone(
    access: AccessControl, store: Store, clock: FakeClock
) -> None:
    issued(access)
    (row,) = access.keys.good()
    assert row.private.startswith(b"\x01")
    with pytest.raises(StoreError):
        quick_access(store, clock, KeyRing([b"x" * KEY_BYTES])).keys.signing()
