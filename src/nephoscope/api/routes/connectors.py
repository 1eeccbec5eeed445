"""Routes of connectors: list, detail, create, update, delete, run (contract §7.1)."""

from collections.abc import Sequence
from uuid import UUID

from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import (
    Asked,
    InPath,
    asked_listing,
    conditions,
    json_value,
    page_request,
    provider_named,
    reading,
    services,
    uuid_named,
)
from nephoscope.api.connector_bodies import connector_body
from nephoscope.api.documenting import answers, described, list_parameters
from nephoscope.api.wire import connectors as wire
from nephoscope.api.wire import envelope
from nephoscope.api.wire.connector_drafts import read_draft
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import CONNECTORS_PAGE
from nephoscope.api.wire.reading import Reading, identifiers
from nephoscope.connectors import drafts
from nephoscope.connectors.connectors import Draft
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError
from nephoscope.model.connectors import ACCESS, Connector
from nephoscope.qql.tokens import CONNECTOR_TOKENS
from nephoscope.store import groups, tags

_SORTABLE = frozenset({"name", "state", "last_synced_on"})
_TAGS = ["Connectors"]
_DRAFT_EXAMPLE = {
    "name": "Production",
    "description": "The account of the shop",
    "arn": "arn:aws:iam::123456789012:role/nephoscope",
    "externalId": "1234567890123",
    "pollingFrequency": {"hours": 4, "minutes": 0},
}
_IDS_EXAMPLE = {wire.CONNECTOR_IDS: ["6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2"]}


@get(
    "/{provider:str}/connectors",
    tags=_TAGS,
    summary="List connectors",
    description="A connector is one cloud account and how to enter it. A provider without any answers an empty page.",
    operation_class=described(list_parameters(CONNECTORS_PAGE, "state:SUCCESS")),
    responses=answers(PageBody[wire.AwsConnector], "A page of connectors"),
    media_type="application/json",
    sync_to_thread=False,
)
def list_connectors(request: Asked, provider: InPath) -> bytes:
    cloud = provider_named(provider)
    asked = asked_listing(request, CONNECTORS_PAGE)
    bound = conditions(request, asked.filter, CONNECTOR_TOKENS)
    wanted = page_request(asked, CONNECTOR_TOKENS, _SORTABLE)
    page = services(request).usecases.connectors.list(cloud, bound, wanted, reach=request.user.reach)
    return envelope.page(_rows(request, page.rows), page.total, wanted)


@get(
    "/{provider:str}/connectors/{connector_id:str}",
    tags=_TAGS,
    summary="One connector",
    sync_to_thread=False,
)
def get_connector(
    request: Asked, provider: InPath, connector_id: InPath
) -> wire.AwsConnector | wire.AzureConnector | wire.GcpConnector:
    return _rows(request, (_found(request, provider, connector_id),))[0]


@get(
    "/aws/connectors/awsBaseAccountId",
    tags=_TAGS,
    summary="The accounts that enter yours",
    description="The AWS accounts whose credentials this program has, by partition: whom a role has to trust.",
    sync_to_thread=False,
)
def get_base_account(request: Asked) -> wire.BaseAccounts:
    return wire.base_accounts(services(request).usecases.connectors.base_accounts(reach=request.user.reach))


@post(
    "/{provider:str}/connectors",
    tags=_TAGS,
    summary="Create a connector",
    description=(
        "With `arn` and `externalId` the program enters the account through that role; with `awsAccountId` alone it "
        "uses its own credentials. The first run starts by itself."
    ),
    operation_class=described(body=_DRAFT_EXAMPLE),
    responses=answers(wire.CreatedAwsConnector, "The new connector", status=201),
    sync_to_thread=True,
)
def create_connector(
    request: Asked, provider: InPath, body: RawBody
) -> wire.CreatedAwsConnector | wire.AzureConnector | wire.GcpConnector:
    cloud = provider_named(provider)
    connectors = services(request).usecases.connectors
    now = services(request).usecases.clock()
    blank = Connector(uuid=UUID(int=0), provider=cloud, account_id="", name="", created_on=now, access=ACCESS[cloud]())
    draft = _draft(connector_body(request, cloud, body), blank)
    made = connectors.create(cloud, draft, request.user.name, reach=request.user.reach)
    return wire.created_row(made, connectors.base_accounts(reach=request.user.reach))


@put(
    "/{provider:str}/connectors/{connector_id:str}",
    tags=_TAGS,
    summary="Change a connector",
    description="Only what the body names changes. A connector keeps its account.",
    operation_class=described(body=_DRAFT_EXAMPLE),
    sync_to_thread=True,
)
def update_connector(
    request: Asked, provider: InPath, connector_id: InPath, body: RawBody
) -> wire.AwsConnector | wire.AzureConnector | wire.GcpConnector:
    before = _whole(request, provider, connector_id)
    draft = _draft(connector_body(request, before.provider, body), before)
    who = request.user
    after = services(request).usecases.connectors.update(before.uuid, draft, who.name, reach=who.reach)
    return _rows(request, (after,))[0]


@delete(
    "/{provider:str}/connectors/{connector_id:str}",
    tags=_TAGS,
    summary="Remove a connector",
    description="With everything known about its account.",
    sync_to_thread=True,
)
def delete_connector(request: Asked, provider: InPath, connector_id: InPath) -> None:
    found = _whole(request, provider, connector_id)
    services(request).usecases.connectors.delete([found.uuid], request.user.name)


@delete(
    "/{provider:str}/connectors",
    tags=_TAGS,
    summary="Remove several connectors",
    description=f'All or none. The body is `{{"{wire.CONNECTOR_IDS}": […]}}` or the bare list.',
    operation_class=described(body=_IDS_EXAMPLE),
    sync_to_thread=True,
)
def delete_connectors(request: Asked, provider: InPath, body: RawBody) -> None:
    found = _named(request, provider, body)
    services(request).usecases.connectors.delete([row.uuid for row in found], request.user.name)


@post(
    "/{provider:str}/connectors/{connector_id:str}/run",
    tags=_TAGS,
    summary="Run a connector now",
    description="409 while a run of it is queued or under way.",
    operation_class=described(),
    status_code=200,
    sync_to_thread=True,
)
def run_connector(request: Asked, provider: InPath, connector_id: InPath) -> wire.RunsQueued:
    found = _whole(request, provider, connector_id)
    services(request).usecases.runs.request(found.uuid, request.user.name)
    return wire.runs_queued([found.uuid], [])


@post(
    "/{provider:str}/connectors/run",
    tags=_TAGS,
    summary="Run several connectors now",
    description="Those that already have a run on its way are named in the answer. An unknown id refuses them all.",
    operation_class=described(body=_IDS_EXAMPLE),
    status_code=200,
    sync_to_thread=True,
)
def run_connectors(request: Asked, provider: InPath, body: RawBody) -> wire.RunsQueued:
    queued: list[UUID] = []
    running: list[UUID] = []
    for connector in _named(request, provider, body):
        try:
            services(request).usecases.runs.request(connector.uuid, request.user.name)
        except ConflictError:
            running.append(connector.uuid)
        else:
            queued.append(connector.uuid)
    if not queued:
        raise ConflictError("A run of every one of these connectors is already on its way.")
    return wire.runs_queued(queued, running)


def _rows(
    request: Asked, found: Sequence[Connector]
) -> list[wire.AwsConnector | wire.AzureConnector | wire.GcpConnector]:
    """With the tags that they wear and the groups that they are in."""
    keys = [connector.key for connector in found]
    with reading(request) as reader:
        worn, inside = tags.worn_by_connectors(reader, keys), groups.of_connectors(reader, keys)
    return [
        wire.connector_row(row, worn.get(row.key, ()), [(one.uuid, one.name) for one in inside.get(row.key, ())])
        for row in found
    ]


def _found(request: Asked, provider: str, connector_id: str) -> Connector:
    uuid = uuid_named(connector_id, "connector")
    return services(request).usecases.connectors.get(uuid, provider_named(provider), reach=request.user.reach)


def _whole(request: Asked, provider: str, connector_id: str) -> Connector:
    """For who runs, changes or removes it."""
    found = _found(request, provider, connector_id)
    return services(request).usecases.connectors.get_whole(found.uuid, found.provider, reach=request.user.reach)


def _named(request: Asked, provider: str, body: bytes) -> list[Connector]:
    """Every connector that the body names. NotFoundError names all that do not exist."""
    cloud = provider_named(provider)
    found: list[Connector] = []
    missing: list[str] = []
    for uuid in identifiers(json_value(request, body), wire.CONNECTOR_IDS):
        try:
            found.append(services(request).usecases.connectors.get_whole(uuid, cloud, reach=request.user.reach))
        except NotFoundError:
            missing.append(str(uuid))
    if missing:
        raise NotFoundError(f"There is no {cloud} connector {', '.join(missing[:20])}.")
    return found


def _draft(body: Reading, before: Connector) -> Draft:
    """BadRequestError names the fields of a wrong kind together with those that break a rule."""
    draft = read_draft(before.provider, body)
    if not body.problems:
        return draft
    problems = list(body.problems)
    wrong = {problem.partition(":")[0].partition(".")[0] for problem in problems}
    try:
        drafts.apply(draft, before)
    except BadRequestError as error:
        problems += [problem for problem in error.problems if problem.partition(":")[0] not in wrong]
    raise BadRequestError("The connector cannot be accepted: " + "; ".join(problems), problems)


ROUTES: tuple[HTTPRouteHandler, ...] = (
    list_connectors,
    get_connector,
    get_base_account,
    create_connector,
    update_connector,
    delete_connector,
    delete_connectors,
    run_connector,
    run_connectors,
)
