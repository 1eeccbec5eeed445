"""IAM Access Analyzer: analyzers per region, and what they found."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nephoscope.simulation.aws.answering import RefusalError
from nephoscope.simulation.aws.patches.types import Call, Operations

_CREATED = "2025-03-04T09:12:44Z"


class AccessAnalyzer:
    def __init__(self) -> None:
        self._analyzers: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)

    def operations(self) -> Operations:
        return {
            ("accessanalyzer", "CreateAnalyzer"): self._create,
            ("accessanalyzer", "ListAnalyzers"): self._list,
            ("accessanalyzer", "GetAnalyzer"): self._get,
            ("accessanalyzer", "DeleteAnalyzer"): self._delete,
            ("accessanalyzer", "ListFindings"): lambda _call: {"findings": []},
            ("accessanalyzer", "ListFindingsV2"): lambda _call: {"findings": []},
        }

    def _create(self, call: Call) -> Mapping[str, Any]:
        name = str(call.arguments["analyzerName"])
        existing = self._analyzers[call.place]
        if name in existing:
            raise RefusalError("ConflictException", f"An analyzer named {name} exists.", 409)
        arn = f"arn:{call.partition}:access-analyzer:{call.region}:{call.account_id}:analyzer/{name}"
        existing[name] = {
            "arn": arn,
            "name": name,
            "type": call.arguments["type"],
            "createdAt": _CREATED,
            "status": "ACTIVE",
            "tags": dict(call.arguments.get("tags", {})),
        }
        return {"arn": arn}

    def _list(self, call: Call) -> Mapping[str, Any]:
        wanted = call.arguments.get("type")
        rows = self._analyzers[call.place].values()
        return {"analyzers": [row for row in rows if wanted in (None, row["type"])]}

    def _get(self, call: Call) -> Mapping[str, Any]:
        return {"analyzer": self._find(call)}

    def _delete(self, call: Call) -> Mapping[str, Any]:
        del self._analyzers[call.place][self._find(call)["name"]]
        return {}

    def _find(self, call: Call) -> dict[str, Any]:
        found = self._analyzers[call.place].get(str(call.arguments["analyzerName"]))
        if found is None:
            raise RefusalError("ResourceNotFoundException", "There is no such analyzer.", 404)
        return found
