"""IAM facts that no call can set: the root user, ages of users and keys, expiry of server certificates.

Ages are set on moto's models; what moto has no place for is written into its answers.
"""

import base64
import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.backends import get_backend
from moto.iam.models import AccessKeyLastUsed

from nephoscope.simulation.aws.facts import CertificateAge, RootFacts, UserAge

_NONE = "N/A"
_TRUE = "true"


def _ago(days: int) -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(days=days)


def _stamp(days: int | None, absent: str) -> str:
    return absent if days is None else _ago(days).strftime("%Y-%m-%dT%H:%M:%S+00:00")


class IamFacts:
    """What was told about one account's IAM."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._root = RootFacts()
        self._users: dict[str, UserAge] = {}
        self._certificates: dict[str, int] = {}

    def rewrites(self) -> dict[str, Callable[[str], str]]:
        """Operation → what makes the answer of moto the answer of AWS."""
        return {
            "GetCredentialReport": self._credential_report,
            "GetAccountSummary": self._account_summary,
            "ListVirtualMFADevices": self._virtual_mfa_devices,
            "ListServerCertificates": self._server_certificates,
        }

    def tell(self, fact: RootFacts | UserAge | CertificateAge) -> None:
        if isinstance(fact, RootFacts):
            self._root = fact
        elif isinstance(fact, UserAge):
            self._users[fact.name] = fact
            self._age_user(fact)
        else:
            self._certificates[fact.name] = fact.expires_in_days

    def _age_user(self, age: UserAge) -> None:
        user = get_backend("iam")[self._account_id]["aws"].get_user(age.name)
        user.create_date = _ago(age.created_days_ago)
        if age.password_used_days_ago is not None:
            user.password_last_used = _ago(age.password_used_days_ago)
        for key, key_age in zip(user.access_keys, age.keys, strict=False):
            key.create_date = _ago(key_age.rotated_days_ago)
            if key_age.used_days_ago is not None:
                key.last_used = AccessKeyLastUsed(_ago(key_age.used_days_ago), "s3", "us-east-1")

    def _credential_report(self, body: str) -> str:
        return re.sub(r"<Content>(.*?)</Content>", lambda found: f"<Content>{self._report(found[1])}</Content>", body)

    def _report(self, encoded: str) -> str:
        rows = csv.DictReader(io.StringIO(base64.b64decode(encoded).decode()))
        out = io.StringIO()
        writer = csv.DictWriter(out, rows.fieldnames or (), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerow(self._root_row())
        for row in rows:
            writer.writerow({**row, **self._corrected(row)})
        return base64.b64encode(out.getvalue().encode()).decode()

    def _root_row(self) -> dict[str, str]:
        root = self._root
        keys = {f"access_key_{n}_{name}": _NONE for n in (1, 2) for name in _KEY_COLUMNS}
        keys |= {"access_key_1_active": str(root.has_access_key).lower(), "access_key_2_active": "false"}
        if root.has_access_key:
            keys["access_key_1_last_rotated"] = _stamp(root.created_days_ago, _NONE)
        return {
            "user": "<root_account>",
            "arn": f"arn:aws:iam::{self._account_id}:root",
            "user_creation_time": _stamp(root.created_days_ago, _NONE),
            "password_enabled": "not_supported",
            "password_last_used": _stamp(root.used_days_ago, "no_information"),
            "password_last_changed": "not_supported",
            "password_next_rotation": "not_supported",
            "mfa_active": str(bool(root.mfa)).lower(),
            **keys,
            "cert_1_active": "false",
            "cert_1_last_rotated": _NONE,
            "cert_2_active": "false",
            "cert_2_last_rotated": _NONE,
        }

    def _corrected(self, row: dict[str, Any]) -> dict[str, str]:
        """Where moto writes `not_supported` and the creation date AWS has N/A or dates of their own."""
        fixed = {f"access_key_{n}_last_used_{place}": _NONE for n in (1, 2) for place in ("region", "service")}
        fixed |= {
            f"access_key_{n}_last_used_{place}": value
            for n in (1, 2)
            if row[f"access_key_{n}_last_used_date"] != _NONE
            for place, value in (("region", "us-east-1"), ("service", "s3"))
        }
        if row["password_enabled"] != _TRUE:
            return fixed | {
                "password_last_used": _NONE,
                "password_last_changed": _NONE,
                "password_next_rotation": _NONE,
            }
        age = self._users.get(row["user"])
        if age is not None and age.password_changed_days_ago is not None:
            fixed["password_last_changed"] = _stamp(age.password_changed_days_ago, _NONE)
        return fixed | {"password_next_rotation": _NONE}

    def _account_summary(self, body: str) -> str:
        for name, value in (
            ("AccountMFAEnabled", bool(self._root.mfa)),
            ("AccountAccessKeysPresent", self._root.has_access_key),
        ):
            body = re.sub(rf"(<key>{name}</key>\s*<value>)\d+", rf"\g<1>{int(value)}", body)
        return body

    def _virtual_mfa_devices(self, body: str) -> str:
        if self._root.mfa != "virtual":
            return body
        device = (
            f"<member><SerialNumber>arn:aws:iam::{self._account_id}:mfa/root-account-mfa-device</SerialNumber>"
            f"<EnableDate>2022-02-01T08:00:00Z</EnableDate><User><Arn>arn:aws:iam::{self._account_id}:root</Arn>"
            f"<UserId>{self._account_id}</UserId><CreateDate>2022-01-31T08:00:00Z</CreateDate></User></member>"
        )
        body = body.replace("<VirtualMFADevices/>", "<VirtualMFADevices></VirtualMFADevices>")
        return body.replace("<VirtualMFADevices>", f"<VirtualMFADevices>{device}", 1)

    def _server_certificates(self, body: str) -> str:
        def dated(found: re.Match[str]) -> str:
            days = self._certificates.get(found[2], 365)
            moment = _ago(-days).strftime("%Y-%m-%dT%H:%M:%SZ")
            return f"{found[1]}<Expiration>{moment}</Expiration>"

        body = re.sub(r"<Expiration>[^<]*</Expiration>", "", body)
        return re.sub(r"(<ServerCertificateName>([^<]*)</ServerCertificateName>)", dated, body)


_KEY_COLUMNS = ("last_rotated", "last_used_date", "last_used_region", "last_used_service")
