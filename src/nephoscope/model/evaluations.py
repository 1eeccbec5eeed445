"""Evaluations: one control on one resource."""

from datetime import datetime
from enum import StrEnum

import msgspec

from nephoscope.model.resources import Resource


class Status(StrEnum):
    """PASS and FAIL as in the API; UNKNOWN when the facts could not be read (shown there as NOT_EVALUATED). PASSE is a
    FAIL that an exception covers: controls never say it, it is how a row shows."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    PASSE = "PASSE"


class Verdict(msgspec.Struct, frozen=True):
    """What one control says about one resource. `reason` says why it is UNKNOWN, or since when what fails could not be
    read any more."""

    cid: int
    status: Status
    reason: str = ""


class Judgement(msgspec.Struct, frozen=True):
    """All verdicts on one resource. `fingerprint` covers the controls that were asked and every document they looked
    at; while it stays the same, the resource is not judged again. Controls that do not apply leave no verdict."""

    resource_key: int
    fingerprint: int
    verdicts: tuple[Verdict, ...]


class Candidate(msgspec.Struct, frozen=True):
    """What it takes to decide whether a resource must be judged again. `judged` is the fingerprint of the last
    judgement, 0 when there was none. Hashes are signed 64-bit."""

    resource_key: int
    scope_key: int
    region: str
    resource_id: str
    arn: str
    document_hash: int
    judged: int


class ControlTally(msgspec.Struct, frozen=True):
    """Counts of one control in one account. A PASS in a scope that did not complete last time counts as unknown, a FAIL
    that an exception covers only as excepted."""

    cid: int
    passed: int
    failed: int
    unknown: int
    excepted: int = 0


class EvaluationDates(msgspec.Struct, frozen=True):
    """The life of one evaluation. `fixed` is the last FAIL to PASS, `reopened` the last PASS to FAIL."""

    first_evaluated: datetime
    last_evaluated: datetime
    reopened: datetime | None = None
    fixed: datetime | None = None


class EvaluationRow(msgspec.Struct, frozen=True):
    """One evaluation with its resource, as listings show it. `controls_failed` of the resource is as judged, whatever
    exceptions cover."""

    cid: int
    status: Status
    reason: str
    resource: Resource
    dates: EvaluationDates


class Evidence(msgspec.Struct, frozen=True):
    """One setting that the verdict looked at, with the value it had."""

    setting_name: str
    actual_value: str
