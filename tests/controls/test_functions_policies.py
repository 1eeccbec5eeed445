"""Policy functions: hits and near misses."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.controls.functions import policies
from nephoscope.controls.functions.statements import LONGEST, matches, read_policy

HOME = "111122223333"
OTHER = "444455556666"
BUCKET = "arn:aws:s3:::shop"


def allow(**more: Any) -> dict[str, Any]:
    row = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*", **more}
    return {"Version": "2012-10-17", "Statement": [{key: value for key, value in row.items() if value is not None}]}


def both(*documents: dict[str, Any]) -> dict[str, Any]:
    return {"Statement": [row for document in documents for row in document["Statement"]]}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return allow(Condition={operator: {key: value}})


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    return allow(Principal=principal, Action="sts:AssumeRole", Resource=None, **more)


PUBLIC: dict[str, Any] = {
    "star": allow(),
    "aws star": allow(Principal={"AWS": "*"}),
    "star in a list": allow(Principal={"AWS": [f"arn:aws:iam::{OTHER}:root", "*"]}),
    "federated star": trust({"Federated": "*"}),
    "everybody but one": allow(Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{HOME}:root"}),
    "one statement, not a list": {"Statement": allow()["Statement"][0]},
    "wide network": when("IpAddress", "aws:SourceIp", ["10.1.0.0/16", "0.0.0.0/0"]),
    "half of the internet": when("IpAddress", "aws:SourceIp", "128.0.0.0/1"),
    "no network at all": when("IpAddress", "aws:SourceIp", "office"),
    "if exists": when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    "for all values": when("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    "any organization": when("StringLike", "aws:PrincipalOrgID", "o-*"),
    "a referer": when("StringLike", "aws:Referer", "https://example.org/*"),
    "somebody's own tag": when("StringEquals", "aws:PrincipalTag/team", "blue"),
    "own variable": when("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}"),
    "any account's role": when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Admin"),
    "any bucket": when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
    "only not some": when("StringNotEquals", "aws:SourceVpce", "vpce-1a2b3c4d"),
    "tls only": when("Bool", "aws:SecureTransport", "true"),
    "function url": when("StringEquals", "lambda:FunctionUrlAuthType", "NONE"),
    "no values": when("StringEquals", "aws:SourceAccount", []),
    "denied in part": both(allow(), allow(Effect="Deny", Action="s3:PutObject")),
    "denied elsewhere": both(allow(), allow(Effect="Deny", Action="*", Resource=f"{BUCKET}/private/*")),
    "denied on a whim": both(
        allow(), allow(Effect="Deny", Action="*", Condition={"StringNotEquals": {"aws:Referer": "https://a"}})
    ),
    "not a policy": "{",
    "too long": '{"Statement": [' + " " * LONGEST + "]}",
    "statements that are none": {"Statement": ["Allow"]},
}
PRIVATE: dict[str, Any] = {
    "none": None,
    "empty text": "",
    "no statements": {"Statement": []},
    "one account": allow(Principal={"AWS": f"arn:aws:iam::{HOME}:root"}),
    "service": allow(Principal={"Service": "cloudtrail.amazonaws.com"}),
    "deny": allow(Effect="Deny"),
    "identity policy": allow(Principal=None),
    "organization": when("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    "key in other case": when("StringEquals", "AWS:PrincipalOrgId", ["o-a1b2c3d4e5"]),
    "paths of an organization": when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*"),
    "owner, as topics have it": allow(Principal={"AWS": "*"}, Condition={"StringEquals": {"AWS:SourceOwner": HOME}}),
    "network": when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    "network of version 6": when("IpAddress", "aws:SourceIp", "2001:db8::/48"),
    "endpoint": when("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d"),
    "source": when("ArnLike", "aws:SourceArn", f"arn:aws:cloudfront::{HOME}:distribution/*"),
    "source bucket": when("ArnLike", "aws:SourceArn", "arn:aws:s3:::shop-*"),
    "role session": when("StringLike", "aws:userid", "AROAEXAMPLEID12345:*"),
    "mount target": when("Bool", "elasticfilesystem:AccessedViaMountTarget", "true"),
    "mount target, not in text": when("Bool", "elasticfilesystem:AccessedViaMountTarget", True),  # noqa: FBT003
    "one of two conditions": allow(
        Condition={"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"kms:CallerAccount": HOME}}
    ),
    "strangers denied": both(
        allow(),
        allow(
            Effect="Deny",
            Action="s3:*",
            Resource=[BUCKET, f"{BUCKET}/*"],
            Condition={
                "StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        ),
    ),
    "everything denied": both(allow(), allow(Effect="Deny", Action="*", Resource="*")),
}


@pytest.mark.parametrize("document", PUBLIC.values(), ids=PUBLIC)
def test_is_public(document: Any) -> None:
    assert policies.grants_public(document)


@pytest.mark.parametrize("document", PRIVATE.values(), ids=PRIVATE)
def test_is_not_public(document: Any) -> None:
    assert not policies.grants_public(document)


@pytest.mark.parametrize("spell", [json.dumps, lambda document: quote(json.dumps(document))], ids=["json", "url"])
def test_text_is_read_like_a_map(spell: Any) -> None:
    assert policies.grants_public(spell(allow()))
    assert not policies.grants_public(spell(allow(Principal={"AWS": HOME})))


def test_public_actions() -> None:
    document = both(allow(), allow(Principal={"AWS": HOME}, Action="s3:*"))
    assert policies.grants_public_actions(document, ["s3:PutObject", "s3:getobject"])
    assert not policies.grants_public_actions(document, ["s3:PutObject"])
    assert policies.grants_public_actions(allow(Action="s3:*"), ["s3:PutObject"])
    assert policies.grants_public_actions(allow(Action=None, NotAction="s3:DeleteBucket"), ["s3:PutObject"])
    assert not policies.grants_public_actions(allow(Action=None, NotAction="s3:Put*"), ["s3:PutObject"])


@pytest.mark.parametrize(
    ("document", "outside"),
    [
        (allow(Principal={"AWS": OTHER}), True),
        (allow(Principal={"AWS": [f"arn:aws:iam::{HOME}:root", f"arn:aws-cn:iam::{OTHER}:role/x"]}), True),
        (allow(), True),
        (allow(Principal={"CanonicalUser": "79a5"}), True),
        (allow(Principal={"CanonicalUser": "owner"}), False),
        (allow(Principal={"AWS": f"arn:aws:iam::{HOME}:user/x"}), False),
        (allow(Principal={"AWS": "AIDAEXAMPLEDELETEDUSER"}), False),
        (allow(Principal={"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}), False),
        (allow(Principal={"Service": "logging.s3.amazonaws.com"}), False),
        (allow(Principal={"AWS": OTHER}, Effect="Deny"), False),
        (allow(Principal={"AWS": OTHER}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}), False),
    ],
)
def test_grants_outside(document: Any, outside: bool) -> None:
    assert policies.grants_outside(document, [HOME, "owner"], []) is outside


def test_grants_outside_by_action() -> None:
    document = allow(Principal={"AWS": OTHER}, Action=["s3:Get*", "s3:PutBucketPolicy"])
    assert policies.grants_outside(document, [HOME], ["s3:PutBucketPolicy"])
    assert not policies.grants_outside(document, [HOME], ["s3:PutBucketAcl"])


@pytest.mark.parametrize(
    ("document", "open_"),
    [
        (trust({"AWS": OTHER}), True),
        (
            trust({"AWS": f"arn:aws:iam::{OTHER}:root"}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            True,
        ),
        (trust({"AWS": OTHER}, Condition={"StringEqualsIfExists": {"sts:ExternalId": "x"}}), True),
        (trust({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "x"}}), False),
        (trust({"AWS": OTHER}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}), False),
        (trust({"AWS": HOME}), False),
        (trust({"Service": "ec2.amazonaws.com"}), False),
    ],
)
def test_external_id(document: Any, open_: bool) -> None:
    assert policies.trusts_outside_without_external_id(document, [HOME]) is open_


GITHUB = "token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("issuer", "conditions", "open_"),
    [
        (f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}", {}, True),
        (f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}", {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, True),
        (f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}", {"StringLike": {f"{GITHUB}:sub": "repo:*"}}, True),
        (f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}", {"StringLike": {f"{GITHUB}:sub": ["repo:us/a:*", "*"]}}, True),
        (f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}", {"StringLike": {f"{GITHUB}:sub": "repo:us/*"}}, False),
        (f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}", {"StringNotLike": {f"{GITHUB}:sub": "repo:us/*"}}, True),
        ("cognito-identity.amazonaws.com", {}, True),
        (
            "cognito-identity.amazonaws.com",
            {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:12ab"}},
            False,
        ),
        (f"arn:aws:iam::{HOME}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB12", {}, False),
        (f"arn:aws:iam::{HOME}:saml-provider/okta", {}, False),
    ],
)
def test_federation(issuer: str, conditions: dict[str, Any], open_: bool) -> None:
    document = trust({"Federated": issuer}, Condition=conditions)
    assert policies.trusts_open_federation(document) is open_


def can(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(Principal=None, Action=action, Resource=resource, **more)


@pytest.mark.parametrize(
    ("document", "admin"),
    [
        (can("*"), True),
        (can(["s3:Get*", "*:*"]), True),
        (can("*", "arn:aws:*:*:*:*"), True),
        (can("*", None, NotResource=f"{BUCKET}/*"), True),
        (can("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), True),
        (can(None, NotAction=["aws-portal:*"]), True),
        (can(None, NotAction=["iam:*", "organizations:*"]), False),
        (can(None, NotAction=["*"]), False),
        (can("*", BUCKET), False),
        (can("*", Effect="Deny"), False),
        (both(can("*"), can("*", Effect="Deny")), False),
        (both(can("*"), can("iam:*", Effect="Deny")), True),
        (can("iam:*"), False),
        (can(""), False),
        (None, False),
        ("{", True),
    ],
)
def test_admin(document: Any, admin: bool) -> None:
    assert policies.allows_admin(document) is admin


@pytest.mark.parametrize(
    ("document", "whole"),
    [
        (can("kms:*"), True),
        (can(["ec2:Describe*", "S3:*"]), True),
        (can("*"), True),
        (can("s3:Get*"), False),
        (can("s3:*", BUCKET), False),
        (can("s3:*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}), False),
    ],
)
def test_whole_service(document: Any, whole: bool) -> None:
    assert policies.allows_whole_service(document) is whole


@pytest.mark.parametrize(
    ("document", "everywhere"),
    [
        (can("kms:Decrypt"), True),
        (can("kms:de*", f"arn:aws:kms:*:{HOME}:key/*"), True),
        (can(None, NotAction="s3:*"), True),
        (can("kms:Decrypt", f"arn:aws:kms:eu-west-1:{HOME}:key/12ab"), False),
        (can("kms:Encrypt"), False),
        (can("kms:Decrypt", f"arn:aws:s3:*:{HOME}:key/*"), False),
        (both(can("kms:*"), can(["kms:Decrypt", "kms:Re*"], Effect="Deny")), False),
        (can("kms:*", Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}), False),
    ],
)
def test_on_all(document: Any, everywhere: bool) -> None:
    assert policies.allows_on_all(document, ["kms:Decrypt", "kms:ReEncryptFrom"]) is everywhere


@pytest.mark.parametrize(
    ("document", "way_up"),
    [
        (can("iam:CreatePolicyVersion"), True),
        (can(["iam:PassRole", "ec2:RunInstances"]), True),
        (both(can("iam:PassRole"), can("lambda:*")), True),
        (can("iam:PassRole"), False),
        (can(["iam:PassRole", "lambda:CreateFunction"]), False),
        (can("iam:AttachUserPolicy", f"arn:aws:iam::{HOME}:user/bob"), False),
        (can("iam:Get*"), False),
    ],
)
def test_escalation(document: Any, way_up: bool) -> None:
    assert policies.escalates(document) is way_up


def test_some_action() -> None:
    assert policies.allows_action(can("organizations:*", BUCKET), ["organizations:CreatePolicy"])
    assert not policies.allows_action(can("organizations:Describe*"), ["organizations:CreatePolicy"])
    assert not policies.allows_action("{", ["organizations:CreatePolicy"])


def plain(**more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": [BUCKET, f"{BUCKET}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return allow(**{**fields, **more})


@pytest.mark.parametrize(
    ("document", "denied"),
    [
        (plain(), True),
        (plain(Principal={"AWS": "*"}, Action="*", Resource="*"), True),
        (plain(Resource=f"{BUCKET}*", Condition={"Bool": {"AWS:securetransport": False}}), True),
        (plain(Condition={"BoolIfExists": {"aws:SecureTransport": ["false"]}}), True),
        (both(plain(Resource=BUCKET), plain(Resource=f"{BUCKET}/*")), True),
        (plain(Resource=f"{BUCKET}/*"), False),
        (plain(Resource=BUCKET), False),
        (plain(Resource=["arn:aws:s3:::other", "arn:aws:s3:::other/*"]), False),
        (plain(Action="s3:GetObject"), False),
        (plain(Effect="Allow"), False),
        (plain(Principal={"AWS": HOME}), False),
        (plain(Principal=None, NotPrincipal={"AWS": HOME}), False),
        (plain(Condition={"Bool": {"aws:SecureTransport": "true"}}), False),
        (
            plain(Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}),
            False,
        ),
        (None, False),
        ("[", False),
    ],
)
def test_transport(document: Any, denied: bool) -> None:
    assert policies.denies_insecure_transport(document, BUCKET) is denied


def test_transport_of_a_queue_asks_for_the_queue_alone() -> None:
    arn = f"arn:aws:sqs:eu-west-1:{HOME}:orders"
    assert policies.denies_insecure_transport(plain(Action="sqs:*", Resource=arn), arn)
    assert not policies.denies_insecure_transport(plain(Action="s3:*", Resource=arn), arn)


@pytest.mark.parametrize(
    ("pattern", "literal", "hit"),
    [
        ("*", "", True),
        ("a*c", "abbbc", True),
        ("a*c", "abbb", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*ab*ab", "abab", True),
        ("a**", "a", True),
        ("", "a", False),
    ],
)
def test_wildcards(pattern: str, literal: str, hit: bool) -> None:
    assert matches(pattern, literal) is hit


def test_wildcards_do_not_explode() -> None:
    assert not matches("a*" * 2000 + "b", "a" * 100)
    assert not matches("*a" * 50 + "b", "a" * 2000)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["*", "Allow", "s3:*", "arn:aws"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Action", "Principal", "Resource", "Condition", "AWS", "Bool", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_nothing_raises(value: Any) -> None:
    for row in policies.FUNCTIONS:
        rest = {"list": ["s3:GetObject"], "string": BUCKET}
        assert row.call(value, *(rest[str(kind)] for kind in row.arguments[1:])) in (True, False)


def test_deep_text_is_no_policy() -> None:
    assert read_policy("[" * 100_000) is None
