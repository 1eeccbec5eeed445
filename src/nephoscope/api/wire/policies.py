"""Policies and mandates on the wire (contract §7.7), and our own bodies for policies that people make."""

from uuid import UUID

import msgspec

from nephoscope.kit.dates import compact
from nephoscope.model.controls import Control
from nephoscope.model.policies import ControlPolicy, Mandate

SYSTEM_DEFINED, USER_DEFINED = "SYSTEM_DEFINED_POLICY", "USER_DEFINED_POLICY"
_GLOBAL, _CUSTOMER = "GLOBAL", "CUSTOMER"


class PolicyBody(msgspec.Struct, frozen=True, rename="camel"):
    """One policy, in the key order of the documented sample. `header` is its description."""

    uuid: UUID
    title: str
    cloud_type: str
    version: str
    created_by: str
    modified_by: str
    created_date: str
    modified_date: str
    header: str
    steps: tuple[str, ...]
    footer: str
    customer_created: bool
    type: str
    scope: str
    control_ids: tuple[int, ...]


class ReportPolicyBody(msgspec.Struct, frozen=True, rename="camel"):
    """One policy to report on. Scripts read title, type and policyId."""

    policy_id: UUID
    title: str
    type: str
    cloud_type: str
    version: str
    is_system_defined: bool
    control_ids: tuple[int, ...]


class SectionBody(msgspec.Struct, frozen=True, rename="camel"):
    number: str
    title: str
    control_ids: tuple[int, ...]


class MandateBody(msgspec.Struct, frozen=True, rename="camel"):
    """One mandate. `cloudTypes` are those of which a control says something about it."""

    mandate_id: UUID
    name: str
    title: str
    version: str
    publisher: str
    description: str
    cloud_types: tuple[str, ...]
    sections: tuple[SectionBody, ...]


class OwnPolicyBody(msgspec.Struct, frozen=True, rename="camel"):
    """One policy on our own API: what POST and PUT take, and what is known beside it."""

    uuid: UUID
    title: str
    cloud_type: str
    version: str
    description: str
    control_ids: tuple[int, ...]
    is_system_defined: bool
    created_by: str
    created_date: str
    modified_by: str
    modified_date: str


def policy(row: ControlPolicy) -> PolicyBody:
    return PolicyBody(
        uuid=row.uuid,
        title=row.title,
        cloud_type=row.provider,
        version=row.version,
        created_by=row.created_by,
        modified_by=row.modified_by,
        created_date=compact(row.created_on),
        modified_date=compact(row.modified_on),
        header=row.description,
        steps=(),
        footer="",
        customer_created=row.is_own,
        type=_type(row),
        scope=_CUSTOMER if row.is_own else _GLOBAL,
        control_ids=row.control_ids,
    )


def report_policy(row: ControlPolicy) -> ReportPolicyBody:
    return ReportPolicyBody(
        policy_id=row.uuid,
        title=row.title,
        type=_type(row),
        cloud_type=row.provider,
        version=row.version,
        is_system_defined=not row.is_own,
        control_ids=row.control_ids,
    )


def own_policy(row: ControlPolicy) -> OwnPolicyBody:
    return OwnPolicyBody(
        uuid=row.uuid,
        title=row.title,
        cloud_type=row.provider,
        version=row.version,
        description=row.description,
        control_ids=row.control_ids,
        is_system_defined=not row.is_own,
        created_by=row.created_by,
        created_date=compact(row.created_on),
        modified_by=row.modified_by,
        modified_date=compact(row.modified_on),
    )


def mandate(row: Mandate, controls: dict[int, Control]) -> MandateBody:
    return MandateBody(
        mandate_id=row.uuid,
        name=row.name,
        title=row.title,
        version=row.version,
        publisher=row.publisher,
        description=row.description,
        cloud_types=tuple(sorted({controls[cid].provider.value for cid in row.control_ids})),
        sections=tuple(SectionBody(part.number, part.title, part.control_ids) for part in row.sections),
    )


def _type(row: ControlPolicy) -> str:
    return USER_DEFINED if row.is_own else SYSTEM_DEFINED
