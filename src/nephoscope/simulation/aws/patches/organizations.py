"""What Organizations and IAM keep for a whole organization: central care for root users, the delegation policy."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nephoscope.simulation.aws.answering import RefusalError
from nephoscope.simulation.aws.patches.types import Call, Operation, Operations

_FEATURES = {
    "EnableOrganizationsRootCredentialsManagement": "RootCredentialsManagement",
    "EnableOrganizationsRootSessions": "RootSessions",
}


class Organizations:
    def __init__(self) -> None:
        self._features: dict[str, list[str]] = defaultdict(list)
        self._policies: dict[str, str] = {}

    def operations(self) -> Operations:
        return {
            **{("iam", name): self._enabler(feature) for name, feature in _FEATURES.items()},
            ("iam", "ListOrganizationsFeatures"): self._list_features,
            ("organizations", "PutResourcePolicy"): self._put_policy,
            ("organizations", "DescribeResourcePolicy"): self._get_policy,
        }

    def _enabler(self, feature: str) -> Operation:
        def enable(call: Call) -> Mapping[str, Any]:
            self._features[call.account_id].append(feature)
            return self._list_features(call)

        return enable

    def _list_features(self, call: Call) -> Mapping[str, Any]:
        return {"EnabledFeatures": self._features[call.account_id]}

    def _put_policy(self, call: Call) -> Mapping[str, Any]:
        self._policies[call.account_id] = str(call.arguments["Content"])
        return self._get_policy(call)

    def _get_policy(self, call: Call) -> Mapping[str, Any]:
        content = self._policies.get(call.account_id)
        if content is None:
            raise RefusalError("ResourcePolicyNotFoundException", "There is no resource policy.")
        name = f"arn:aws:organizations::{call.account_id}:resourcepolicy/o-simulated/rp-simulated"
        return {"ResourcePolicy": {"ResourcePolicySummary": {"Id": "rp-simulated", "Arn": name}, "Content": content}}
