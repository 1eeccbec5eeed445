import io
import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from lxml import etree

from apiworld import BASE
from nephoscope.api.routes.controls import prefers_xml
from nephoscope.api.wire.controls import ControlList, Warning, control_body, control_list  # noqa: A004 - the wire's word
from nephoscope.api.wire.controls_xml import METADATA_DTD, render

LIST = f"{BASE}/controls/metadata/list"
Client = TestClient[Litestar]


def cids(client: Client, query: str) -> list[int]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.text
    return [row["cid"] for row in answer.json()["control"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 45, 46, 322]),
        ("filter=provider:AWS", [1, 2, 45, 46, 322]),
        ("filter=provider:aws and cid:322", [322]),
        ("filter=provider:AZURE", []),
        ("filter=control.name:mfa", [1]),
        ('filter=control.name:"IMDSv2"', [322]),
        ("filter=resource.type:IAM_USER", [1, 2]),
        ("filter=resource.type:IAM USER", [1, 2]),
        ("filter=service.type:EC2", [46, 322]),
        ("filter=control.criticality:LOW", [2]),
        ("filter=control.type:SYSTEM DEFINED", [1, 2, 45, 46, 322]),
        ("filter=policy.name:Best Practices", [322]),
        ("filter=isCustomizable:true", [2]),
        ("filter=createdDate:2026-11-25", [1, 2, 45, 46, 322]),
        ("filter=createdDate:[2020-01-01 .. 2021-01-01]", []),
        ("filter=modifiedDate:[2026-01-01 .. ]", [1, 2, 45, 46, 322]),
        ("sort=cid:desc", [322, 46, 45, 2, 1]),
        ("sort=control.name:asc&pageSize=2", [46, 322]),
        ("pageNo=1&pageSize=2", [45, 46]),
        ("pageNo=9&pageSize=2", []),
        ("filter=provider%3AAWS&pageNo=0&pageSize=100", [1, 2, 45, 46, 322]),
        ("filter=provider:AWS+and+service.type:S3", [45]),
    ],
)
def test_controls_are_filtered_sorted_and_cut(still: Client, query: str, found: list[int]) -> None:
    assert cids(still, query) == found


def test_more_pages_are_announced_and_followed_to_the_end(still: Client) -> None:
    seen: list[int] = []
    url = f"{LIST}?filter=service.type:IAM&pageSize=1&sort=cid:desc"
    while url:
        answer = still.get(url).json()
        seen += [row["cid"] for row in answer["control"]]
        url = answer.get("warning", {}).get("url", "")
    assert seen == [2, 1]


def test_no_warning_stands_on_the_last_page(still: Client) -> None:
    assert list(still.get(LIST).json()) == ["dateTime", "control"]
    assert list(still.get(f"{LIST}?pageSize=4").json()) == ["dateTime", "control", "warning"]
    assert list(still.get(f"{LIST}?pageSize=4").json()["warning"]) == ["code", "text", "url"]


@pytest.mark.parametrize(
    ("accept", "is_xml"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/xml", True),
        ("Application/XML", True),
        ("text/xml", True),
        ("application/json, application/xml", False),
        ("application/xml, application/json", True),
        ("application/xml;q=0.9, application/json", False),
        ("application/json;q=0.2, application/xml;q=0.5", True),
        ("application/xml;q=0", False),
        ("application/xml;q=nonsense", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
    ],
)
def test_xml_is_for_those_who_ask_for_it(accept: str, *, is_xml: bool) -> None:
    assert prefers_xml(accept) is is_xml


def test_xml_is_served_valid_against_the_served_dtd(still: Client) -> None:
    dtd = etree.DTD(io.StringIO(still.get(f"{BASE}/controls/metadata/metadata.dtd").text))
    for query in ("", "?pageSize=2", "?filter=cid:99", "?pageNo=1&pageSize=2"):
        answer = still.get(LIST + query, headers={"Accept": "application/xml"})
        assert answer.headers["content-type"].startswith("application/xml")
        assert dtd.validate(etree.fromstring(answer.content)), dtd.error_log


def test_xml_says_what_json_says(still: Client) -> None:
    root = etree.fromstring(still.get(LIST, headers={"Accept": "application/xml"}).content)
    controls = still.get(LIST).json()["control"]
    for element, control in zip(root.findall("CONTROL_LIST/CONTROL"), controls, strict=True):
        assert element.findtext("CID") == str(control["cid"])
        assert element.findtext("CONTROL_NAME") == control["controlName"]
        assert element.findtext("IS_CUSTOMIZABLE") == str(control["isCustomizable"]).lower()
        assert element.findtext("SERVICE_TYPE") == control["serviceType"]
        assert element.findtext("SPECIFICATION") == control["specification"]
        assert element.findtext("REFERENCES") == control["references"]
        assert element.findtext("EVALUATION/PASS_MESSAGE") == control["evaluation"]["passMessage"]
        criteria = element.findall("EVALUATION/EVALUATION_CRITERIA_LIST/EVALUATION_CRITERIA")
        assert [
            {"label": row.findtext("LABEL"), "operator": row.findtext("OPERATOR"), "value": row.findtext("VALUE")}
            for row in criteria
        ] == control["evaluation"]["evaluationCriteria"]
        names = [row.text for row in element.findall("POLICY_NAME_LIST/POLICY_NAME")]
        assert names == control["policyNames"]


def test_texts_are_rendered_as_html(still: Client) -> None:
    control = still.get(f"{LIST}?filter=cid:2").json()["control"][0]
    assert control["evaluation"]["evaluationDescription"] == "<p>Looks at a <em>setting</em>.</p>"
    assert "recommendation 1.2" in control["specification"]
    assert 'href="https://example.com/?a=1&amp;b=2"' in control["references"]
    assert control["evaluation"]["evaluationCriteria"] == [
        {"label": "Maximum age & more", "operator": "<=", "value": "90"}
    ]


def test_hostile_texts_stay_texts(still_world: Any) -> None:
    control = still_world.catalogue.controls[2]
    replaced = {"name": "a\x00b <x> & ]]>", "description": "<script>alert(1)</script> ]]> &amp;"}
    hostile = type(control)(**{name: getattr(control, name) for name in control.__struct_fields__} | replaced)
    body = control_body(hostile, "IAM User", ())
    assert "<script>" not in body.evaluation.evaluation_description
    answer = control_list([body], still_world.clock(), "http://x/?a=1&b=<2>")
    root = etree.fromstring(render(answer))
    assert etree.DTD(io.StringIO(METADATA_DTD)).validate(root)
    assert root.findtext("CONTROL_LIST/CONTROL/CONTROL_NAME") == "a\ufffdb <x> & ]]>"
    assert root.findtext("CONTROL_LIST/CONTROL/SPECIFICATION") == body.specification
    assert root.findtext("WARNING/URL") == "http://x/?a=1&b=<2>"


def test_the_dtd_is_the_seeds_with_its_names_repaired() -> None:
    dtd = etree.DTD(io.StringIO(METADATA_DTD))
    names = [line.split()[1] for line in METADATA_DTD.splitlines()]
    assert len(names) == len(set(names)) == 34
    assert all(re.fullmatch("[A-Z]+(_[A-Z]+)*", name) for name in names)
    answer = ControlList("2021-07-06T12:50:34.526+00:00", [], Warning("1", "more", "u"))
    assert dtd.validate(etree.fromstring(render(answer)))
    assert not dtd.validate(etree.fromstring("<CONTROL_LIST_OUTPUT><CONTROL_LIST/></CONTROL_LIST_OUTPUT>"))
