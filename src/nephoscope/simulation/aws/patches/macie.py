"""Macie's look at all buckets by itself, per region, and its jobs (there are none)."""

from collections.abc import Mapping
from typing import Any

from nephoscope.simulation.aws.patches.types import Call, Operations


class Macie:
    def __init__(self) -> None:
        self._status: dict[tuple[str, str], str] = {}

    def operations(self) -> Operations:
        return {
            ("macie2", "UpdateAutomatedDiscoveryConfiguration"): self._update,
            ("macie2", "GetAutomatedDiscoveryConfiguration"): self._get,
            ("macie2", "ListClassificationJobs"): lambda _call: {"items": []},
        }

    def _update(self, call: Call) -> Mapping[str, Any]:
        self._status[call.place] = call.arguments["status"]
        return {}

    def _get(self, call: Call) -> Mapping[str, Any]:
        return {"status": self._status.get(call.place, "DISABLED"), "autoEnableOrganizationMembers": "NONE"}
