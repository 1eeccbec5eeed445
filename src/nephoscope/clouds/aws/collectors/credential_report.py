"""The credential report of an account: one call for what would otherwise take several for each user."""

import csv
import io
import time
from datetime import UTC, datetime

import msgspec

from nephoscope.clouds.aws.collecting import Calls
from nephoscope.clouds.aws.shaping import iso
from nephoscope.errors import UnavailableError

PERMISSIONS = ("iam:GenerateCredentialReport", "iam:GetCredentialReport")
ROOT = "<root_account>"

_PAUSES = (0.0, 0.0, 0.25, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0)
"""Seconds between asking whether the report is ready; AWS takes one to five for most accounts, 13 in all are given."""


class KeyFacts(msgspec.Struct, frozen=True):
    """One of the two access keys. Times are ISO strings; `rotated` is null when there is no key."""

    active: bool
    rotated: str | None
    used: str | None
    region: str | None
    service: str | None


class Row(msgspec.Struct, frozen=True):
    """One user, or root. `password` is null for root: the report does not say."""

    created: str | None
    password: bool | None
    password_used: str | None
    password_changed: str | None
    password_rotation: str | None
    mfa: bool
    keys: tuple[KeyFacts, KeyFacts]
    certificates: tuple[tuple[bool, str | None], tuple[bool, str | None]]

    @property
    def has_key(self) -> bool:
        return any(key.active or key.rotated for key in self.keys)


def credential_report(calls: Calls) -> dict[str, Row]:
    """Rows by user name, root's under ROOT. The report is up to four hours old: AWS makes no newer one."""
    for pause in _PAUSES:
        if calls.call("iam", "generate_credential_report")["State"] == "COMPLETE":
            break
        time.sleep(pause)
    else:
        raise UnavailableError(f"The credential report was not ready after {sum(_PAUSES):.0f} seconds.")
    content = calls.shared("iam", "get_credential_report")["Content"]
    return {row["user"]: _row(row) for row in csv.DictReader(io.StringIO(content.decode("utf-8")))}


def _row(raw: dict[str, str]) -> Row:
    return Row(
        created=_time(raw.get("user_creation_time")),
        password=_flag(raw.get("password_enabled")),
        password_used=_time(raw.get("password_last_used")),
        password_changed=_time(raw.get("password_last_changed")),
        password_rotation=_time(raw.get("password_next_rotation")),
        mfa=_flag(raw.get("mfa_active")) is True,
        keys=(_key(raw, 1), _key(raw, 2)),
        certificates=(_certificate(raw, 1), _certificate(raw, 2)),
    )


def _key(raw: dict[str, str], number: int) -> KeyFacts:
    def column(name: str) -> str | None:
        return raw.get(f"access_key_{number}_{name}")

    return KeyFacts(
        active=_flag(column("active")) is True,
        rotated=_time(column("last_rotated")),
        used=_time(column("last_used_date")),
        region=_word(column("last_used_region")),
        service=_word(column("last_used_service")),
    )


def _certificate(raw: dict[str, str], number: int) -> tuple[bool, str | None]:
    return _flag(raw.get(f"cert_{number}_active")) is True, _time(raw.get(f"cert_{number}_last_rotated"))


_ABSENT = frozenset({"", "N/A", "no_information", "not_supported"})


def _word(text: str | None) -> str | None:
    return None if text is None or text in _ABSENT else text


def _flag(text: str | None) -> bool | None:
    word = _word(text)
    return None if word is None else word.lower() == "true"


def _time(text: str | None) -> str | None:
    word = _word(text)
    return None if word is None else iso(datetime.fromisoformat(word))


def milliseconds(moment: str | None) -> int | None:
    """An ISO time of a document as the API spells times of users: since 1970, in milliseconds."""
    if moment is None:
        return None
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) * 1000
