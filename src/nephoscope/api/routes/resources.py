"""Routes of the inventory: resources of a type, and one of them (contract §7.5)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from litestar import HttpMethod, route
from litestar.handlers import HTTPRouteHandler

from nephoscope.api.asking import (
    Asked,
    InPath,
    asked_listing,
    conditions,
    page_request,
    provider_named,
    reading,
    services,
)
from nephoscope.api.documenting import answers, described, list_parameters, text_parameter
from nephoscope.api.offloading import is_short, run
from nephoscope.api.wire import envelope, listing
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.api.wire.on_disk import OnDisk, show_findings
from nephoscope.api.wire.reading import parse_uuid
from nephoscope.api.wire.resources import ResourceWriter, wrapped
from nephoscope.errors import NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.resources import Resource
from nephoscope.qql.bound import Bound, names
from nephoscope.qql.tokens import Token, resource_tokens
from nephoscope.resource_types.table import find_type
from nephoscope.resource_types.types import ResourceType
from nephoscope.snapshots.choosing import is_chosen_by
from nephoscope.store import connectors, disks, found_secrets, resources, tags, vulnerabilities
from nephoscope.store.session import Reader

_SORTABLE = frozenset({"resource_id", "name", "region", "updated_on", "created_on"})
_INDEXED = frozenset({"resource_id", "uuid"})
"""Fields by which a row is found without a scan."""
_METHODS = [HttpMethod.GET, HttpMethod.POST]
_TAGS = ["Resources"]
_LAST_SYNCED = {"lastsyncedon": Token("updated_on")}
"""How clients call the order by last change."""


@route(
    "/resource/{type_name:str}/{provider:str}",
    http_method=_METHODS,
    tags=_TAGS,
    summary="List resources of a type",
    description="For example `EC2_INSTANCE/AWS`. Types have the API's names; common others (`S3_BUCKET`) work too.",
    operation_class=described(
        (
            *list_parameters(USUAL_PAGE, "resource.id:i-0123456789abcdef0"),
            text_parameter(listing.UPDATED, "When the resource last changed: `2024-01-31` or `[now-30d..now]`."),
        )
    ),
    responses=answers(PageBody[dict[str, Any]], "A page of resources"),
    media_type="application/json",
    status_code=200,
)
async def list_resources(request: Asked, type_name: InPath, provider: InPath) -> bytes:
    resource_type = find_type(provider_named(provider), type_name)
    asked = asked_listing(request, USUAL_PAGE)
    tokens = resource_tokens(resource_type)
    bound = conditions(request, asked.filter, tokens)
    if asked.updated:
        bound += conditions(request, f"{listing.UPDATED}:{asked.updated}", tokens)
    wanted = page_request(asked, {**tokens, **_LAST_SYNCED}, _SORTABLE)
    make = partial(_page, request, resource_type, bound, wanted)
    is_quick = is_short(wanted) and names(bound) <= _INDEXED and request.user.reach is None
    return await run(make, is_short=is_quick)


def _page(request: Asked, resource_type: ResourceType, bound: Bound, wanted: PageRequest) -> bytes:
    with reading(request) as reader:
        page = resources.page(reader, resource_type.provider, resource_type.name, bound, wanted)
        shown = services(request).usecases.settings.shows_secret_keys
        rows = _rows(reader, page.rows, resource_type, shows_secrets=shown)
    return envelope.page(rows, page.total, wanted)


@route(
    "/resource/{type_name:str}/uuid/{uuid:str}/{provider:str}",
    http_method=_METHODS,
    tags=_TAGS,
    summary="One resource",
    operation_class=described(),
    status_code=200,
    sync_to_thread=False,
)
def get_resource(request: Asked, type_name: InPath, uuid: InPath, provider: InPath) -> dict[str, Any]:
    resource_type = find_type(provider_named(provider), type_name)
    identity = parse_uuid(uuid)
    usecases = services(request).usecases
    with reading(request) as reader:
        found = resources.get(reader, identity) if identity else None
        if found is None or found.resource_type != resource_type.name:
            raise NotFoundError(f"There is no {resource_type.name} with the uuid {uuid[:80]!r}.")
        row = _rows(reader, (found,), resource_type, shows_secrets=usecases.settings.shows_secret_keys)[0]
        _detail(request, reader, found, row)
    return wrapped(row) if usecases.settings.wrapped_resource_detail else row


def _detail(request: Asked, reader: Reader, found: Resource, row: dict[str, Any]) -> None:
    """What a list has no room for. The two methods call it by different names (contract §§7.5 and 10)."""
    if disks.get(reader, found.key) is None:
        return
    weak = vulnerabilities.of_resources(reader, [found.key])[found.key]
    lying = found_secrets.of_resources(reader, [found.key])[found.key]
    show_findings(row, weak, lying, is_posted=request.method == HttpMethod.POST)


def _rows(
    reader: Reader, found: Sequence[Resource], resource_type: ResourceType, *, shows_secrets: bool
) -> list[dict[str, Any]]:
    owners = {key: connectors.get_by_key(reader, key) for key in {row.connector_key for row in found}}
    keys = [row.key for row in found]
    documents, worn = resources.documents(reader, keys), tags.worn(reader, keys)
    states, enabled = disks.by_keys(reader, keys), disks.enabled(reader, list(owners))
    writer = ResourceWriter(resource_type)
    rows = []
    for row in found:
        owner = owners[row.connector_key]
        if owner is not None:
            state, settings = states.get(row.key), enabled.get(row.connector_key)
            is_chosen = settings is not None and is_chosen_by(settings, owner, row, documents[row.key])
            disk = OnDisk(state, state is not None or is_chosen, shows_secrets)
            rows.append(writer.row(row, documents[row.key], owner, worn.get(row.key, ()), disk))
    return rows


ROUTES: tuple[HTTPRouteHandler, ...] = (list_resources, get_resource)
