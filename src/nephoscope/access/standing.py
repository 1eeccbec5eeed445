"""Who somebody is now, of whom something was left to be done later: what they may do and see when it is done counts,
and not what they could when they asked for it."""

from datetime import datetime
from uuid import UUID

from nephoscope.access.grants import identity_of
from nephoscope.errors import ForbiddenError
from nephoscope.model.identities import Identity, Principal, PrincipalKind
from nephoscope.store import api_clients, users
from nephoscope.store.session import Reader


def standing(reader: Reader, who: Principal | None, shown_as: str, now: datetime) -> Identity:
    """`who` None is whoever has the machine. ForbiddenError for somebody who is no more, or may not come in."""
    if who is None:
        return Identity(shown_as)
    reason = _user_reason(reader, who.name) if who.kind is PrincipalKind.USER else _client_reason(reader, who.name, now)
    if reason:
        raise ForbiddenError(f"{shown_as}, who left this to be done, {reason}.")
    return identity_of(reader, who, shown_as)


def _user_reason(reader: Reader, name: str) -> str:
    found = users.standing(reader, name)
    if found is None:
        return "is no more"
    return "is disabled" if found.is_disabled else ""


def _client_reason(reader: Reader, client_id: str, now: datetime) -> str:
    found = api_clients.get(reader, UUID(client_id))
    if found is None:
        return "is no more"
    has_expired = found.expires_on is not None and found.expires_on <= now
    return "is disabled" if found.is_disabled else "has expired" if has_expired else ""
