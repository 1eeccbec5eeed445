"""Reports by policies or by a mandate, as a JSON body asks for them (`POST /reports`)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from nephoscope.model.providers import Provider
from nephoscope.model.reports import ReportFormat, ReportKind, ReportRequest
from nephoscope.reports.bodies import CLOUD, CONNECTORS, DESCRIPTION, FORMAT, MANDATE, Body, Draft, uuid_of

TITLE, TYPE, POLICIES, POLICY_ID = "title", "type", "policies", "policyId"
_KINDS = (ReportKind.MANDATE_BASED, ReportKind.POLICY_BASED)
_SHOWN = 60


def arranged_draft_of(said: Mapping[str, Any], before: ReportRequest | None = None) -> Draft:
    """What is not said is as in the request before. Never raises."""
    body = Body({**(_said(before) if before else {}), **{_spelling(name): value for name, value in said.items()}})
    kind = body.word(TYPE, ReportKind, before.kind if before else None)
    if kind is ReportKind.ASSESSMENT:
        body.note(TYPE, f"one of {', '.join(_KINDS)} is expected")
    policy_ids, clouds = _policies(body)
    provider = _provider(body, clouds)
    mandate_id = _mandate(body, kind)
    if kind is ReportKind.POLICY_BASED and not policy_ids and body.is_read(POLICIES):
        body.note(POLICIES, "at least one policy is needed")
    request = ReportRequest(
        name=body.line(TITLE),
        description=body.text(DESCRIPTION),
        provider=provider,
        policy_ids=policy_ids,
        connector_ids=body.items(CONNECTORS, uuid_of, "a uuid is expected"),
        format=body.word(FORMAT, ReportFormat, ReportFormat.CSV) or ReportFormat.CSV,
        has_summary=True,
        kind=kind or ReportKind.POLICY_BASED,
        mandate_id=mandate_id,
    )
    return Draft(request, tuple(body.problems))


def _policies(body: Body) -> tuple[tuple[UUID, ...], tuple[str, ...]]:
    """Ids, and the clouds that stand beside them. `[{"cloudType": …, "policyId": …}]` or bare ids."""
    said = body.value(POLICIES)
    if said is None:
        return (), ()
    if not isinstance(said, list):
        body.note(POLICIES, 'a list of {"cloudType": …, "policyId": …} is expected')
        return (), ()
    found: dict[UUID, None] = {}
    clouds: list[str] = []
    for place, one in enumerate(said):
        row = {_spelling(name): value for name, value in one.items()} if isinstance(one, dict) else {POLICY_ID: one}
        text = row.get(POLICY_ID)
        uuid = uuid_of(text.strip()) if isinstance(text, str) else None
        if uuid is None:
            body.note(POLICIES, f"[{place}].{POLICY_ID}: {str(text)[:_SHOWN]!r} is not a uuid")
        else:
            found[uuid] = None
        if row.get(CLOUD):
            clouds.append(str(row[CLOUD]).strip().upper())
    return tuple(found), tuple(clouds)


def _provider(body: Body, clouds: tuple[str, ...]) -> Provider:
    """Said for itself, or beside the policies: one cloud all the same."""
    said = body.value(CLOUD)
    own = body.word(CLOUD, Provider) if said or not clouds else None
    named = {*clouds, *([own.value] if own else [])}
    strange = sorted(named - set(Provider))
    if strange:
        body.note(POLICIES, f"{CLOUD}: {strange[0][:_SHOWN]!r} is none of {', '.join(Provider)}")
    elif len(named) > 1:
        body.note(CLOUD, f"one cloud is expected; {', '.join(sorted(named))} are named")
    known = sorted(named & set(Provider))
    return own or (Provider(known[0]) if known else Provider.AWS)


def _mandate(body: Body, kind: ReportKind | None) -> UUID | None:
    text = body.text(MANDATE).strip()
    if not text:
        return None
    found = uuid_of(text)
    if found is None:
        body.note(MANDATE, f"{text[:_SHOWN]!r} is not a uuid")
    elif kind is ReportKind.POLICY_BASED:
        body.note(MANDATE, f"only a report of the type {ReportKind.MANDATE_BASED} has a mandate")
    return found


def _said(before: ReportRequest) -> dict[str, Any]:
    return {
        TITLE: before.name,
        DESCRIPTION: before.description,
        CLOUD: before.provider.value,
        TYPE: before.kind.value,
        MANDATE: str(before.mandate_id) if before.mandate_id else "",
        POLICIES: [{POLICY_ID: str(uuid)} for uuid in before.policy_ids],
        CONNECTORS: [str(uuid) for uuid in before.connector_ids],
        FORMAT: before.format.value,
    }


_NAMES = {
    name.lower(): name for name in (TITLE, DESCRIPTION, CLOUD, TYPE, MANDATE, POLICIES, CONNECTORS, FORMAT, POLICY_ID)
}


def _spelling(name: str) -> str:
    """As it is written here; field names come in any case."""
    return _NAMES.get(name.lower(), name)
