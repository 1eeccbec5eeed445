"""What the audit trail says of a connector. External ids work like passwords and endpoints may hold one: of them it is
only said that they changed."""

from typing import Any

import msgspec

from nephoscope.model.connectors import Connector

_TOLD = frozenset({"role_arn", "application_id", "client_email", "impersonated"})
_HIDDEN = frozenset({"external_id", "endpoint_url"})


def told(connector: Connector) -> dict[str, Any]:
    """Which one it is."""
    return {
        "name": connector.name,
        "provider": connector.provider,
        "account_id": connector.account_id,
        **{name: value for name, value in msgspec.to_builtins(connector.access).items() if name in _TOLD},
    }


def changes(before: Connector, after: Connector) -> dict[str, Any]:
    """Field → what it was and what it is; of what people set, without what follows from it."""
    old, new = _facts(before), _facts(after)
    return {
        name: "changed" if name in _HIDDEN else {"from": old[name], "to": new[name]}
        for name in new
        if new[name] != old[name]
    }


def _facts(connector: Connector) -> dict[str, Any]:
    return {
        "name": connector.name,
        "description": connector.description,
        "polling_minutes": connector.polling_minutes,
        "is_disabled": connector.is_disabled,
        "is_portal_connector": connector.is_portal_connector,
        **msgspec.to_builtins(connector.access),
    }
