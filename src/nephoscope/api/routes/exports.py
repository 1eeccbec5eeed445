"""Routes of exports: what a SIEM polls. One route for each noun, because each asks for its own permission."""

from contextlib import ExitStack
from functools import partial

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from nephoscope.api.asking import Asked, InPath, parameter, services
from nephoscope.api.documenting import described, text_parameter
from nephoscope.api.streaming import LongWork
from nephoscope.errors import BadRequestError, NotFoundError
from nephoscope.reports.exports.exports import MOST, Wanted
from nephoscope.reports.exports.nouns import NOUNS, Noun

CURSOR, MORE = "Nephoscope-Cursor", "Nephoscope-More"
"""Headers: where the next export begins, and whether there is more to tell at once."""
_FORMAT, _FILTER, _SINCE, _LIMIT = "format", "filter", "since", "limit"
_DIGITS = 9
_TAGS = ["Exports"]


async def _told(request: Asked, noun: str) -> Stream:
    wanted = Wanted(
        noun=noun,
        format=parameter(request, _FORMAT).lower() or "jsonl",
        query=parameter(request, _FILTER),
        since=parameter(request, _SINCE),
        limit=_limit(parameter(request, _LIMIT)),
    )
    with ExitStack() as unless_streamed:
        work = LongWork(services(request).slots)
        unless_streamed.callback(work.close)
        export = await work.run(partial(services(request).usecases.exports.open, wanted, request.user.reach))
        stream = await work.stream(b"", export.pieces, b"", between=b"")
        unless_streamed.pop_all()
    headers = {
        CURSOR: export.cursor,
        MORE: "true" if export.has_more else "false",
        "Content-Disposition": f'attachment; filename="{noun}{export.suffix}"',
    }
    return Stream(stream, media_type=export.media_type, headers=headers)


def _limit(text: str) -> int:
    if not text:
        return 0
    value = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
    if not 1 <= value <= MOST:
        problem = f"{_LIMIT}: {text[:40]!r} is not a whole number from 1 to {MOST:,}"
        raise BadRequestError(f"{problem}.", [problem])
    return value


def _route(name: str, noun: Noun) -> HTTPRouteHandler:
    @get(
        f"/exports/{name}",
        tags=_TAGS,
        summary=f"Export {name}",
        name=f"export-{name}",
        description=(
            f"Everything there is, or with `{_SINCE}` what changed since. The answer is sent as it is made; its header "
            f"`{CURSOR}` is what to pass as `{_SINCE}` next time, once the answer was read to its end. With `{_LIMIT}` "
            f"an export comes in parts: `{MORE}: true` says that the next one can be had at once."
        ),
        operation_class=described(
            (
                text_parameter(_FORMAT, f"One of {', '.join(noun.formats)}; jsonl when not given."),
                text_parameter(_FILTER, "`token:value`, joined by `and`, as in the list of the same things."),
                text_parameter(_SINCE, f"The cursor that the last answer gave as `{CURSOR}`."),
                text_parameter(_LIMIT, f"Look at so many {_counted(name)} at most, up to {MOST:,}."),
            ),
            files=noun.media_types,
        ),
    )
    async def export(request: Asked) -> Stream:
        return await _told(request, name)

    return export


def _counted(name: str) -> str:
    return "exceptions" if name == "exceptions" else "resources"


@get("/exports/{noun:str}", tags=_TAGS, summary="What cannot be exported", include_in_schema=False)
async def export_unknown(request: Asked, noun: InPath) -> None:
    """Somebody asks for what is not in the table."""
    _ = request
    raise NotFoundError(f"{noun[:40]!r} cannot be exported; these can: {', '.join(NOUNS)}.")


ROUTES: tuple[HTTPRouteHandler, ...] = (*(_route(name, noun) for name, noun in NOUNS.items()), export_unknown)
