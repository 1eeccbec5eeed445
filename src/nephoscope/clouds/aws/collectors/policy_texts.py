"""Policy documents as resources keep them: compact JSON text, whatever botocore made of the answer."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from nephoscope.clouds.aws.collecting import Raw


def policy_text(document: Any) -> str | None:
    """JSON text of a document that botocore decoded, or that came URL-encoded. Null stays null."""
    if document is None:
        return None
    if isinstance(document, str):
        return unquote(document) if document.startswith("%") else document
    return json.dumps(document, separators=(",", ":"))


def trust_text(document: Any) -> str | None:
    """The same, with its statements always in a list, as readers of trust policies expect them."""
    if not isinstance(document, Mapping) or isinstance(document.get("Statement"), list):
        return policy_text(document)
    return policy_text({**document, "Statement": [document["Statement"]] if "Statement" in document else []})


def inline_policies(raw: Iterable[Raw] | None) -> list[dict[str, Any]]:
    """`[{PolicyName, PolicyDocument}]`."""
    return [
        {"PolicyName": row["PolicyName"], "PolicyDocument": policy_text(row.get("PolicyDocument"))} for row in raw or ()
    ]


def attached_policies(raw: Iterable[Raw] | None) -> list[dict[str, Any]]:
    """`[{PolicyArn, PolicyName}]`."""
    return [{"PolicyArn": row["PolicyArn"], "PolicyName": row["PolicyName"]} for row in raw or ()]


_KINDS = {"Service": "AWS Service", "AWS": "AWS Account", "Federated": "Federated", "CanonicalUser": "Canonical User"}


def trusted_entities(document: Any) -> dict[str, list[str]]:
    """Who may assume a role, by kind: `{"AWS Service": ["ec2"], "AWS Account": ["arn:…"]}`."""
    found: dict[str, set[str]] = {}
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for row in statements if isinstance(statements, list) else [statements]:
        principal = row.get("Principal") if isinstance(row, Mapping) and row.get("Effect") == "Allow" else None
        named = {"AWS": principal} if isinstance(principal, str) else principal or {}
        for kind, values in named.items():
            texts = values if isinstance(values, list) else [values]
            found.setdefault(_KINDS.get(kind, kind), set()).update(_entity(kind, str(text)) for text in texts)
    return {kind: sorted(found[kind]) for kind in sorted(found)}


def _entity(kind: str, name: str) -> str:
    """`ec2.amazonaws.com` → `ec2`."""
    return name.partition(".amazonaws.com")[0] if kind == "Service" else name
