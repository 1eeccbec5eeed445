"""Which conditions confine a statement that names everybody to a known set of callers.

A condition confines when its operator is positive, its key cannot be chosen by a stranger, and every one of its
values is fixed. `…IfExists` and `ForAllValues:` do not: both are met by a request that lacks the key.
"""

import ipaddress
from collections.abc import Iterable

from nephoscope.controls.functions.statements import Condition, Policy, Statement

_IP_KEYS = frozenset({"aws:sourceip", "aws:vpcsourceip"})
_ARN_KEYS = frozenset(
    {
        "aws:principalarn",
        "aws:sourcearn",
        "aws:sourcevpcarn",
        "ec2:sourceinstancearn",
        "elasticfilesystem:accesspointarn",
        "s3:dataaccesspointarn",
    }
)
_TRUE_KEYS = frozenset({"aws:principalisawsservice", "elasticfilesystem:accessedviamounttarget"})
_NAME_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "kms:calleraccount",
        "lambda:eventsourcetoken",
        "s3:dataaccesspointaccount",
    }
)
ORGANIZATION_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths"})

_POSITIVE = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"})
_NEGATIVE = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}
_WIDEST_V4 = 8
_WIDEST_V6 = 32
_FIXED_START = 8
"""Characters that must stand before the first wildcard of a name: an organization or role id, not just `o-`."""
_ACCOUNT_SEGMENT = 4
_ARN_SEGMENTS = 6


def is_confined(statement: Statement) -> bool:
    """Some condition narrows the callers of this statement to a fixed set."""
    return any(confines(condition) for condition in statement.conditions)


def confines(condition: Condition, keys: frozenset[str] | None = None) -> bool:
    """`keys` narrows the question to conditions on those keys."""
    if condition.is_optional or condition.quantifier == "forallvalues" or not condition.values:
        return False
    if keys is not None and condition.key not in keys:
        return False
    if condition.key in _TRUE_KEYS:
        return condition.operator == "bool" and condition.values == ("true",)
    return condition.operator in _POSITIVE and _all_fixed(condition.key, condition.values)


def is_undone(statement: Statement, policy: Policy) -> bool:
    """Another statement denies what this one allows, to everybody outside a fixed set."""
    return any(
        not other.allows and other.is_for_anyone and not other.not_principals and _spans(other, statement)
        for other in policy
        if all(_denies_strangers(condition) for condition in other.conditions)
    )


def _denies_strangers(condition: Condition) -> bool:
    if condition.quantifier == "foranyvalue" or not condition.values:
        return False
    if condition.key in _TRUE_KEYS or condition.key == "aws:viaawsservice":
        return condition.operator == "bool" and condition.values == ("false",)
    return condition.operator in _NEGATIVE and _all_fixed(condition.key, condition.values)


def _spans(wide: Statement, narrow: Statement) -> bool:
    """Every action and resource pattern of the one lies inside the other's."""
    actions = narrow.actions or ("*",)
    resources = narrow.resources if not narrow.not_resources else ("*",)
    return all(wide.covers_action(action) for action in actions) and all(
        wide.covers_resource(resource) for resource in resources
    )


def _all_fixed(key: str, values: Iterable[str]) -> bool:
    if key in _IP_KEYS:
        return all(_is_narrow_network(value) for value in values)
    if key in _ARN_KEYS:
        return all(_is_fixed_arn(value) for value in values)
    return key in _NAME_KEYS and all(_is_fixed_name(value) for value in values)


def _is_narrow_network(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (_WIDEST_V4 if network.version == 4 else _WIDEST_V6)  # noqa: PLR2004 - IPv4


def _is_fixed_arn(value: str) -> bool:
    """Names its account; or, where ARNs have none (buckets), the start of the resource."""
    segments = value.split(":", _ARN_SEGMENTS - 1)
    if len(segments) < _ARN_SEGMENTS or "${" in value:
        return False
    account, resource = segments[_ACCOUNT_SEGMENT], segments[-1]
    if account:
        return account.isalnum()
    return segments[2] == "s3" and resource[:1] not in {"*", "?", ""}


def _is_fixed_name(value: str) -> bool:
    if "${" in value:
        return False
    starts = [value.find(mark) for mark in "*?" if mark in value]
    return bool(value) and (not starts or min(starts) >= _FIXED_START)
