"""Roles, what was given to whom, and what one may give; on both databases."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.access import grants
from nephoscope.access.access import AccessControl
from nephoscope.access.built_in import BUILT_IN
from nephoscope.access.grants import is_within
from nephoscope.access.roles import RoleDraft, Roles
from nephoscope.audit import trail
from nephoscope.audit.trail import Wanted
from nephoscope.connectors.groups import Groups
from nephoscope.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.identities import Grant, Identity, Permission, Principal, PrincipalKind, Reach
from nephoscope.store import tenant_settings
from nephoscope.store.session import Store, open_store
from quick_access import quick_access
from worlds import FakeClock

LOCAL = Identity.local()
TAGGING = frozenset({"tags:read", "tags:write"})
SHOP = Reach(accounts=frozenset({"111122223333"}))
PASSWORD = "correct horse battery"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def store(url: str, clock: FakeClock) -> Iterator[Store]:
    with closing(open_store(url, clock)) as opened:
        yield opened


@pytest.fixture
def roles(store: Store, clock: FakeClock) -> Roles:
    return Roles(store, clock)


@pytest.fixture
def access(store: Store, clock: FakeClock) -> AccessControl:
    made = quick_access(store, clock, KeyRing([b"k" * KEY_BYTES]))
    made.ensure_admin("admin", PASSWORD)
    return made


def tagger(roles: Roles, name: str = "Tagger") -> RoleDraft:
    draft = RoleDraft(name, TAGGING, "Keeps the tags.")
    roles.create(draft, LOCAL)
    return draft


def identity(*permissions: Permission, reach: Reach | None = None) -> Identity:
    return Identity("mo", frozenset(permissions) | grants.NOTHING, reach)


def test_own_roles_stand_behind_the_shipped_ones(roles: Roles) -> None:
    tagger(roles)
    names = [role.name for role in roles.list()]
    assert names == ["Manager", "Analyst", "Exception Manager", "Auditor", "Reader", "Tagger"]
    found = roles.get("tAGGER")
    assert found.permissions == {Permission.TAGS_READ, Permission.TAGS_WRITE, Permission.PORTAL}
    assert (found.description, found.created_by, found.is_built_in) == ("Keeps the tags.", "local", False)
    assert roles.get("READER") == BUILT_IN["reader"]
    with pytest.raises(NotFoundError, match="There is no role 'Nobody'"):
        roles.get("Nobody")


def test_a_change_holds_for_whoever_has_the_role(roles: Roles) -> None:
    tagger(roles)
    bob = Principal.user("bob")
    roles.give(bob, Grant("tagger", SHOP), LOCAL)
    assert roles.identity(bob).may(Permission.TAGS_WRITE)
    changed = roles.change("Tagger", RoleDraft(name="Labels", permissions=frozenset({"tags:read"})), LOCAL)
    assert (changed.name, changed.description) == ("Labels", "Keeps the tags.")
    now = roles.identity(bob)
    assert now == Identity("bob", frozenset({Permission.TAGS_READ, Permission.PORTAL}), SHOP, Principal.user("bob"))
    assert roles.grants(PrincipalKind.USER)["bob"] == Grant("Labels", SHOP)
    with pytest.raises(ConflictError, match="is the role of 1"):
        roles.delete("Labels", LOCAL)
    roles.give(bob, Grant("Reader"), LOCAL)
    roles.delete("Labels", LOCAL)
    assert len(roles.list()) == len(BUILT_IN)


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (RoleDraft(), "name: 1 to 64"),
        (RoleDraft("a/b"), "name: 1 to 64"),
        (RoleDraft(" a"), "name: 1 to 64"),
        (RoleDraft("a\nb"), "name: 1 to 64"),
        (RoleDraft("x" * 65), "name: 1 to 64"),
        (RoleDraft("READER"), "name: Reader is a role that comes with the program"),
        (RoleDraft("A", frozenset({"tags:fly", "tags:read"})), "permissions: there is no 'tags:fly'; there are"),
        (RoleDraft("A", description="x" * 501), "description: at most 500"),
    ],
)
def test_what_is_wrong_with_a_role_is_named(roles: Roles, draft: RoleDraft, problem: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        roles.create(draft, LOCAL)
    assert any(found.startswith(problem) for found in caught.value.problems)


def test_names_of_roles_are_taken_in_any_case(roles: Roles) -> None:
    tagger(roles)
    tagger(roles, "Other")
    with pytest.raises(ConflictError, match="already a role named 'TAGGER'"):
        roles.create(RoleDraft("TAGGER"), LOCAL)
    with pytest.raises(ConflictError, match="already a role named 'other'"):
        roles.change("Tagger", RoleDraft("other"), LOCAL)
    roles.change("Tagger", RoleDraft("TAGGER"), LOCAL)


def test_shipped_roles_stay_as_they_are(roles: Roles) -> None:
    attempts: tuple[Callable[[], object], ...] = (
        lambda: roles.change("reader", RoleDraft("x"), LOCAL),
        lambda: roles.delete("Reader", LOCAL),
    )
    for attempt in attempts:
        with pytest.raises(ConflictError, match="Reader comes with the program"):
            attempt()


def test_nobody_makes_a_role_that_may_do_more(roles: Roles) -> None:
    tagger(roles)
    mo = identity(Permission.USERS_WRITE, Permission.TAGS_READ)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: roles.create(RoleDraft("Mine", TAGGING), mo),
        lambda: roles.change("Tagger", RoleDraft(permissions=frozenset({"tags:read"})), mo),
        lambda: roles.delete("Tagger", mo),
    )
    for attempt in attempts:
        with pytest.raises(ForbiddenError, match="tags:write"):
            attempt()
    roles.create(RoleDraft("Mine", frozenset({"tags:read"})), mo)


def test_nobody_gives_more_than_he_has(roles: Roles) -> None:
    tagger(roles)
    mo = identity(Permission.USERS_WRITE, Permission.TAGS_READ, Permission.TAGS_WRITE, reach=SHOP)
    bob = Principal.client(str(uuid4()))
    with pytest.raises(ForbiddenError, match="more than he may himself; Manager also has"):
        roles.give(bob, Grant("Manager", SHOP), mo)
    for reach in (
        None,
        Reach(accounts=frozenset({"444455556666"})),
        Reach(tags=frozenset({"a"}), accounts=SHOP.accounts),
    ):
        with pytest.raises(ForbiddenError, match="a larger reach than his own"):
            roles.give(bob, Grant("Tagger", reach), mo)
    assert roles.give(bob, Grant("TAGGER", SHOP), mo) == Grant("Tagger", SHOP)
    roles.give(bob, Grant("Tagger"), LOCAL)
    with pytest.raises(ForbiddenError, match="at least as much"):
        roles.give(bob, Grant("Tagger", SHOP), mo)


@pytest.mark.parametrize(
    ("grant", "problem"),
    [
        (Grant("Nobody"), "there is no role 'Nobody'"),
        (Grant("Reader", Reach()), "a reach names at least one"),
        (Grant("Reader", Reach(tags=frozenset({""}))), "'' is no group, account or tag"),
        (Grant("Reader", Reach(tags=frozenset({"a\0"}))), "'a\\x00' is no group"),
        (Grant("Reader", Reach(groups=frozenset({"Shops"}))), "there is no group 'Shops'"),
        (Grant("Reader", Reach(groups=frozenset({"6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2"}))), "there is no group"),
        (Grant("Reader", Reach(tags=frozenset(map(str, range(1_001))))), "a reach names at most 1,000"),
    ],
)
def test_what_cannot_be_given_is_named(roles: Roles, grant: Grant, problem: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        roles.give(Principal.user("bob"), grant, LOCAL)
    assert any(found.startswith(problem) for found in caught.value.problems)


def test_whoever_was_given_nothing_reaches_nothing(roles: Roles) -> None:
    assert roles.identity(Principal.user("bob"), "Bob") == Identity(
        "Bob", grants.NOTHING, Reach(), Principal.user("bob")
    )
    assert roles.identity(Principal.user("b\0b")).reach == Reach()


def test_users_and_clients_of_one_name_are_two(roles: Roles) -> None:
    roles.give(Principal.user("x"), Grant("Reader"), LOCAL)
    roles.give(Principal.client("x"), Grant("Auditor", SHOP), LOCAL)
    assert roles.grants(PrincipalKind.USER) == {"x": Grant("Reader")}
    assert roles.grants(PrincipalKind.CLIENT) == {"x": Grant("Auditor", SHOP)}


def test_another_process_is_heard_of_within_a_second(roles: Roles, store: Store, clock: FakeClock) -> None:
    bob, elsewhere = Principal.user("bob"), Roles(store, clock)
    assert not roles.identity(bob).may(Permission.TAGS_READ)
    elsewhere.give(bob, Grant("Reader"), LOCAL)
    clock.forward(seconds=1)
    assert roles.identity(bob).may(Permission.TAGS_READ)


def test_the_last_manager_stays(roles: Roles, access: AccessControl) -> None:
    admin = Principal.user("admin")
    access.add_user("bob", PASSWORD, grant=Grant("Manager", SHOP))
    roles.give(Principal.client("c"), Grant("Manager"), LOCAL)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: roles.give(admin, Grant("Reader"), LOCAL),
        lambda: roles.give(admin, Grant("Manager", SHOP), LOCAL),
        lambda: access.accounts.remove("admin", LOCAL),
        lambda: access.accounts.switch("admin", LOCAL, is_disabled=True),
    )
    for attempt in attempts:
        with pytest.raises(ConflictError, match="admin is the last Manager"):
            attempt()
    access.add_user("cleo", PASSWORD)
    roles.give(admin, Grant("Reader"), LOCAL)
    with pytest.raises(ConflictError, match="cleo is the last Manager"):
        access.accounts.remove("cleo", LOCAL)


def test_a_user_who_goes_leaves_nothing(roles: Roles, access: AccessControl, store: Store) -> None:
    access.add_user("bob", PASSWORD, grant=Grant("Reader", SHOP))
    with store.write() as writer:
        tenant_settings.set_for_user(writer, "bob", {"time_zone": "Asia/Kolkata"})
    access.accounts.remove("bob", LOCAL)
    assert set(roles.grants(PrincipalKind.USER)) == {"admin"}
    with store.read() as reader:
        assert tenant_settings.of_user(reader, "bob") == {}


def test_a_group_that_somebody_reaches_stays(roles: Roles, store: Store, clock: FakeClock) -> None:
    groups = Groups(store, clock)
    shops = groups.create("Shops")
    roles.give(Principal.user("bob"), Grant("Reader", Reach(groups=frozenset({str(shops.uuid)}))), LOCAL)
    with pytest.raises(ConflictError, match="1 users and API clients see this group"):
        groups.delete(shops.uuid)
    roles.give(Principal.user("bob"), Grant("Reader"), LOCAL)
    groups.delete(shops.uuid)
    assert groups.list(PageRequest(0, 10)).total == 0


def test_roles_and_grants_are_on_record(roles: Roles, store: Store) -> None:
    tagger(roles)
    roles.give(Principal.user("bob"), Grant("Tagger", SHOP), Identity("mo"))
    roles.give(Principal.user("bob"), Grant("Reader"), LOCAL)
    roles.delete("Tagger", LOCAL)
    with store.read() as reader:
        found = trail.page(reader, Wanted(), PageRequest(0, 10)).rows
        assert trail.verify(reader) is None
    assert [(row.who, row.action, row.subject) for row in reversed(found)] == [
        ("local", "role.create", "Tagger"),
        ("mo", "user.grant", "bob"),
        ("local", "user.grant", "bob"),
        ("local", "role.delete", "Tagger"),
    ]


_PARTS = st.frozensets(st.sampled_from("abc"), max_size=2)
_REACHES = st.none() | st.builds(Reach, _PARTS, _PARTS, _PARTS)


@given(one=_REACHES, two=_REACHES, three=_REACHES)
def test_within_is_an_order(one: Reach | None, two: Reach | None, three: Reach | None) -> None:
    assert is_within(one, one)
    assert is_within(one, None)
    if is_within(one, two) and is_within(two, three):
        assert is_within(one, three)
    if is_within(one, two) and is_within(two, one):
        assert one == two
