"""Control metadata on the wire (contract §7.3), as JSON."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from nephoscope.api.wire import listing
from nephoscope.api.wire.listing import Listing
from nephoscope.api.wire.texts import html, links
from nephoscope.evaluation.facts import SYSTEM_DEFINED, midnight
from nephoscope.kit.dates import compact, precise
from nephoscope.model.controls import Control
from nephoscope.model.policies import ControlPolicy

_MORE_CODE = "1980"
_MORE_TEXT = "More controls follow; the URL asks for the next page."


class Criterion(msgspec.Struct, frozen=True):
    label: str
    operator: str
    value: str


class EvaluationTexts(msgspec.Struct, frozen=True, rename="camel"):
    evaluation_description: str
    pass_message: str
    fail_message: str
    evaluation_criteria: tuple[Criterion, ...]


class ControlBody(msgspec.Struct, frozen=True, rename="camel"):
    """One control. A client exists that fails on any key beyond these."""

    cid: int
    control_name: str
    created: str
    modified: str
    control_type: str
    provider: str
    is_customizable: bool
    service_type: str
    criticality: str
    evaluation: EvaluationTexts
    specification: str
    rationale: str
    manual_remediation: str
    references: str
    build_time_remediation: str | None
    resource_type: str
    """As people read it: `IAM User`."""
    remediation_enabled: bool
    policy_names: tuple[str, ...]
    execution_type: str
    workflow_based: bool
    template_type: tuple[str, ...]


class Warning(msgspec.Struct, frozen=True):  # noqa: A001 - the wire's own word
    """There while more pages follow: clients test for its presence and count pages themselves."""

    code: str
    text: str
    url: str


class ControlList(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    date_time: str
    control: list[ControlBody]
    warning: Warning | None = None


def control_body(control: Control, resource_title: str, policies: Sequence[ControlPolicy]) -> ControlBody:
    return ControlBody(
        cid=control.cid,
        control_name=control.name,
        created=compact(midnight(control.created)),
        modified=compact(midnight(control.modified)),
        control_type=SYSTEM_DEFINED,
        provider=control.provider.value,
        is_customizable=bool(control.parameters),
        service_type=control.service_type,
        criticality=control.criticality.value,
        evaluation=EvaluationTexts(
            evaluation_description=html(control.description),
            pass_message=control.pass_message,
            fail_message=control.fail_message,
            evaluation_criteria=tuple(Criterion(row.label, row.operator, str(row.value)) for row in control.parameters),
        ),
        specification=html(control.description + _recommendations(control, policies)),
        rationale=html(control.rationale),
        manual_remediation=html(control.remediation),
        references=links(control.references),
        build_time_remediation=None,
        resource_type=resource_title,
        remediation_enabled=False,
        policy_names=tuple(policy.title for policy in policies),
        execution_type="RUN_TIME",
        workflow_based=False,
        template_type=(),
    )


def control_list(controls: Sequence[ControlBody], now: datetime, next_page: str) -> ControlList:
    """`next_page` is the address of the next page, empty on the last one."""
    warning = Warning(_MORE_CODE, _MORE_TEXT, next_page) if next_page else None
    return ControlList(precise(now), list(controls), warning)


def next_page_address(address: str, asked: Listing) -> str:
    """The same list, one page further. `address` is without a query."""
    query = {
        listing.FILTER: asked.filter,
        listing.PAGE_NUMBER: str(asked.page + 1),
        listing.PAGE_SIZE: str(asked.size),
        listing.SORT: f"{asked.sort[0]}:{'desc' if asked.sort[1] else 'asc'}" if asked.sort else "",
    }
    return f"{address}?{urlencode({name: value for name, value in query.items() if value})}"


def _recommendations(control: Control, policies: Sequence[ControlPolicy]) -> str:
    """Where the benchmarks speak of it, as further Markdown."""
    rows = [
        f"- {policy.title} {policy.version}: recommendation {control.benchmarks[policy.framework]}"
        for policy in policies
        if policy.framework in control.benchmarks
    ]
    return "\n\n" + "\n".join(rows) if rows else ""
