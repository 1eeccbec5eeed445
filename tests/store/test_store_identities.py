"""Users, API clients, sessions, keys and revocations, on both databases; and the access room over each of them."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from nephoscope.access.clients import ClientDraft
from nephoscope.errors import ConflictError, UnauthenticatedError
from nephoscope.kit.pages import PageRequest
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.clients import ApiClient, ClientSecret
from nephoscope.model.identities import Grant, Identity, Permission
from nephoscope.model.sessions import Session, SigningKey
from nephoscope.model.users import User
from nephoscope.store import api_clients, proofs, users
from nephoscope.store.session import Store
from quick_access import quick_access
from store.store_world import START, hours

FULL = User(
    "zoë", "hash", START, True, True, "g", hours(1), b"sealed\x00", True, 7, "https://login.example", "u-1"  # noqa: FBT003 - all of it
)  # fmt: skip
CLIENT = ApiClient(
    uuid=uuid4(),
    name="Siem",
    created_by="root",
    created_on=START,
    generation="g",
    owner="zoë",
    description="what for",
    is_disabled=True,
    expires_on=hours(5),
    networks=("10.0.0.0/8", "2001:db8::/32"),
    last_used_on=hours(1),
    secrets=(ClientSecret("b" * 64, hours(1)), ClientSecret("a" * 64, START, hours(2), hours(1))),
)


def test_a_user_comes_back_as_it_was_stored(store: Store) -> None:
    with store.write() as writer:
        users.put(writer, FULL)
        users.put(writer, User("plain", "hash", START))
    with store.read() as reader:
        assert users.get(reader, "zoë") == FULL
        assert users.find_subject(reader, FULL.issuer, FULL.subject) == FULL
        assert users.find_subject(reader, "another", FULL.subject) is None
        assert users.find_subject(reader, "", "") is None
        assert users.standing(reader, "zoë") == ("g", True, True, True)
        assert users.standing(reader, "plain") == ("", False, False, False)
        assert users.standing(reader, "nobody") is None
        assert users.standing(reader, "\0") is None
        page = users.page(reader, PageRequest(1, 1))
        assert ([row.name for row in page.rows], page.total) == (["zoë"], 2)


def test_steps_and_recovery_codes_count_once(store: Store) -> None:
    with store.write() as writer:
        users.put(writer, FULL)
        users.put_recovery(writer, "zoë", ["b", "a", "a"])
        assert users.count_recovery(writer, "zoë") == 2
        assert [users.use_step(writer, "zoë", step) for step in (7, 8, 8, 6)] == [False, True, False, False]
        assert [users.use_recovery(writer, "zoë", code) for code in ("a", "a", "x")] == [True, False, False]
        assert not users.use_recovery(writer, "another", "b")
        users.delete(writer, "zoë")
        assert users.count_recovery(writer, "zoë") == 0


def test_a_client_comes_back_as_it_was_stored(store: Store) -> None:
    with store.write() as writer:
        made = api_clients.create(writer, CLIENT)
    with store.read() as reader:
        assert api_clients.get(reader, CLIENT.uuid) == made
        assert api_clients.find_name(reader, "sIEM") == made
        assert api_clients.owned_by(reader, "zoë") == (made,)
        assert api_clients.page(reader, PageRequest(0, 5), "nobody").total == 0
        assert api_clients.count(reader) == 1
    other = msgspec.structs.replace(CLIENT, uuid=uuid4(), name="SIEM", secrets=())
    with store.write() as writer:
        with pytest.raises(ConflictError):
            api_clients.create(writer, other)
        second = api_clients.create(writer, msgspec.structs.replace(other, name="two"))
        with pytest.raises(ConflictError):
            api_clients.change(writer, msgspec.structs.replace(second, name="siem"))
        api_clients.mark_used(writer, made, "b" * 64, hours(4))
        api_clients.delete(writer, second)
    with store.read() as reader:
        found = api_clients.get(reader, CLIENT.uuid)
        assert found is not None
        assert found.last_used_on == found.secrets[0].last_used_on == hours(4)
        assert found.secrets[1].last_used_on == hours(1)


def test_sessions_end_one_by_one_all_at_once_and_by_themselves(store: Store) -> None:
    def session(digest: str, name: str = "ann", ends: int = 12) -> Session:
        return Session(digest, name, "g", START, START, hours(ends), "192.0.2.1", "agent \ud800")

    with store.write() as writer:
        for one in (session("a"), session("b"), session("c", "bob"), session("d", ends=0)):
            proofs.add_session(writer, one)
        proofs.touch_session(writer, "a", hours(1))
        assert not proofs.end_session(writer, "bob", "a")
        assert proofs.end_session(writer, "ann", "b")
    with store.write() as writer:
        proofs.add_session(writer, session("e", "bob"))
        found = proofs.get_session(writer, "a")
        assert found is not None
        assert (found.seen_on, found.expires_on) == (hours(1), hours(12))
        assert proofs.get_session(writer, "d") is None
        assert proofs.end_sessions(writer, "bob") == 2
        assert [one.digest for one in proofs.sessions_of(writer, "ann")] == ["a"]


def test_keys_and_revocations(store: Store) -> None:
    with store.write() as writer:
        for name in ("k1", "k2"):
            proofs.retire_keys(writer, hours(4))
            proofs.add_key(writer, SigningKey(name, b"\x00sealed", "pem", START))
        assert {row.kid: row.expires_on for row in proofs.keys(writer)} == {"k1": hours(4), "k2": None}
        assert proofs.drop_keys(writer, hours(4)) == 1
        for _ in range(2):
            proofs.revoke_token(writer, "one", hours(4), START)
        assert proofs.is_revoked(writer, "one")
        assert not proofs.is_revoked(writer, "two' OR '1'='1")
        proofs.revoke_token(writer, "two", hours(9), hours(4))
        assert not proofs.is_revoked(writer, "one")


def test_the_whole_way_on_either_database(store: Store) -> None:
    now = [START]
    access = quick_access(store, lambda: now[0], KeyRing([b"k" * KEY_BYTES]))
    access.ensure_admin("root", "correct horse")
    root = Identity("root")
    token = access.issue(access.log_in("root", "correct horse", "", "192.0.2.1"), frozenset({Permission.PORTAL}))
    assert access.recall_token(token, "192.0.2.1").principal.name == "root"
    made = access.clients.create(ClientDraft("ci"), root, Grant("Reader"))
    proof = access.prove_client(str(made.client.uuid), made.secret, "192.0.2.1")
    held = access.issue(proof, frozenset())
    assert access.recall_token(held, "192.0.2.1").shown_as == "client:ci"
    begun = access.open_session("root", "correct horse", "", "192.0.2.1", "agent")
    assert access.read_session(begun.value).csrf == begun.csrf
    access.revoke(token, root, may_all=False)
    access.clients.switch(made.client.uuid, root, is_disabled=True)
    for gone in (token, held):
        with pytest.raises(UnauthenticatedError):
            access.recall_token(gone, "192.0.2.1")
    now[0] += timedelta(minutes=61)
    assert access.recall_session(begun.value) is None
    with pytest.raises(UnauthenticatedError):
        access.read_session(begun.value)
