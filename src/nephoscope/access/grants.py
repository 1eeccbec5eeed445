"""Who was given what, and what one may give: nobody gives, changes or takes away more than he has himself, and the last
Manager stays.

These are for the transaction of whoever adds, changes or removes a user or an API client.
"""

from datetime import datetime

from nephoscope.access.built_in import BUILT_IN, MANAGER
from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, ConflictError, ForbiddenError
from nephoscope.kit.folding import fold
from nephoscope.model.identities import Grant, Identity, Permission, Principal, PrincipalKind, Reach, Role
from nephoscope.store import groups, locks, report_schedules, roles, tenant_settings
from nephoscope.store.session import Reader, Writer
from nephoscope.store.text import is_storable

NOTHING = frozenset({Permission.PORTAL})
"""What is left to whoever was given no role."""
LONGEST_PART = 256
MOST_PARTS = 1_000


def find_role(reader: Reader, name: str) -> Role | None:
    """One that the program ships or an own one, in any case."""
    return BUILT_IN.get(fold(name)) or roles.get(reader, name)


def identity_of(reader: Reader, who: Principal, shown_as: str = "") -> Identity:
    """`shown_as` is what the trail shows, the principal's own name when not given. Whoever was given nothing may do
    almost nothing and sees nothing."""
    name = shown_as or who.name
    grant = roles.grant_of(reader, who)
    role = find_role(reader, grant.role) if grant else None
    if grant is None or role is None:
        return Identity(name, NOTHING, Reach(), who)
    return Identity(name, role.permissions | NOTHING, grant.reach, who)


def give(writer: Writer, giver: Identity, who: Principal, grant: Grant, now: datetime) -> Grant:
    """In place of what `who` had before; answers it with the role as it is spelled. BadRequestError for an unknown role
    or a reach that will not do, ForbiddenError for more than the giver has or had by `who` already, ConflictError for
    the last Manager."""
    locks.lock_grants(writer)
    checked = check(writer, giver, grant)
    check_touch(writer, giver, who)
    if not _is_manager(checked):
        check_last_manager(writer, who)
    roles.put_grant(writer, who, checked)
    detail = {"role": checked.role, "reach": checked.reach}
    trail.record(writer, giver.name, f"{who.kind}.grant", who.name, detail, now)
    return checked


def take(writer: Writer, giver: Identity, who: Principal, now: datetime) -> None:
    """What `who` has, who stays without. ConflictError for the last Manager."""
    held = roles.grant_of(writer, who)
    if held is None:
        return
    locks.lock_grants(writer)
    check_last_manager(writer, who)
    roles.drop_grant(writer, who)
    trail.record(writer, giver.name, f"{who.kind}.take", who.name, {"role": held.role}, now)


def withdraw(writer: Writer, giver: Identity, who: Principal) -> None:
    """Before a principal is removed; the caller's own entry in the trail says so. Errors as of `give`."""
    locks.lock_grants(writer)
    check_touch(writer, giver, who)
    check_last_manager(writer, who)
    roles.drop_grant(writer, who)
    report_schedules.orphan(writer, who)
    if who.kind is PrincipalKind.USER:
        tenant_settings.forget_user(writer, who.name)


def check(reader: Reader, giver: Identity, grant: Grant) -> Grant:
    """Whether the giver may give this to anybody. See `give`."""
    role, problems = find_role(reader, grant.role), problems_of(reader, grant)
    if problems or role is None:
        raise BadRequestError("This cannot be given: " + "; ".join(problems) + ".", problems)
    if not role.permissions <= giver.permissions:
        missing = ", ".join(sorted(role.permissions - giver.permissions))
        raise ForbiddenError(f"Nobody gives more than he may himself; {role.name} also has: {missing}.")
    if not is_within(grant.reach, giver.reach):
        raise ForbiddenError("Nobody gives a larger reach than his own; name parts of yours.")
    return Grant(role.name, grant.reach)


def problems_of(reader: Reader, grant: Grant) -> list[str]:
    """What is wrong with it, whoever gives it."""
    role = find_role(reader, grant.role)
    return [*([] if role else [f"there is no role {grant.role[:80]!r}"]), *_problems_of_reach(reader, grant.reach)]


def check_touch(reader: Reader, giver: Identity, who: Principal) -> None:
    """Whether the giver may change, disable or remove `who`, or set their password. ForbiddenError when `who` may do
    more or sees more."""
    if roles.grant_of(reader, who) is None:
        return
    held = identity_of(reader, who)
    if not (held.permissions <= giver.permissions | NOTHING and is_within(held.reach, giver.reach)):
        raise ForbiddenError(
            f"{who.name[:80]!r} may do or sees more than you: this is for who may do and sees at least as much."
        )


def check_last_manager(writer: Writer, who: Principal) -> None:
    """Before `who` is removed, disabled or given something else. ConflictError when nobody would be left who may do
    everything."""
    if who.kind is not PrincipalKind.USER:
        return
    locks.lock_grants(writer)
    if roles.enabled_users_with(writer, MANAGER) == {who.name}:
        raise ConflictError(f"{who.name} is the last Manager who sees everything; make another one first.")


def is_within(inner: Reach | None, outer: Reach | None) -> bool:
    """Whether each part of one is named in the other."""
    if outer is None or inner is None:
        return outer is None
    return (
        inner.groups <= outer.groups
        and inner.accounts <= outer.accounts
        and {fold(name) for name in inner.tags} <= {fold(name) for name in outer.tags}
    )


def _is_manager(grant: Grant) -> bool:
    return grant.role == MANAGER and grant.reach is None


def _problems_of_reach(reader: Reader, reach: Reach | None) -> list[str]:
    if reach is None:
        return []
    values = [*reach.groups, *reach.accounts, *reach.tags]
    problems = [] if values else ["a reach names at least one group, account or tag; leave it out for everything"]
    if len(values) > MOST_PARTS:
        problems.append(f"a reach names at most {MOST_PARTS:,} groups, accounts and tags")
    wrong = [value for value in values if not 0 < len(value) <= LONGEST_PART or not is_storable(value)]
    if wrong:
        problems.append(f"{wrong[0][:40]!r} is no group, account or tag: 1 to {LONGEST_PART} characters are")
    known = {str(uuid) for uuid in groups.known(reader, reach.group_ids)}
    unknown = sorted(reach.groups - known)
    if unknown:
        problems.append(f"there is no group {', '.join(repr(text[:60]) for text in unknown[:20])}")
    return problems
