"""Routes of policies and mandates (contract §7.7), and our own for policies that people make."""

from litestar import delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import Asked, InPath, asked_listing, json_mapping, parameter, services, uuid_named
from nephoscope.api.documenting import answers, described, page_parameters, text_parameter
from nephoscope.api.wire import envelope, reports
from nephoscope.api.wire import policies as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.errors import BadRequestError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.policies import ControlPolicy
from nephoscope.model.providers import Provider
from nephoscope.policies.drafts import draft_of
from nephoscope.reports.arranged import arranged_draft_of

_TAGS = ["Policies"]
_CLOUD = "cloudType"
_FIRST = PageRequest(0, 100)
"""What the first version of the listing shows, whatever there is."""
_OF_CLOUD = text_parameter(_CLOUD, "Only those of one cloud.")
_EXAMPLE = {
    "title": "What the payment team watches",
    "cloudType": "AWS",
    "description": "Agreed in January.",
    "controlIds": [1, 322],
}

_REPORT_EXAMPLE = {
    "title": "PCI",
    "type": "MANDATE_BASED",
    "cloudType": "AWS",
    "mandateId": "93ca19c3-03a3-5d12-a6a3-50f9f2e99b5a",
    "policies": [{"cloudType": "AWS", "policyId": "a4071f2a-42ce-5e71-9cb1-e4489f55fc37"}],
    "connectorIds": [],
    "format": "json",
}


@get(
    "/policies",
    tags=_TAGS,
    summary="List policies, in pages",
    description="Benchmarks and other sets of controls: the shipped ones first, then those that people made.",
    operation_class=described((*page_parameters(USUAL_PAGE), _OF_CLOUD)),
    responses=answers(PageBody[wire.PolicyBody], "A page of policies"),
    media_type="application/json",
    sync_to_thread=False,
)
def list_policies(request: Asked) -> bytes:
    asked = asked_listing(request, USUAL_PAGE)
    page = services(request).usecases.policies.list(PageRequest(asked.page, asked.size), _cloud(request))
    return envelope.page([wire.policy(row) for row in page.rows], page.total, page.request)


@get(
    "/policies",
    tags=_TAGS,
    summary="List policies, the first hundred",
    description="As clients of old know it, without paging. `/rest/v2/policies` lists all of them.",
    operation_class=described((_OF_CLOUD,)),
    responses=answers(PageBody[wire.PolicyBody], "The first hundred policies"),
    media_type="application/json",
    sync_to_thread=False,
)
def list_first_policies(request: Asked) -> bytes:
    page = services(request).usecases.policies.list(_FIRST, _cloud(request))
    return envelope.page([wire.policy(row) for row in page.rows], len(page.rows), _FIRST)


@get(
    "/reports/policies",
    tags=_TAGS,
    summary="Policies to report on",
    description="A bare list.",
    operation_class=described((_OF_CLOUD,)),
    responses=answers(list[wire.ReportPolicyBody], "The policies"),
    sync_to_thread=False,
)
def list_report_policies(request: Asked) -> list[wire.ReportPolicyBody]:
    found = services(request).usecases.policies.book().of_provider(_cloud(request))
    return [wire.report_policy(row) for row in found]


@get(
    ["/mandates", "/reports/mandates"],
    tags=_TAGS,
    summary="List mandates",
    description=(
        "Laws, standards and frameworks with the controls that say something about each of their requirements. A bare "
        "list. `/reports/mandates` is the former address."
    ),
    operation_class=described((_OF_CLOUD,)),
    responses=answers(list[wire.MandateBody], "The mandates"),
    sync_to_thread=False,
)
def list_mandates(request: Asked) -> list[wire.MandateBody]:
    cloud = _cloud(request)
    usecases = services(request).usecases
    bodies = (wire.mandate(row, usecases.catalogue.controls) for row in usecases.policies.mandates)
    return [body for body in bodies if cloud is None or cloud in body.cloud_types]


@post(
    "/reports",
    tags=["Reports"],
    summary="Create a report by policies or by a mandate",
    description=(
        "`type` is MANDATE_BASED or POLICY_BASED. By a mandate it shows those controls (of the policies, if any) "
        "that say something about its requirements, and counts by requirement. Made, listed and downloaded like an "
        "assessment report. Everything that is wrong is said at once."
    ),
    operation_class=described(body=_REPORT_EXAMPLE),
    responses=answers(reports.ArrangedReport, "The request, and the report's id and status", status=201),
    status_code=201,
    sync_to_thread=True,
)
def create_arranged(request: Asked, body: RawBody) -> reports.ArrangedReport:
    draft = arranged_draft_of(json_mapping(request, body))
    return reports.arranged(services(request).usecases.reports.create(draft, request.user))


@patch(
    "/reports/{report_id:str}",
    tags=["Reports"],
    summary="Change a report by policies or by a mandate",
    description="What the body leaves out stays. It is made once more, unless only its title or description differs.",
    operation_class=described(body={"title": "PCI in production", "format": "xlsx"}),
    responses=answers(reports.ArrangedReport, "The report as it is then"),
    sync_to_thread=True,
)
def change_arranged(request: Asked, report_id: InPath, body: RawBody) -> reports.ArrangedReport:
    uuid = uuid_named(report_id, "report")
    usecases = services(request).usecases
    said = json_mapping(request, body)
    draft = arranged_draft_of(said, usecases.reports.get(uuid, request.user).request)
    return reports.arranged(usecases.reports.change(uuid, draft, request.user))


@get(
    "/policies",
    tags=_TAGS,
    summary="List policies",
    description="Those that the program ships first, then those that people made, the oldest first.",
    operation_class=described((*page_parameters(USUAL_PAGE), _OF_CLOUD)),
    responses=answers(PageBody[wire.OwnPolicyBody], "A page of policies"),
    media_type="application/json",
    sync_to_thread=False,
)
def list_own(request: Asked) -> bytes:
    asked = asked_listing(request, USUAL_PAGE)
    page = services(request).usecases.policies.list(PageRequest(asked.page, asked.size), _cloud(request))
    return envelope.page([wire.own_policy(row) for row in page.rows], page.total, page.request)


@post(
    "/policies",
    tags=_TAGS,
    summary="Make a policy",
    description=(
        "Of any controls of one cloud. It counts at once wherever a shipped one does: in `policyNames`, in the "
        "filter `policy.name`, in reports. Everything that is wrong is said at once."
    ),
    operation_class=described(body=_EXAMPLE),
    responses=answers(wire.OwnPolicyBody, "The policy", status=201),
    status_code=201,
    sync_to_thread=True,
)
def create_policy(request: Asked, body: RawBody) -> wire.OwnPolicyBody:
    draft = draft_of(json_mapping(request, body))
    return wire.own_policy(services(request).usecases.policies.create(draft, request.user.name))


@get(
    "/policies/{policy_id:str}",
    tags=_TAGS,
    summary="One policy",
    responses=answers(wire.OwnPolicyBody, "The policy"),
    sync_to_thread=False,
)
def get_policy(request: Asked, policy_id: InPath) -> wire.OwnPolicyBody:
    return wire.own_policy(_named(request, policy_id))


@put(
    "/policies/{policy_id:str}",
    tags=_TAGS,
    summary="Change a policy",
    description=(
        "What the body leaves out stays as it is; `controlIds` replaces the whole list. A change makes a new version. "
        "Policies that the program ships cannot be changed."
    ),
    operation_class=described(body={"controlIds": [1, 2, 322]}),
    responses=answers(wire.OwnPolicyBody, "The policy as it is then"),
    sync_to_thread=True,
)
def change_policy(request: Asked, policy_id: InPath, body: RawBody) -> wire.OwnPolicyBody:
    draft = draft_of(json_mapping(request, body))
    policy = _named(request, policy_id)
    return wire.own_policy(services(request).usecases.policies.change(policy.uuid, draft, request.user.name))


@delete(
    "/policies/{policy_id:str}",
    tags=_TAGS,
    summary="Delete a policy",
    description="Only one that a person made. Its controls and what they found stay.",
    sync_to_thread=True,
)
def delete_policy(request: Asked, policy_id: InPath) -> None:
    services(request).usecases.policies.delete(_named(request, policy_id).uuid, request.user.name)


def _cloud(request: Asked) -> Provider | None:
    """None when no cloud is named."""
    name = parameter(request, _CLOUD)
    if not name:
        return None
    try:
        return Provider(name.strip().upper())
    except ValueError:
        problem = f"{_CLOUD}: {name[:40]!r} is none of {', '.join(Provider)}"
        raise BadRequestError(f"{problem}.", [problem]) from None


def _named(request: Asked, policy_id: str) -> ControlPolicy:
    return services(request).usecases.policies.get(uuid_named(policy_id, "policy"))


ROUTES: tuple[HTTPRouteHandler, ...] = (
    list_first_policies,
    list_report_policies,
    list_mandates,
    create_arranged,
    change_arranged,
)
V2_ROUTES: tuple[HTTPRouteHandler, ...] = (list_policies,)
OWN_ROUTES: tuple[HTTPRouteHandler, ...] = (list_own, create_policy, get_policy, change_policy, delete_policy)
