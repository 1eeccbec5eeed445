"""Routes of our own API: reports that come by themselves, and how their deliveries went."""

from uuid import UUID

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import Asked, InPath, json_mapping, services, uuid_named
from nephoscope.api.documenting import answers, described
from nephoscope.api.wire import schedules as wire
from nephoscope.errors import NotFoundError
from nephoscope.reports.delivery.schedules import Schedules, schedule_draft

_TAGS = ["Reports"]
_EXAMPLE = {
    "name": "Weekly posture",
    "cron": "0 6 * * MON",
    "timeZone": "Europe/Berlin",
    "report": {"cloudType": "AWS", "format": "pdf", "resourceResults": ["FAIL"]},
    "deliveries": [{"folder": "weekly"}, {"url": "https://example.com/hook"}, {"to": ["ciso@example.com"]}],
}


@get(
    "/report-schedules",
    tags=_TAGS,
    summary="Reports that come by themselves",
    operation_class=described(),
    responses=answers(list[wire.ScheduleBody], "The schedules"),
    sync_to_thread=True,
)
def list_schedules(request: Asked) -> list[wire.ScheduleBody]:
    return [wire.schedule(row) for row in _schedules(request).every(request.user)]


@post(
    "/report-schedules",
    tags=_TAGS,
    summary="Have a report come by itself",
    description=(
        "`cron` has five fields, in `timeZone` (the server's when it is left out). `report` is what creating a report "
        "takes, `deliveries` where it is taken: a `folder` below the server's folder for reports, a webhook (`url`), "
        "mail (`to`). Webhooks are signed: the header `X-Nephoscope-Signature` is `t=<seconds>,v1=<hex>`, an "
        "HMAC-SHA256 with the `secret` of this answer over `<t>.<body>`. What fails is tried again for about a day."
    ),
    operation_class=described(body=_EXAMPLE),
    responses=answers(wire.ScheduleBody, "The schedule, and the secret of its webhooks", status=201),
    sync_to_thread=True,
)
def create_schedule(request: Asked, body: RawBody) -> wire.ScheduleBody:
    zone = services(request).usecases.preferences.zone_of(request.user.name)
    made = _schedules(request).create(schedule_draft(json_mapping(request, body), zone.key), request.user)
    return wire.schedule(made.schedule, made.secret)


@get("/report-schedules/{schedule_id:str}", tags=_TAGS, summary="One schedule", sync_to_thread=True)
def get_schedule(request: Asked, schedule_id: InPath) -> wire.ScheduleBody:
    return wire.schedule(_schedules(request).get(_uuid(schedule_id), request.user))


@get(
    "/report-schedules/{schedule_id:str}/deliveries",
    tags=_TAGS,
    summary="How the deliveries of a schedule went",
    responses=answers(list[wire.DeliveryBody], "The newest first"),
    operation_class=described(),
    sync_to_thread=True,
)
def list_deliveries(request: Asked, schedule_id: InPath) -> list[wire.DeliveryBody]:
    return wire.deliveries(_schedules(request).deliveries(_uuid(schedule_id), request.user))


@post(
    "/report-schedules/{schedule_id:str}/{change:str}",
    tags=_TAGS,
    summary="Run a schedule now, or switch it off and on",
    description="`change` is `run`, `disable` or `enable`.",
    operation_class=described(),
    status_code=200,
    sync_to_thread=True,
)
def change_schedule(request: Asked, schedule_id: InPath, change: InPath) -> wire.ScheduleBody:
    schedules, uuid = _schedules(request), _uuid(schedule_id)
    if change == "run":
        schedules.run(uuid, request.user)
        return wire.schedule(schedules.get(uuid, request.user))
    if change not in {"disable", "enable"}:
        raise NotFoundError(f"There is no {change[:40]!r} of a schedule; there are run, disable and enable.")
    return wire.schedule(schedules.switch(uuid, request.user, is_disabled=change == "disable"))


@delete("/report-schedules/{schedule_id:str}", tags=_TAGS, summary="Remove a schedule", sync_to_thread=True)
def delete_schedule(request: Asked, schedule_id: InPath) -> None:
    _schedules(request).delete(_uuid(schedule_id), request.user)


def _schedules(request: Asked) -> Schedules:
    return services(request).usecases.schedules


def _uuid(text: str) -> UUID:
    return uuid_named(text, "schedule")


ROUTES: tuple[HTTPRouteHandler, ...] = (
    list_schedules,
    create_schedule,
    get_schedule,
    list_deliveries,
    change_schedule,
    delete_schedule,
)
