"""Control metadata as XML, valid against the seed's DTD, whose element names lost their underscores in print."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from nephoscope.api.wire.controls import ControlBody, ControlList

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""

_LEAVES = (
    "DATETIME", "CODE", "TEXT", "URL", "CID", "CONTROL_NAME", "CREATED", "MODIFIED", "CONTROL_TYPE", "PROVIDER",
    "IS_CUSTOMIZABLE", "SERVICE_TYPE", "CRITICALITY", "EVALUATION_DESCRIPTION", "PASS_MESSAGE", "FAIL_MESSAGE", "LABEL",
    "OPERATOR", "VALUE", "SPECIFICATION", "RATIONALE", "MANUAL_REMEDIATION", "REFERENCES", "RESOURCE_TYPE",
    "REMEDIATION_ENABLED", "POLICY_NAME",
)  # fmt: skip
_BRANCHES = {
    "CONTROL_LIST_OUTPUT": "(DATETIME,WARNING?,CONTROL_LIST)*",
    "WARNING": "(CODE,TEXT,URL)*",
    "CONTROL_LIST": "(CONTROL)*",
    "CONTROL": (
        "(CID,CONTROL_NAME,CREATED,MODIFIED,CONTROL_TYPE,PROVIDER,IS_CUSTOMIZABLE,SERVICE_TYPE,CRITICALITY,EVALUATION,"
        "SPECIFICATION,RATIONALE,MANUAL_REMEDIATION,REFERENCES,RESOURCE_TYPE,REMEDIATION_ENABLED,POLICY_NAME_LIST)*"
    ),
    "EVALUATION": "(EVALUATION_DESCRIPTION,PASS_MESSAGE,FAIL_MESSAGE,EVALUATION_CRITERIA_LIST)*",
    "EVALUATION_CRITERIA_LIST": "(EVALUATION_CRITERIA)*",
    "EVALUATION_CRITERIA": "(LABEL,OPERATOR,VALUE)*",
    "POLICY_NAME_LIST": "(POLICY_NAME)*",
}

METADATA_DTD = "".join(
    f"<!ELEMENT {name} {model}>\n" for name, model in (*_BRANCHES.items(), *((name, "(#PCDATA)") for name in _LEAVES))
)


def render(answer: ControlList) -> bytes:
    parts = [
        "<?xml version='1.0' encoding='UTF-8'?>\n<CONTROL_LIST_OUTPUT>\n",
        _leaf("DATETIME", answer.date_time),
    ]
    if answer.warning:
        warning = answer.warning
        parts += ["<WARNING>\n", _leaf("CODE", warning.code), _leaf("TEXT", warning.text), _leaf("URL", warning.url)]
        parts.append("</WARNING>\n")
    parts.append("<CONTROL_LIST>\n")
    for control in answer.control:
        parts += _control(control)
    parts.append("</CONTROL_LIST>\n</CONTROL_LIST_OUTPUT>\n")
    return "".join(parts).encode()


def _control(control: ControlBody) -> Iterator[str]:
    yield "<CONTROL>\n"
    yield _leaf("CID", str(control.cid))
    yield _leaf("CONTROL_NAME", control.control_name)
    yield _leaf("CREATED", control.created)
    yield _leaf("MODIFIED", control.modified)
    yield _leaf("CONTROL_TYPE", control.control_type)
    yield _leaf("PROVIDER", control.provider)
    yield _leaf("IS_CUSTOMIZABLE", _flag(control.is_customizable))
    yield _cdata("SERVICE_TYPE", control.service_type)
    yield _leaf("CRITICALITY", control.criticality)
    yield from _evaluation(control)
    yield _cdata("SPECIFICATION", control.specification)
    yield _cdata("RATIONALE", control.rationale)
    yield _cdata("MANUAL_REMEDIATION", control.manual_remediation)
    yield _cdata("REFERENCES", control.references)
    yield _leaf("RESOURCE_TYPE", control.resource_type)
    yield _leaf("REMEDIATION_ENABLED", _flag(control.remediation_enabled))
    yield from _listed("POLICY_NAME_LIST", [_leaf("POLICY_NAME", name) for name in control.policy_names])
    yield "</CONTROL>\n"


def _evaluation(control: ControlBody) -> Iterator[str]:
    evaluation = control.evaluation
    yield "<EVALUATION>\n"
    yield _cdata("EVALUATION_DESCRIPTION", evaluation.evaluation_description)
    yield _leaf("PASS_MESSAGE", evaluation.pass_message)
    yield _leaf("FAIL_MESSAGE", evaluation.fail_message)
    criteria = [
        "<EVALUATION_CRITERIA>\n"
        + _leaf("LABEL", row.label)
        + _leaf("OPERATOR", row.operator)
        + _leaf("VALUE", row.value)
        + "</EVALUATION_CRITERIA>\n"
        for row in evaluation.evaluation_criteria
    ]
    yield from _listed("EVALUATION_CRITERIA_LIST", criteria)
    yield "</EVALUATION>\n"


def _listed(name: str, rows: list[str]) -> Iterator[str]:
    if not rows:
        yield f"<{name}/>\n"
        return
    yield f"<{name}>\n"
    yield from rows
    yield f"</{name}>\n"


def _leaf(name: str, text: str) -> str:
    return f"<{name}>{escape(_clean(text))}</{name}>\n"


def _cdata(name: str, text: str) -> str:
    """A section cannot hold its own end, so that end is cut in two."""
    safe = _clean(text).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{safe}]]></{name}>\n"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _flag(value: bool) -> str:
    return "true" if value else "false"
