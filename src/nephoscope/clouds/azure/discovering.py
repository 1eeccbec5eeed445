"""Which subscriptions there are: all that an identity sees in its tenant, or those below a management group."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from nephoscope.clouds.azure.addresses import addresses_of
from nephoscope.clouds.azure.answers import AzureDialect
from nephoscope.clouds.azure.calling import Subscription
from nephoscope.clouds.azure.signing import tokens_of
from nephoscope.clouds.collecting import Raw
from nephoscope.clouds.doors import Account, Entry
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.clouds.rest.desk import Desk
from nephoscope.clouds.rest.http import Http
from nephoscope.errors import CloudError
from nephoscope.model.connectors import AzureAccess

_SUBSCRIPTIONS, _GROUPS = "2022-12-01", "2020-05-01"
_ACTIVE = frozenset({"Enabled", "Warned", "PastDue"})


def discover(entry: Entry, within: str, *, pace: Pace | None = None) -> tuple[Account, ...]:
    """Subscriptions that can be read, in order of id. `within` is a management group's id, or empty for the whole
    tenant. CloudError when they cannot be listed: a list that is cut short would make accounts disappear."""
    if not isinstance(entry.access, AzureAccess):
        raise CloudError("Subscriptions cannot be listed with the credentials of another cloud.")
    limits = Limits()
    addresses, http = addresses_of(entry.access), Http(limits)
    tokens = tokens_of(entry.access, entry.secret, addresses)
    desk = Desk(http, Lanes(limits, pace or Pace()), tokens, AzureDialect())
    tenant = Subscription(desk, addresses, "", ())
    try:
        rows = _seen(tenant) if not within else _below(tenant, within)
        return tuple(sorted(rows, key=lambda row: row.account_id))
    except (LookupError, TypeError, AttributeError):
        raise CloudError("The list of subscriptions cannot be understood.") from None
    finally:
        http.close()


def _seen(tenant: Subscription) -> Iterator[Account]:
    first = tenant.manager("GET", "/subscriptions", _SUBSCRIPTIONS)
    return _named(tenant.pages(first, _uncounted, "nextLink"))


def _below(tenant: Subscription, group: str) -> Iterator[Account]:
    """What the identity cannot read is no subscription that can be connected; it is left to the group's own list."""
    path = f"/providers/Microsoft.Management/managementGroups/{quote(group, safe='')}/descendants"
    rows = tenant.pages(tenant.manager("GET", path, _GROUPS), _uncounted, "nextLink")
    inside = {str(row["name"]).lower() for row in rows if str(row["type"]).lower().endswith("/subscriptions")}
    return (account for account in _seen(tenant) if account.account_id in inside)


def _named(rows: Iterable[Raw]) -> Iterator[Account]:
    for row in rows:
        if row.get("state", "Enabled") in _ACTIVE:
            yield Account(str(row["subscriptionId"]).lower(), str(row.get("displayName") or row["subscriptionId"]))


def _uncounted() -> None:
    """These calls belong to no scope."""
