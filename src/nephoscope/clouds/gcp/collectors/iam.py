"""How identities and keys are read. Keys of a service account come from its own service; nothing secret is in them."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import BINDINGS, POLICIES, Calls, Collector, Detail, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, last, picked, placed, resource
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.gcp import iam as types

_ACCOUNT, _ROLE = "iam.googleapis.com/ServiceAccount", "iam.googleapis.com/Role"
_KEY, _SECRET = "cloudkms.googleapis.com/CryptoKey", "secretmanager.googleapis.com/Secret"
_DEFAULTS = ("-compute@developer.gserviceaccount.com", "@appspot.gserviceaccount.com")


def _shape_account(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    email = str(data.get("email") or last(raw["name"]))
    known = {
        **picked(data, ("displayName", "description", "uniqueId")),
        "email": email,
        "disabled": bool(data.get("disabled")),
        "isDefault": email.endswith(_DEFAULTS),
    }
    return resource(types.SERVICE_ACCOUNT, raw, known, resource_id=email, name=email)


def _read_keys(calls: Calls, raw: Raw) -> Document:
    email = str(data_of(raw)["email"])
    rows = calls.get(
        "iam",
        f"v1/projects/{calls.place.account_id}/serviceAccounts/{email}/keys",
        permission="iam.serviceAccountKeys.list",
        query="keyTypes=USER_MANAGED",
    )
    return {"userManagedKeys": [_key(row) for row in rows.get("keys") or () if row.get("keyType") != "SYSTEM_MANAGED"]}


def _key(row: Raw) -> Document:
    return {
        "keyId": last(str(row["name"])),
        "validAfterTime": iso(row.get("validAfterTime")),
        "validBeforeTime": iso(row.get("validBeforeTime")),
        "disabled": bool(row.get("disabled")),
    }


def _read_project_roles(calls: Calls, raw: Raw) -> Document:
    """What the project's own policy lets this account do."""
    number = next(one for one in raw["ancestors"] if str(one).startswith("projects/"))
    member = f"serviceAccount:{data_of(raw)['email']}"
    rows = calls.bindings(f"//cloudresourcemanager.googleapis.com/{number}")
    return {
        "projectRoles": [
            {"role": row.get("role"), "condition": row.get("condition")}
            for row in rows
            if member in (row.get("members") or ())
        ]
    }


def _shape_role(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        **picked(data, ("title", "description", "stage")),
        "deleted": bool(data.get("deleted")),
        "includedPermissions": list(data.get("includedPermissions") or ()),
    }
    return resource(types.IAM_CUSTOM_ROLE, raw, known, name=str(data.get("title") or last(raw["name"])))


def _shape_crypto_key(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    primary: Mapping[str, Any] = data.get("primary") or {}
    template: Mapping[str, Any] = data.get("versionTemplate") or {}
    known = {
        **picked(data, ("purpose", "rotationPeriod", "destroyScheduledDuration")),
        "protectionLevel": template.get("protectionLevel") or primary.get("protectionLevel"),
        "algorithm": template.get("algorithm") or primary.get("algorithm"),
        "primaryState": primary.get("state"),
        "keyRing": last(_ring_of(raw)),
        "createTime": iso(data.get("createTime")),
        "nextRotationTime": iso(data.get("nextRotationTime")),
    }
    name = placed(raw["name"])
    return resource(types.CRYPTO_KEY, raw, known, resource_id=name, name=last(raw["name"]))


def _ring_of(raw: Raw) -> str:
    return str(raw["name"]).partition("/cryptoKeys/")[0]


def _read_ring(calls: Calls, raw: Raw) -> Document:
    return {"keyRingBindings": calls.bindings(_ring_of(raw))}


def _shape_secret(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    rotation = data.get("rotation")
    replication: Mapping[str, Any] = data.get("replication") or {}
    places = [replication.get("automatic") or {}, *((replication.get("userManaged") or {}).get("replicas") or ())]
    names = [(row.get("customerManagedEncryption") or {}).get("kmsKeyName") for row in places]
    known = {
        "createTime": iso(data.get("createTime")),
        "expireTime": iso(data.get("expireTime")),
        "rotation": rotation
        and {
            "rotationPeriod": rotation.get("rotationPeriod"),
            "nextRotationTime": iso(rotation.get("nextRotationTime")),
        },
        "kmsKeyNames": sorted(filter(None, names)),
    }
    return resource(types.SECRET, raw, known, name=last(raw["name"]))


COLLECTORS = (
    Collector(
        "SERVICE_ACCOUNT",
        assets(_ACCOUNT),
        _shape_account,
        (
            BINDINGS,
            Detail(("userManagedKeys",), ("iam.serviceAccountKeys.list",), _read_keys),
            Detail(("projectRoles",), (POLICIES,), _read_project_roles),
        ),
    ),
    Collector("IAM_CUSTOM_ROLE", assets(_ROLE), _shape_role),
    Collector(
        "CRYPTO_KEY", assets(_KEY), _shape_crypto_key, (BINDINGS, Detail(("keyRingBindings",), (POLICIES,), _read_ring))
    ),
    Collector("SECRET", assets(_SECRET), _shape_secret, (BINDINGS,)),
)
ASSET_KINDS = (_ACCOUNT, _ROLE, _KEY, _SECRET)
