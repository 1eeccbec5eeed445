"""Routes of connector groups: the compatible ones that read (contract §7.2), and our own that change."""

from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import Asked, InPath, asked_listing, json_object, json_value, services, uuid_named
from nephoscope.api.documenting import answers, described, page_parameters
from nephoscope.api.wire import envelope
from nephoscope.api.wire import groups as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.api.wire.reading import Reading, identifiers
from nephoscope.errors import refuse
from nephoscope.kit.pages import PageRequest
from nephoscope.model.groups import ConnectorGroup

_TAGS = ["Connector groups"]
_IDS_EXAMPLE = {wire.CONNECTOR_IDS: ["6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2"]}
_EXAMPLE = {wire.NAME: "Shops", **_IDS_EXAMPLE}


@get(
    "/groups",
    tags=_TAGS,
    summary="List connector groups",
    description="In order of name.",
    operation_class=described(page_parameters(USUAL_PAGE)),
    responses=answers(PageBody[wire.GroupBody], "A page of groups"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_groups(request: Asked) -> bytes:
    asked = asked_listing(request, USUAL_PAGE)
    wanted = PageRequest(asked.page, asked.size)
    page = services(request).usecases.groups.list(wanted, reach=request.user.reach)
    return envelope.page([wire.group(row) for row in page.rows], page.total, wanted)


@get(
    "/groups/{group_id:str}",
    tags=_TAGS,
    summary="One connector group",
    description="With its connectors.",
    responses=answers(wire.GroupDetail, "The group"),
    sync_to_thread=True,
)
def get_group(request: Asked, group_id: InPath) -> wire.GroupDetail:
    return _detail(request, _named(request, group_id))


@post(
    "/groups",
    tags=_TAGS,
    summary="Make a connector group",
    operation_class=described(body=_EXAMPLE),
    responses=answers(wire.GroupDetail, "The group", status=201),
    status_code=201,
    sync_to_thread=True,
)
def create_group(request: Asked, body: RawBody) -> wire.GroupDetail:
    said = json_object(request, body)
    name, ids = _name(said), said.uuids(wire.CONNECTOR_IDS)
    refuse("The group cannot be accepted", said.problems)
    made = services(request).usecases.groups.create(name, tuple(dict.fromkeys(ids or ())), request.user.name)
    return _detail(request, made)


@put(
    "/groups/{group_id:str}",
    tags=_TAGS,
    summary="Rename a connector group",
    operation_class=described(body={wire.NAME: "Shops of Europe"}),
    responses=answers(wire.GroupDetail, "The group as it is then"),
    sync_to_thread=True,
)
def rename_group(request: Asked, group_id: InPath, body: RawBody) -> wire.GroupDetail:
    found, said = _named(request, group_id), json_object(request, body)
    name = _name(said)
    refuse("The group cannot be accepted", said.problems)
    return _detail(request, services(request).usecases.groups.rename(found.uuid, name, request.user.name))


@delete(
    "/groups/{group_id:str}",
    tags=_TAGS,
    summary="Delete a connector group",
    description="Its connectors stay. 409 while it is part of what some user or API client sees.",
    sync_to_thread=True,
)
def delete_group(request: Asked, group_id: InPath) -> None:
    services(request).usecases.groups.delete(_named(request, group_id).uuid, request.user.name)


@post(
    "/groups/{group_id:str}/connectors/add",
    tags=_TAGS,
    summary="Put connectors into a group",
    description="All or none.",
    operation_class=described(body=_IDS_EXAMPLE),
    responses=answers(wire.GroupDetail, "The group as it is then"),
    status_code=200,
    sync_to_thread=True,
)
def add_connectors(request: Asked, group_id: InPath, body: RawBody) -> wire.GroupDetail:
    found, ids = _named(request, group_id), identifiers(json_value(request, body), wire.CONNECTOR_IDS)
    return _detail(request, services(request).usecases.groups.add(found.uuid, ids, request.user.name))


@post(
    "/groups/{group_id:str}/connectors/remove",
    tags=_TAGS,
    summary="Take connectors out of a group",
    description="All or none.",
    operation_class=described(body=_IDS_EXAMPLE),
    responses=answers(wire.GroupDetail, "The group as it is then"),
    status_code=200,
    sync_to_thread=True,
)
def remove_connectors(request: Asked, group_id: InPath, body: RawBody) -> wire.GroupDetail:
    found, ids = _named(request, group_id), identifiers(json_value(request, body), wire.CONNECTOR_IDS)
    return _detail(request, services(request).usecases.groups.remove(found.uuid, ids, request.user.name))


def _detail(request: Asked, found: ConnectorGroup) -> wire.GroupDetail:
    inside = services(request).usecases.groups.connectors_in(found.uuid, reach=request.user.reach)
    return wire.group_detail(found, inside)


def _named(request: Asked, group_id: str) -> ConnectorGroup:
    return services(request).usecases.groups.get(uuid_named(group_id, "group"), reach=request.user.reach)


def _name(said: Reading) -> str:
    name = said.text(wire.NAME)
    if not name:
        said.problems.append(f"{wire.NAME}: missing")
    return name or ""


ROUTES: tuple[HTTPRouteHandler, ...] = (list_groups, get_group)
OWN_ROUTES: tuple[HTTPRouteHandler, ...] = (
    *ROUTES,
    create_group,
    rename_group,
    delete_group,
    add_connectors,
    remove_connectors,
)
