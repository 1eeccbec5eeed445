"""Identity providers that many customers share, and whether a trust policy is open to all of them."""

from nephoscope.controls.functions.statements import Condition, Statement

_ANY_AUDIENCE = frozenset({"aud", "sub", "app_id", "user_id", "amr"})
_CLAIMS = {
    "token.actions.githubusercontent.com": frozenset(
        {
            "sub",
            "repository",
            "repository_id",
            "repository_owner",
            "repository_owner_id",
            "job_workflow_ref",
        }
    ),
    "gitlab.com": frozenset({"sub", "project_path", "namespace_path", "project_id", "namespace_id"}),
    "app.terraform.io": frozenset({"sub", "terraform_organization_id", "terraform_workspace_id"}),
    "agent.buildkite.com": frozenset({"sub", "organization_id", "organization_slug"}),
    "accounts.google.com": _ANY_AUDIENCE,
    "cognito-identity.amazonaws.com": frozenset({"aud", "sub"}),
    "graph.facebook.com": _ANY_AUDIENCE,
    "www.amazon.com": _ANY_AUDIENCE,
}
"""Shared issuers, and the claims that tell one customer from another there."""

_TELLING = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})


def is_open_federation(statement: Statement) -> bool:
    """A shared issuer is trusted and no condition holds it to known customers."""
    issuers = [name.rpartition("oidc-provider/")[2] for kind, name in statement.principals if kind == "federated"]
    return any(issuer in _CLAIMS and not _is_held(issuer, statement) for issuer in issuers)


def _is_held(issuer: str, statement: Statement) -> bool:
    keys = {f"{issuer}:{claim}" for claim in _CLAIMS[issuer]}
    return any(condition.key in keys and _names_somebody(condition) for condition in statement.conditions)


def _names_somebody(condition: Condition) -> bool:
    """Subjects read `repo:owner/name:…`: what follows the first colon must not begin with a wildcard."""
    if condition.is_optional or condition.quantifier == "forallvalues" or condition.operator not in _TELLING:
        return False
    names = [value.partition(":")[2] or value for value in condition.values]
    return bool(names) and all(name[0] not in "*?" for name in names)
