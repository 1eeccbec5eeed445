"""What the audit trail says of a decision: the exception as it was decided, so that a deleted one can still be read."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from nephoscope.kit.dates import compact
from nephoscope.model.exceptions import ExemptResource, PolicyException

_LISTED = 1_000


def detail_of(exception: PolicyException) -> dict[str, Any]:
    """Whole, but for a long list of resources: of that the first ones, their number and a hash of all."""
    return {
        "name": exception.name,
        "provider": exception.provider,
        "scope": exception.scope,
        "reason": exception.reason,
        "explanation": exception.explanation,
        "starts": compact(exception.starts),
        "ends": compact(exception.ends),
        "controlIds": list(exception.control_ids),
        "resources": _listed(exception.resources),
        "accountIds": list(exception.account_ids),
        "resourceTagNames": list(exception.resource_tags),
        "connectorTagNames": list(exception.connector_tags),
        "isAllConnector": exception.is_for_all_connectors,
        "informationSecurityPolicy": exception.security_policy,
        "informationSecurityProcedure": exception.security_procedure,
        "approval": exception.approval,
        "createdBy": exception.created_by,
    }


def _listed(resources: Sequence[ExemptResource]) -> Any:
    if len(resources) <= _LISTED:
        return [msgspec.to_builtins(one) for one in resources]
    ordered = sorted(msgspec.structs.astuple(one) for one in resources)
    return {
        "count": len(ordered),
        "sha256": sha256(msgspec.json.encode(ordered)).hexdigest(),
        "first": [msgspec.to_builtins(one) for one in resources[:_LISTED]],
    }
