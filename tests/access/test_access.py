from collections.abc import Iterator

import pytest

from fresh_stores import open_fresh
from nephoscope.access.access import REMEMBERED_FOR, AccessControl
from nephoscope.access.proofs import CHECKED_EVERY
from nephoscope.errors import BadRequestError, ConflictError, UnauthenticatedError
from nephoscope.model.identities import Identity
from nephoscope.model.users import User
from nephoscope.store import users
from nephoscope.store.session import Store
from worlds import FakeClock

NAME, PASSWORD = "alice", "correct horse"


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_fresh()
    yield opened
    opened.close()


@pytest.fixture
def access(store: Store, clock: FakeClock) -> AccessControl:
    control = AccessControl(store, clock)
    control.add_user(NAME, PASSWORD)
    return control


def stored(store: Store, name: str = NAME) -> User:
    with store.read() as reader:
        found = users.get(reader, name)
    assert found is not None
    return found


def put(store: Store, user: User) -> None:
    with store.write() as writer:
        users.put(writer, user)


def test_a_user_gets_in_with_the_password(access: AccessControl) -> None:
    assert access.authenticate(NAME, PASSWORD).principal.name == NAME


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (NAME, "wrong horse"),
        (NAME, ""),
        (NAME, "short"),
        (NAME, "x" * 5000),
        (NAME, PASSWORD + "\0"),
        (NAME, "\ud800 surrogate"),
        ("bob", PASSWORD),
        ("", ""),
        ("ali\0ce", PASSWORD),
        ("ALICE", PASSWORD),
    ],
)
def test_everything_else_is_refused_in_the_same_words(access: AccessControl, name: str, password: str) -> None:
    with pytest.raises(UnauthenticatedError, match=r"^The user name or the password is wrong\.$"):
        access.authenticate(name, password)


def test_the_hash_is_argon2id_and_no_password_is_stored(access: AccessControl, store: Store) -> None:
    assert access is not None
    assert stored(store).password_hash.startswith("$argon2id$")
    assert PASSWORD not in repr(stored(store))


def test_a_disabled_user_is_refused(access: AccessControl, store: Store) -> None:
    user = stored(store)
    put(store, User(user.name, user.password_hash, user.created_on, is_disabled=True))
    with pytest.raises(UnauthenticatedError):
        access.authenticate(NAME, PASSWORD)
    assert access.recall(NAME, PASSWORD) is None


def test_a_verified_password_is_remembered_for_a_while_only(access: AccessControl, clock: FakeClock) -> None:
    assert access.recall(NAME, PASSWORD) is None
    access.authenticate(NAME, PASSWORD)
    assert access.recall(NAME, PASSWORD) is not None
    clock.forward(seconds=REMEMBERED_FOR.total_seconds() - 1)
    assert access.recall(NAME, PASSWORD) is not None
    clock.forward(seconds=1)
    assert access.recall(NAME, PASSWORD) is None


def test_a_wrong_password_is_not_remembered(access: AccessControl) -> None:
    with pytest.raises(UnauthenticatedError):
        access.authenticate(NAME, "wrong horse")
    assert access.recall(NAME, "wrong horse") is None


def test_memory_tells_name_and_password_apart(access: AccessControl) -> None:
    access.add_user("al", "ice-tea and lemon")
    access.authenticate("al", "ice-tea and lemon")
    assert access.recall("alice-", "tea and lemon") is None
    assert access.recall("alice", "-tea and lemon") is None


def test_a_change_counts_at_once_here_and_within_a_second_elsewhere(
    access: AccessControl, store: Store, clock: FakeClock
) -> None:
    other = AccessControl(store, clock)
    for one in (access, other):
        one.authenticate(NAME, PASSWORD)
    access.accounts.set_password(NAME, "another good one", Identity.local(), must_change=False)
    assert access.recall(NAME, PASSWORD) is None
    clock.forward(seconds=CHECKED_EVERY.total_seconds())
    assert other.recall(NAME, PASSWORD) is None
    with pytest.raises(UnauthenticatedError):
        access.authenticate(NAME, PASSWORD)
    assert access.authenticate(NAME, "another good one").principal.name == NAME


def test_an_unreadable_hash_lets_nobody_in(access: AccessControl, store: Store, clock: FakeClock) -> None:
    put(store, User("eve", "not a hash", clock()))
    with pytest.raises(UnauthenticatedError):
        access.authenticate("eve", "not a hash")


def test_a_name_is_taken_once(access: AccessControl) -> None:
    with pytest.raises(ConflictError, match="alice"):
        access.add_user(NAME, "some other password")
    assert access.authenticate(NAME, PASSWORD).principal.name == NAME


@pytest.mark.parametrize(
    ("name", "password", "problems"),
    [
        ("", "long enough really", 1),
        ("a:b", "long enough really", 1),
        (" padded", "long enough really", 1),
        ("new\nline", "long enough really", 1),
        ("n" * 129, "long enough really", 1),
        ("bob", "short", 1),
        ("bob", "elevenchars", 1),
        ("bob", "Password1234!", 1),
        ("bob", "qwertyuiop[]", 1),
        ("robert", "robert-robert", 1),
        ("a/b", "long enough really", 1),
        ("bob", "\N{SNOWMAN}" * 342, 1),
        ("bob", "lone \ud800 half", 1),
        ("a:b", "short", 2),
    ],
)
def test_unfit_names_and_passwords_are_all_named(
    access: AccessControl, name: str, password: str, problems: int
) -> None:
    with pytest.raises(BadRequestError) as refused:
        access.add_user(name, password)
    assert len(refused.value.problems) == problems


@pytest.mark.parametrize("password", ["\N{SNOWMAN} three words", "xyz-" + "pq" * 510, "with : colons"])
def test_fit_passwords_are_accepted(access: AccessControl, password: str) -> None:
    access.add_user("bob", password)
    assert access.authenticate("bob", password).principal.name == "bob"


def test_the_first_admin_is_made_once(store: Store, clock: FakeClock) -> None:
    access = AccessControl(store, clock)
    generated = access.ensure_admin("admin", "")
    assert generated is not None
    assert len(generated) >= 20
    assert access.authenticate("admin", generated).principal.name == "admin"
    assert access.ensure_admin("admin", "") is None
    assert access.ensure_admin("other", "given password") is None


def test_a_given_admin_password_is_not_echoed(store: Store, clock: FakeClock) -> None:
    access = AccessControl(store, clock)
    assert access.ensure_admin("admin", "given password") is None
    assert access.authenticate("admin", "given password").principal.name == "admin"


def test_an_unfit_admin_password_is_refused(store: Store, clock: FakeClock) -> None:
    with pytest.raises(BadRequestError):
        AccessControl(store, clock).ensure_admin("admin", "short")
