"""Expression functions over policy documents: who is let in, what is allowed, what is denied.

Every function takes a document in any of its shapes (see `statements`). A null document is a policy that does not
exist: it grants nothing and denies nothing. A text that is no policy is judged by its worst reading.
"""

from collections.abc import Callable, Iterable
from typing import Any

from nephoscope.controls.functions.conditions import ORGANIZATION_KEYS, confines, is_confined, is_undone
from nephoscope.controls.functions.federation import is_open_federation
from nephoscope.controls.functions.statements import Policy, Statement, read_policy
from nephoscope.controls.functions.table import Argument, Function

_ANY_ARN = frozenset({"arn", "aws", "aws-cn", "aws-us-gov", "*", ""})
_ARN_SEGMENTS = 6

_ESCALATIONS: tuple[tuple[str, ...], ...] = (
    ("iam:CreatePolicyVersion",),
    ("iam:SetDefaultPolicyVersion",),
    ("iam:CreateAccessKey",),
    ("iam:CreateLoginProfile",),
    ("iam:UpdateLoginProfile",),
    ("iam:AttachUserPolicy",),
    ("iam:AttachGroupPolicy",),
    ("iam:AttachRolePolicy",),
    ("iam:PutUserPolicy",),
    ("iam:PutGroupPolicy",),
    ("iam:PutRolePolicy",),
    ("iam:AddUserToGroup",),
    ("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"),
    ("iam:PassRole", "cloudformation:CreateStack"),
    ("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"),
    ("iam:PassRole", "ec2:RunInstances"),
    ("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    ("iam:PassRole", "glue:CreateDevEndpoint"),
    ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
    ("iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
)
"""Sets of actions, each of which lets a caller give itself more than it was given."""


def grants_public(value: Any) -> bool:
    """Somebody without any tie to the account may do something: a statement that names everybody (or everybody but
    a few), confined by no condition and undone by no other statement."""
    policy = read_policy(value)
    return policy is None or any(_is_public(statement, policy) for statement in policy)


def grants_public_actions(value: Any, actions: list[str]) -> bool:
    """The same, for at least one of the named actions."""
    policy = read_policy(value)
    return policy is None or any(
        _is_public(statement, policy) and _covers_any(statement, actions) for statement in policy
    )


def grants_outside(value: Any, accounts: list[str], actions: list[str]) -> bool:
    """A principal of an account that is not in `accounts`, or everybody, may do one of the actions (any action when
    none is named). Statements held to an organization do not count."""
    policy = read_policy(value)
    return policy is None or any(
        _reaches_outside(statement, policy, accounts) and (not actions or _covers_any(statement, actions))
        for statement in policy
    )


def trusts_outside_without_external_id(value: Any, accounts: list[str]) -> bool:
    """Another account may assume the role without presenting an external id."""
    policy = read_policy(value)
    return policy is None or any(
        _covers_any(statement, ["sts:AssumeRole"])
        and _reaches_outside(statement, policy, accounts)
        and not any(
            condition.key == "sts:externalid" and condition.operator.startswith("string") and not condition.is_optional
            for condition in statement.conditions
        )
        for statement in policy
    )


def trusts_open_federation(value: Any) -> bool:
    """A shared identity provider (GitHub, GitLab, Google, Cognito …) is trusted for all of its customers."""
    policy = read_policy(value)
    return policy is None or any(statement.allows and is_open_federation(statement) for statement in policy)


def allows_admin(value: Any) -> bool:
    """Every action, or every action of IAM and almost everything else, on every resource."""
    policy = read_policy(value)
    if policy is None:
        return True
    whole = [statement for statement in policy if _is_everything(statement)]
    return any(row.allows for row in whole) and all(row.allows or row.conditions for row in whole)


def allows_whole_service(value: Any) -> bool:
    """All actions of some service (`kms:*`) on all resources, without a condition."""
    policy = read_policy(value)
    return policy is None or any(
        statement.allows
        and not statement.conditions
        and any(_is_whole_service(action) for action in statement.actions)
        and _is_everywhere(statement, "")
        for statement in policy
    )


def allows_on_all(value: Any, actions: list[str]) -> bool:
    """One of the actions on all resources of its service, without a condition."""
    policy = read_policy(value)
    return policy is None or any(_allows_everywhere(policy, action) for action in actions)


def escalates(value: Any) -> bool:
    """The policy lets its holder reach permissions that it does not give, by a known way."""
    policy = read_policy(value)
    return policy is None or any(
        all(_allows_everywhere(policy, action) for action in actions) for actions in _ESCALATIONS
    )


def allows_action(value: Any, actions: list[str]) -> bool:
    """Some statement allows one of the actions, on whatever resource and condition."""
    policy = read_policy(value)
    return policy is not None and any(statement.allows and _covers_any(statement, actions) for statement in policy)


def denies_insecure_transport(value: Any, arn: str) -> bool:
    """Everybody is denied every action without TLS, on the resource and, for a bucket, on what is in it."""
    policy = read_policy(value) or ()
    denying = [statement for statement in policy if _denies_plain(statement)]
    wanted = (arn, f"{arn}/*") if arn.split(":")[2:3] == ["s3"] else (arn,)
    service = arn.split(":")[2] if arn.count(":") >= _ARN_SEGMENTS - 1 else "*"
    return all(
        any(statement.covers_action(f"{service}:*") and statement.covers_resource(resource) for statement in denying)
        for resource in wanted
    )


def _denies_plain(statement: Statement) -> bool:
    return (
        not statement.allows
        and statement.is_for_anyone
        and not statement.not_principals
        and len(statement.conditions) == 1
        and statement.conditions[0].operator == "bool"
        and statement.conditions[0].key == "aws:securetransport"
        and statement.conditions[0].values == ("false",)
    )


def _is_public(statement: Statement, policy: Policy) -> bool:
    return (
        statement.allows and statement.is_for_anyone and not is_confined(statement) and not is_undone(statement, policy)
    )


def _reaches_outside(statement: Statement, policy: Policy, accounts: list[str]) -> bool:
    if not statement.allows or any(confines(row, ORGANIZATION_KEYS) for row in statement.conditions):
        return False
    if statement.is_for_anyone:
        return _is_public(statement, policy)
    return any(_is_foreign(kind, name, accounts) for kind, name in statement.principals)


def _is_foreign(kind: str, name: str, accounts: list[str]) -> bool:
    """Principals of AWS itself (origin access identities) and ids of deleted principals have no account number."""
    if kind == "canonicaluser":
        return name not in accounts
    owner = name.split(":")[4] if name.startswith("arn:") and name.count(":") >= _ARN_SEGMENTS - 1 else name
    return kind == "aws" and owner.isdigit() and owner not in accounts


def _covers_any(statement: Statement, actions: Iterable[str]) -> bool:
    return any(statement.covers_action(str(action)) for action in actions)


def _is_whole_service(action: str) -> bool:
    return action.endswith("*") and action.rstrip("*")[-1:] in {"", ":"}


def _is_everything(statement: Statement) -> bool:
    """All actions, or all but some that leave IAM, on all resources. An exclusion of `iam:*` is no administrator."""
    if statement.not_actions:
        whole = statement.covers_action("iam:AttachRolePolicy") and statement.covers_action("iam:CreatePolicyVersion")
    else:
        whole = any(action and not action.strip("*:") for action in statement.actions)
    return whole and _is_everywhere(statement, "")


def _allows_everywhere(policy: Policy, action: str) -> bool:
    service = action.partition(":")[0].lower()
    allowed = any(
        row.allows and not row.conditions and row.covers_action(action) and _is_everywhere(row, service)
        for row in policy
    )
    return allowed and not any(
        not row.allows and not row.conditions and row.covers_action(action) and _is_everywhere(row, service)
        for row in policy
    )


def _is_everywhere(statement: Statement, service: str) -> bool:
    """Everything; or, when a service is named, everything of it in an account or of one kind (`key/*`)."""
    return bool(statement.not_resources) or any(_is_all(resource, service) for resource in statement.resources)


def _is_all(resource: str, service: str) -> bool:
    segments = resource.split(":", _ARN_SEGMENTS - 1)
    if resource.endswith("*") and all(segment in _ANY_ARN for segment in segments):
        return True
    if not service or len(segments) < _ARN_SEGMENTS or segments[2] not in {service, "*"}:
        return False
    kind, _, rest = segments[-1].partition("/")
    return segments[-1] == "*" or (rest == "*" and kind.replace("-", "").isalpha())


def _row(name: str, call: Callable[..., bool], *arguments: Argument) -> Function:
    return Function(name, (Argument.ANY, *arguments), "bool", call)


FUNCTIONS: tuple[Function, ...] = (
    _row("grantsPublic", grants_public),
    _row("grantsPublicActions", grants_public_actions, Argument.LIST),
    _row("grantsOutside", grants_outside, Argument.LIST, Argument.LIST),
    _row("trustsOutsideWithoutExternalId", trusts_outside_without_external_id, Argument.LIST),
    _row("trustsOpenFederation", trusts_open_federation),
    _row("allowsAdmin", allows_admin),
    _row("allowsWholeService", allows_whole_service),
    _row("allowsOnAll", allows_on_all, Argument.LIST),
    _row("allowsAction", allows_action, Argument.LIST),
    _row("escalates", escalates),
    _row("deniesInsecureTransport", denies_insecure_transport, Argument.STRING),
)
