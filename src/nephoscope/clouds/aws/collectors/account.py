"""How AWS resource types are read: the account. Listing it takes no call; each group of facts is a detail of its own,
so that one missing permission leaves one group unread."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors import organization
from nephoscope.clouds.aws.collectors.credential_report import PERMISSIONS, ROOT, credential_report
from nephoscope.clouds.aws.shaping import camel, document, tags_of
from nephoscope.errors import GoneError, UnavailableError
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.aws import account as types

_SUPPORT = "AWSSupportAccess"
_CLOUD_SHELL = "AWSCloudShellFullAccess"


def _fetch_account(calls: Calls) -> Iterable[Raw]:
    return ({"AccountId": calls.place.account_id},)


def _shape_account(raw: Raw, place: Place) -> Observed:
    number = raw["AccountId"]
    fields = (field.name for field in types.AWS_ACCOUNT.fields)
    arn = f"arn:{place.partition}:iam::{number}:root"
    return Observed(number, number, arn, document(fields, {"partition": place.partition}))


def _answered(ask: Callable[[], Raw], name: str) -> Any:
    """A part of an answer, in the API's spelling; null when the cloud says that there is none."""
    try:
        return camel(ask()[name])
    except GoneError:
        return None


# Root and users


def _read_summary(calls: Calls, _item: Raw) -> Document:
    summary: Mapping[str, int] = calls.call("iam", "get_account_summary")["SummaryMap"]
    password = summary.get("AccountPasswordPresent")
    return {
        "accountSummary": camel(dict(summary)),
        "rootMfaActive": bool(summary["AccountMFAEnabled"]),
        "rootAccessKeysPresent": bool(summary["AccountAccessKeysPresent"]),
        "rootSigningCertificatesPresent": bool(summary.get("AccountSigningCertificatesPresent", 0)),
        "rootPasswordPresent": None if password is None else bool(password),
    }


def _read_report(calls: Calls, _item: Raw) -> Document:
    report = credential_report(calls)
    root = report.get(ROOT)
    if root is None:
        raise UnavailableError("The credential report has no row for the root user.")
    keys_used = max((key.used for key in root.keys if key.used), default=None)
    users = [row for name, row in report.items() if name != ROOT]
    return {
        "rootPasswordLastUsed": root.password_used,
        "rootAccessKeysLastUsed": keys_used,
        "rootLastUsed": max(filter(None, (root.password_used, keys_used)), default=None),
        "consoleUserCount": sum(row.password is True for row in users),
        "accessKeyUserCount": sum(any(key.active for key in row.keys) for row in users),
    }


def _read_virtual_devices(calls: Calls, item: Raw) -> Document:
    """Whether any of root's devices is virtual. Devices may have any name, so the owner decides."""
    root = f":{item['AccountId']}:root"
    devices = calls.items("iam", "list_virtual_mfa_devices", "VirtualMFADevices", AssignmentStatus="Assigned")
    return {
        "rootMfaVirtual": any(
            device.get("User", {}).get("Arn", "").endswith(root)
            or device["SerialNumber"].endswith(":mfa/root-account-mfa-device")
            for device in devices
        )
    }


def _read_password_policy(calls: Calls, _item: Raw) -> Document:
    policy = _answered(lambda: calls.call("iam", "get_account_password_policy"), "PasswordPolicy")
    if policy is not None:
        policy |= {name: policy.get(name) or None for name in ("maxPasswordAge", "passwordReusePrevention")}
        policy.setdefault("hardExpiry", None)
    return {"passwordPolicy": policy}


def _read_aliases(calls: Calls, _item: Raw) -> Document:
    aliases = calls.call("iam", "list_account_aliases")["AccountAliases"]
    return {"accountAlias": aliases[0] if aliases else None}


# Contacts

_KEPT = ("fullName", "companyName", "phoneNumber", "countryCode")
"""Of the primary contact; the street address is nobody's concern here."""


def _read_contact(calls: Calls, _item: Raw) -> Document:
    found = _answered(lambda: calls.call("account", "get_contact_information"), "ContactInformation")
    return {"contactInformation": found and {name: found.get(name) for name in _KEPT}}


def _alternate(field: str, kind: str) -> Detail:
    def read(calls: Calls, _item: Raw) -> Document:
        def ask() -> Raw:
            return calls.call("account", "get_alternate_contact", AlternateContactType=kind)

        found = _answered(ask, "AlternateContact")
        names = ("name", "title", "emailAddress", "phoneNumber")
        return {field: found and {name: found.get(name) for name in names}}

    return Detail((field,), ("account:GetAlternateContact",), read)


# Who wears a policy, and how people sign in


def _wearers(field: str, policy: str) -> Detail:
    def read(calls: Calls, _item: Raw) -> Document:
        arn = f"arn:{calls.place.partition}:iam::aws:policy/{policy}"
        try:
            found = calls.call("iam", "list_entities_for_policy", PolicyArn=arn, MaxItems=1000)
        except GoneError:
            found = {}
        return {
            field: {
                "roles": sorted(row["RoleName"] for row in found.get("PolicyRoles", ())),
                "users": sorted(row["UserName"] for row in found.get("PolicyUsers", ())),
                "groups": sorted(row["GroupName"] for row in found.get("PolicyGroups", ())),
            }
        }

    return Detail((field,), ("iam:ListEntitiesForPolicy",), read)


def _read_saml_providers(calls: Calls, _item: Raw) -> Document:
    rows = calls.call("iam", "list_saml_providers")["SAMLProviderList"]
    return {"samlProviders": [{"validUntil": None, "createDate": None, **camel(row)} for row in rows]}


def _read_oidc_providers(calls: Calls, _item: Raw) -> Document:
    return {"oidcProviders": camel(calls.call("iam", "list_open_id_connect_providers")["OpenIDConnectProviderList"])}


def _read_s3_block(calls: Calls, item: Raw) -> Document:
    def ask() -> Raw:
        return calls.call("s3control", "get_public_access_block", AccountId=item["AccountId"])

    return {"s3PublicAccessBlock": _answered(ask, "PublicAccessBlockConfiguration")}


# Watchers in each region


def _shape_analyzer(raw: Raw, _place: Place) -> Observed:
    known = {**camel({key: value for key, value in raw.items() if key != "tags"}), "analyzerName": raw["name"]}
    fields = (field.name for field in types.ACCESS_ANALYZER.fields)
    return Observed(raw["name"], raw["name"], raw["arn"], document(fields, known), tags=tags_of(raw.get("tags")))


def _shape_instance(raw: Raw, _place: Place) -> Observed:
    fields = (field.name for field in types.IDENTITY_CENTER_INSTANCE.fields)
    arn = raw["InstanceArn"]
    name = raw.get("Name") or arn.rpartition("/")[2]
    return Observed(arn.rpartition("/")[2], name, arn, document(fields, camel(raw)))


_SUMMARY = (
    "accountSummary",
    "rootMfaActive",
    "rootAccessKeysPresent",
    "rootSigningCertificatesPresent",
    "rootPasswordPresent",
)
_REPORTED = ("rootLastUsed", "rootPasswordLastUsed", "rootAccessKeysLastUsed", "consoleUserCount", "accessKeyUserCount")

COLLECTORS: tuple[Collector, ...] = (
    Collector(
        "AWS_ACCOUNT",
        _fetch_account,
        _shape_account,
        (
            Detail(_SUMMARY, ("iam:GetAccountSummary",), _read_summary),
            Detail(_REPORTED, PERMISSIONS, _read_report),
            Detail(("rootMfaVirtual",), ("iam:ListVirtualMFADevices",), _read_virtual_devices),
            Detail(("passwordPolicy",), ("iam:GetAccountPasswordPolicy",), _read_password_policy),
            Detail(("accountAlias",), ("iam:ListAccountAliases",), _read_aliases),
            Detail(("contactInformation",), ("account:GetContactInformation",), _read_contact),
            _alternate("securityContact", "SECURITY"),
            _alternate("billingContact", "BILLING"),
            _alternate("operationsContact", "OPERATIONS"),
            _wearers("supportAccess", _SUPPORT),
            _wearers("cloudShellFullAccess", _CLOUD_SHELL),
            Detail(("samlProviders",), ("iam:ListSAMLProviders",), _read_saml_providers),
            Detail(("oidcProviders",), ("iam:ListOpenIDConnectProviders",), _read_oidc_providers),
            Detail(("s3PublicAccessBlock",), ("s3:GetAccountPublicAccessBlock",), _read_s3_block),
            *organization.DETAILS,
        ),
    ),
    Collector("ACCESS_ANALYZER", listing("accessanalyzer", "list_analyzers", "analyzers"), _shape_analyzer),
    Collector("IDENTITY_CENTER_INSTANCE", listing("sso-admin", "list_instances", "Instances"), _shape_instance),
)
