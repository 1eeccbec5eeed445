"""Security Hub's standards. The hub itself is moto's."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nephoscope.simulation.aws.patches.types import Call, Operations


class SecurityHubStandards:
    def __init__(self) -> None:
        self._enabled: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)

    def operations(self) -> Operations:
        return {
            ("securityhub", "BatchEnableStandards"): self._enable,
            ("securityhub", "GetEnabledStandards"): self._list,
        }

    def _enable(self, call: Call) -> Mapping[str, Any]:
        for request in call.arguments["StandardsSubscriptionRequests"]:
            arn = str(request["StandardsArn"])
            name = arn.partition(":::")[2] or arn.partition("::")[2]
            subscription = f"arn:{call.partition}:securityhub:{call.region}:{call.account_id}:subscription/{name}"
            self._enabled[call.place][arn] = {
                "StandardsArn": arn,
                "StandardsSubscriptionArn": subscription,
                "StandardsInput": {},
                "StandardsStatus": "READY",
            }
        return self._list(call)

    def _list(self, call: Call) -> Mapping[str, Any]:
        return {"StandardsSubscriptions": list(self._enabled[call.place].values())}
