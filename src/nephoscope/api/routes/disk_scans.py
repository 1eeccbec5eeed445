"""Our own routes of disk scans: settings of connectors, quotes, scans, costs, bills of materials."""

from typing import Any
from uuid import UUID

from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from litestar.response import Response

from nephoscope.api.asking import (
    Asked,
    InPath,
    filtered_page,
    json_object,
    parameter,
    reading,
    services,
    uuid_named,
)
from nephoscope.api.documenting import answers, described, list_parameters, text_parameter
from nephoscope.api.downloads import attachment
from nephoscope.api.wire import disk_scans as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.api.wire.reading import Reading, parse_uuid
from nephoscope.errors import refuse
from nephoscope.qql.dates import span
from nephoscope.qql.tokens import DISK_SCAN_TOKENS
from nephoscope.snapshots.bills import BillForm, bill, form_named
from nephoscope.store import connectors, disk_scans

_TAGS = ["Disk scans"]
_SINCE, _FORMAT = "since", "format"


@get(
    "/disk-scans",
    tags=_TAGS,
    summary="List disk scans",
    description="The newest first: what was asked for, how it ended, what it cost.",
    operation_class=described(list_parameters(USUAL_PAGE, "state:FAILED and queuedOn:[now-7d..now]")),
    responses=answers(PageBody[wire.ScanBody], "A page of scans"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_scans(request: Asked) -> bytes:
    return filtered_page(request, DISK_SCAN_TOKENS, disk_scans.SORTABLE, disk_scans.page, wire.scan)


@post(
    "/disk-scans",
    tags=_TAGS,
    summary="Scan disks now",
    description=(
        f"Of the instances in `{wire.RESOURCES}`, or of all that the selection of the connector in `{wire.CONNECTOR}` "
        "chooses. How is said by the connector's settings, or here. Those that are being scanned are named in `busy`."
    ),
    operation_class=described(body=wire.EXAMPLE),
    responses=answers(wire.StartedBody, "The scans, queued", status=202),
    status_code=202,
    sync_to_thread=True,
)
def start_scans(request: Asked, body: RawBody) -> wire.StartedBody:
    disks, given = services(request).usecases.disks, json_object(request, body)
    wanted, connector = _subjects(given)
    how = wire.read_request(given)
    by, reach = request.user.name, request.user.reach
    if connector is not None:
        started = disks.start_connector(connector, by, how, reach)
    else:
        started = disks.start(wanted, by, how, reach)
    return wire.StartedBody([wire.scan(row) for row in started.scans], list(started.busy))


@post(
    "/disk-scans/quote",
    tags=_TAGS,
    summary="What scans would cost at most",
    description="By the public tariff, from the sizes of the disks. Nothing is made.",
    operation_class=described(body={wire.RESOURCES: wire.EXAMPLE[wire.RESOURCES]}),
    status_code=200,
    sync_to_thread=True,
)
def quote_scans(request: Asked, body: RawBody) -> dict[str, Any]:
    disks, given = services(request).usecases.disks, json_object(request, body)
    wanted, connector = _subjects(given)
    if connector is not None:
        wanted = disks.chosen(connector, request.user.reach)
    return wire.priced(disks.quote(wanted, request.user.reach))


@get(
    "/disk-scans/costs",
    tags=_TAGS,
    summary="What scans have cost",
    description="By connector: blocks and bytes that were read, and their price by the public tariff.",
    operation_class=described((text_parameter(_SINCE, "Only scans from then on: `2026-01-31` or `now-30d`."),)),
    sync_to_thread=True,
)
def list_costs(request: Asked) -> dict[str, Any]:
    text, now = parameter(request, _SINCE), services(request).usecases.clock()
    since = span(text, now)[0] if text else None
    with reading(request) as reader:
        rows = disk_scans.costs(reader, since)
        owners = {row.connector_uuid: connectors.get(reader, row.connector_uuid) for row in rows}
    names = {uuid: owner.name if owner else "" for uuid, owner in owners.items()}
    return {
        "connectors": [wire.cost(row, names[row.connector_uuid]) for row in rows],
        "money": sum(row.money for row in rows),
        "scans": sum(row.scans for row in rows),
    }


@get(
    "/disk-scans/{scan_id:str}",
    tags=_TAGS,
    summary="One disk scan",
    responses=answers(wire.ScanBody, "The scan"),
    sync_to_thread=True,
)
def get_scan(request: Asked, scan_id: InPath) -> wire.ScanBody:
    return wire.scan(services(request).usecases.disks.get(uuid_named(scan_id, "disk scan"), request.user.reach))


@post(
    "/disk-scans/{scan_id:str}/cancel",
    tags=_TAGS,
    summary="Stop a disk scan",
    description="What it made is deleted within seconds; what was known before stays.",
    responses=answers(wire.ScanBody, "The scan"),
    status_code=200,
    sync_to_thread=True,
)
def cancel_scan(request: Asked, scan_id: InPath) -> wire.ScanBody:
    disks = services(request).usecases.disks
    return wire.scan(disks.cancel(uuid_named(scan_id, "disk scan"), request.user.name, request.user.reach))


@get(
    "/disk-settings/{connector_id:str}",
    tags=_TAGS,
    summary="How the disks of a connector's instances are scanned",
    responses=answers(wire.SettingsBody, "The settings"),
    sync_to_thread=True,
)
def get_settings(request: Asked, connector_id: InPath) -> wire.SettingsBody:
    disks = services(request).usecases.disks
    return wire.settings(disks.settings(uuid_named(connector_id, "connector"), request.user.reach))


@put(
    "/disk-settings/{connector_id:str}",
    tags=_TAGS,
    summary="Set how the disks of a connector's instances are scanned",
    description="What is not given stays as it is. An empty `tagKey` chooses every instance, an empty `tagValue` any.",
    operation_class=described(body={"isEnabled": True, "tagKey": "QUALYS_SNAPSHOT_ENABLED", "tagValue": "true"}),
    responses=answers(wire.SettingsBody, "The settings"),
    sync_to_thread=True,
)
def put_settings(request: Asked, connector_id: InPath, body: RawBody) -> wire.SettingsBody:
    disks, uuid = services(request).usecases.disks, uuid_named(connector_id, "connector")
    wanted = wire.read_settings(json_object(request, body), disks.settings(uuid, request.user.reach))
    return wire.settings(disks.put_settings(uuid, wanted, request.user.name, request.user.reach))


@get(
    "/resources/{resource_id:str}/sbom",
    tags=_TAGS,
    summary="The bill of materials of an instance",
    description="Every package on its disks, as it was read last: CycloneDX or SPDX, in JSON.",
    operation_class=described(
        (text_parameter(_FORMAT, "`cyclonedx` (as without it) or `spdx`."),),
        files=[form.media_type for form in BillForm],
    ),
    sync_to_thread=True,
)
def get_sbom(request: Asked, resource_id: InPath) -> Response[bytes]:
    usecases, form = services(request).usecases, form_named(parameter(request, _FORMAT))
    found, inventory = usecases.disks.inventory(uuid_named(resource_id, "resource"), request.user.reach)
    body = bill(form, inventory, found.resource_id, usecases.clock())
    headers = attachment(f"{found.resource_id.rpartition('/')[2]}{form.suffix}")
    return Response(body, media_type=form.media_type, headers=headers)


@post(
    "/findings/match",
    tags=_TAGS,
    summary="Compare all packages with the advisories again",
    description="Without touching a disk. By itself it happens whenever the advisories have changed.",
    status_code=200,
    sync_to_thread=True,
)
def match_again(request: Asked) -> dict[str, int]:
    return {"disks": services(request).usecases.disks.rematch(everything=True, reach=request.user.reach)}


def _subjects(given: Reading) -> tuple[tuple[UUID, ...], UUID | None]:
    """The instances, or the connector. BadRequestError when it is neither or both."""
    wanted, text = given.uuids(wire.RESOURCES), given.text(wire.CONNECTOR)
    connector = parse_uuid(text) if text else None
    if text and connector is None:
        given.problems.append(f"{wire.CONNECTOR}: {text[:60]!r} is not a uuid")
    if not given.problems and bool(wanted) == bool(text):
        given.problems.append(f"{wire.RESOURCES}: name instances, or a {wire.CONNECTOR}")
    refuse("The disk scan cannot be accepted", given.problems)
    return wanted or (), connector


ROUTES: tuple[HTTPRouteHandler, ...] = (
    list_scans,
    start_scans,
    quote_scans,
    list_costs,
    get_scan,
    cancel_scan,
    get_settings,
    put_settings,
    get_sbom,
    match_again,
)
