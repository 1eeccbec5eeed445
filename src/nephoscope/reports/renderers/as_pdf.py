"""The report that is forwarded: cover, posture with bars, the worst first, what fails with its evidence, what was
excepted by whom and until when, and what could not be read.

The layout is a template beside this module; texts reach it as data and are never markup. Fonts with Latin, Greek,
Cyrillic, Arabic, Hebrew, Thai and Devanagari letters come along; what they lack is taken from the system's.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from nephoscope.model.evaluations import Status
from nephoscope.model.reports import SHOWN_RESULTS, ReportKind
from nephoscope.model.scopes import GLOBAL_REGION
from nephoscope.reports.content import Content, ControlPosture, Counts, ResultRow
from nephoscope.reports.renderers.typesetting import typeset

MOST_ROWS = 5_000
"""Rows that are listed, failures first. A report is read by people: who wants them all asks for another format."""
AT_ONCE = 600
"""Rows that are laid out at once: that takes a hundred megabytes."""
_MOST_LISTED = 500
"""Connectors, or parts that could not be read."""
_WORST = 20
_EVIDENCES, _LONGEST_VALUE = 6, 300
_PIECE = 1 << 20
_BREAKABLE = re.compile(r"([/:._@\-,=])(?=\S)|(\S{24})(?=\S)")
_FONTS = (
    "FiraGO",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "Libertinus Serif",
    "DejaVu Sans Mono",
)
_BUNDLED = {"figo": "FiraGO-Regular", "figbo": "FiraGO-Bold"}
_KINDS = {
    ReportKind.ASSESSMENT: "Assessment report",
    ReportKind.MANDATE_BASED: "Mandate report",
    ReportKind.POLICY_BASED: "Policy report",
}


def render(content: Content) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        template = resources.files("nephoscope.reports.renderers") / "pdf" / "report.typ"
        (folder / "report.typ").write_bytes(template.read_bytes())
        with _made(folder, parts_of(data_of(content))).open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def parts_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """What is laid out at once: all of it; of many rows, so many at a time. The first part holds what comes before the
    rows, the last what comes after."""
    sections = data["results"]
    is_short = sum(len(section["rows"]) for section in sections) <= AT_ONCE
    parts = [sections] if is_short else [[piece] for section in sections for piece in _pieces(section)]
    last = len(parts) - 1
    return [
        {**data, "results": part, "is_first": at == 0, "is_last": at == last, "is_whole": not last}
        for at, part in enumerate(parts)
    ]


def _pieces(section: dict[str, Any]) -> Iterator[dict[str, Any]]:
    rest = section["rows"]
    for at in range(0, len(rest) or 1, AT_ONCE):
        is_last = at + AT_ONCE >= len(rest)
        title, more = "" if at else section["title"], section["more"] if is_last else ""
        yield {**section, "title": title, "rows": rest[at : at + AT_ONCE], "more": more}


def _made(folder: Path, parts: Sequence[dict[str, Any]]) -> Path:
    from pypdf import PdfWriter  # noqa: PLC0415 - servers wait without it

    whole = PdfWriter()
    for part in parts:
        told = {**part, "start": len(whole.pages) + 1}
        (folder / "data.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        made = typeset(folder, _fonts(), has_tags=part["is_whole"])
        if part["is_whole"]:
            return made
        whole.append(BytesIO(made.read_bytes()))
    whole.add_metadata({"/Title": parts[0]["title"], "/Author": parts[0]["author"]})
    whole.write(folder / "whole.pdf")
    return folder / "whole.pdf"


@cache
def _font_folder() -> "tempfile.TemporaryDirectory[str]":
    """Lives as long as the process."""
    import pymupdf_fonts  # noqa: PLC0415 - likewise

    folder = tempfile.TemporaryDirectory(prefix="report-fonts-")
    for code, name in _BUNDLED.items():
        (Path(folder.name) / f"{name}.ttf").write_bytes(pymupdf_fonts.myfont(code))
    return folder


def _fonts() -> str:
    return _font_folder().name


def data_of(content: Content) -> dict[str, Any]:
    """What the template says, as texts and numbers."""
    request, wanted = content.report.request, content.selection.statuses or SHOWN_RESULTS
    failures, more_failures = _listed(content, (Status.FAIL,), MOST_ROWS) if Status.FAIL in wanted else ([], "")
    rest = tuple(status for status in wanted if status is not Status.FAIL)
    others, more_others = _listed(content, rest, MOST_ROWS - len(failures)) if rest and request.results else ([], "")
    content.listed = len(failures) + len(others)
    empty = "Nothing fails." if Status.FAIL in wanted else "Failures were not asked for."
    results = [{"title": "Failing resources", "rows": failures, "empty": empty, "more": more_failures}]
    if others:
        results.append({"title": "Other results", "rows": others, "empty": "", "more": more_others})
    return {
        "title": soft(request.name),
        "author": content.report.created_by,
        "kind": _KINDS[request.kind],
        "description": soft(request.description),
        "moment": f"{content.cover.moment:%Y-%m-%d %H:%M} UTC",
        "fonts": _FONTS,
        "facts": list(_facts(content)),
        "total": _counts(content.total),
        "policies": [
            _posture(row.policy.title, f"version {row.policy.version}", row.counts) for row in content.by_policy
        ],
        **_connectors(content),
        "requirements": [
            _posture(f"{row.section.number}  {row.section.title}", "", row.counts) for row in content.by_requirement
        ],
        "worst": [_worst(row) for row in content.worst(_WORST)],
        "results": results,
        "exceptions": list(_exceptions(content)),
        **_unread(content),
        "controls": [_control(row) for row in content.controls] if request.has_summary else [],
    }


def _connectors(content: Content) -> dict[str, Any]:
    rows = content.by_connector
    shown = [_posture(row.connector.name, row.connector.account_id, row.counts) for row in rows[:_MOST_LISTED]]
    return {"connectors": shown, "more_connectors": _rest(len(rows) - len(shown), "connectors")}


def _facts(content: Content) -> Iterator[tuple[str, str]]:
    """What narrows the report, and when it is of."""
    cover, request = content.cover, content.report.request
    yield "As of", f"{cover.moment:%Y-%m-%d %H:%M:%S} UTC"
    yield "Made for", cover.report.created_by
    yield "Cloud", request.provider.value
    names = [f"{row.name} ({row.account_id})" for row in cover.connectors]
    yield "Connectors", _some(names, "connectors") or "none"
    yield "Policies", _some([row.title for row in cover.policies], "policies") or "all"
    if content.selection.mandate:
        yield "Mandate", f"{content.selection.mandate.name} {content.selection.mandate.version}"
    if cover.group_names:
        yield "Groups", _some(cover.group_names, "groups")
    if cover.tag_names:
        yield "Tags", _some(cover.tag_names, "tags")
    if request.query:
        yield "Query", soft(request.query)
    if request.since or request.until:
        since = f"from {request.since:%Y-%m-%d %H:%M} " if request.since else ""
        yield "Evaluated", since + (f"until {request.until:%Y-%m-%d %H:%M}" if request.until else "")
    yield "Results", ", ".join(cover.statuses)


def _some(names: Sequence[str], what: str, most: int = 12) -> str:
    rest = len(names) - most
    return ", ".join(map(soft, names[:most])) + (f", and {rest} more {what}" if rest > 0 else "")


def _listed(content: Content, statuses: Sequence[Status], most: int) -> tuple[list[dict[str, Any]], str]:
    rows = content.rows(statuses)
    shown = [_result(row, content.report.request.has_arns) for row in islice(rows, max(0, most))]
    rest = sum(1 for _ in rows)
    return shown, _rest(rest, "rows; the other formats hold all of them")


def _result(row: ResultRow, has_arns: bool) -> dict[str, Any]:
    resource = row.resource
    place = [resource.resource_type, "" if resource.region == GLOBAL_REGION else resource.region]
    place += [f"{row.connector.provider.account_key} {row.connector.account_id}", resource.arn if has_arns else ""]
    return {
        "resource": soft(resource.resource_id if resource.name in {"", resource.resource_id} else _both(row)),
        "place": soft("  ".join(filter(None, place))),
        "criticality": row.control.criticality.value,
        "cid": str(row.control.cid),
        "control": soft(row.control.name),
        "evidence": [(soft(one.setting_name), soft(_cut(one.actual_value))) for one in row.evidence[:_EVIDENCES]],
        "result": row.status.value,
    }


def _both(row: ResultRow) -> str:
    return f"{row.resource.name} ({row.resource.resource_id})"


def _worst(row: ControlPosture) -> dict[str, Any]:
    return {
        "criticality": row.control.criticality.value,
        "cid": str(row.control.cid),
        "name": soft(row.control.name),
        "policies": _some(row.policy_names, "policies", 3),
        "failed": f"{row.counts.failed:,}",
        "passed": f"{row.counts.passed:,}",
    }


def _control(row: ControlPosture) -> dict[str, Any]:
    return {
        "criticality": row.control.criticality.value,
        "cid": str(row.control.cid),
        "name": soft(row.control.name),
        "counts": _counts(row.counts),
    }


def _posture(name: str, note: str, counts: Counts) -> dict[str, Any]:
    return {"name": soft(name), "note": soft(note), "counts": _counts(counts)}


def _counts(counts: Counts) -> dict[str, Any]:
    numbers = {
        "passed": counts.passed,
        "failed": counts.failed,
        "excepted": counts.excepted,
        "unknown": counts.unknown,
    }
    shown = {name: f"{number:,}" for name, number in numbers.items()}
    return {**numbers, "shown": shown, "score": "–" if counts.score is None else f"{counts.score:.0f} %"}


def _exceptions(content: Content) -> Iterator[dict[str, str]]:
    for row in content.exceptions:
        yield {
            "name": soft(row.name),
            "owner": soft(row.created_by),
            "reason": row.reason.value,
            "ends": f"{row.ends:%Y-%m-%d %H:%M} UTC",
            "controls": str(len(row.control_ids)),
        }


def _unread(content: Content) -> dict[str, Any]:
    rows = [
        {
            "connector": soft(row.connector.name),
            "type": soft(row.scope.report.scope.resource_type),
            "region": row.scope.report.scope.region,
            "reason": soft(_cut(row.reason)),
        }
        for row in content.unread
    ]
    return {"unread": rows[:_MOST_LISTED], "more_unread": _rest(len(rows) - _MOST_LISTED, "parts")}


def _rest(count: int, what: str) -> str:
    return f"… and {count:,} more {what}." if count > 0 else ""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def soft(text: str) -> str:
    """May be broken where names have their joints, and anywhere at last: an id has no spaces and a column is narrow."""
    printable = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    return _BREAKABLE.sub(lambda found: f"{found[0]}\u200b", printable)
