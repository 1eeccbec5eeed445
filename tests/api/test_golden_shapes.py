"""Our answers against the shape of each seed sample, key by key."""

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from lxml import etree

from apiworld import ACCOUNT, BASE, World
from golden_shapes import check, golden

Client = TestClient[Litestar]


def test_the_regex_list_has_the_shape_of_its_sample(still: Client) -> None:
    answer = still.post(f"{BASE}/aws/evaluations/list/resources?pageNo=0&pageSize=100000", json={"regex": ".*"})
    assert answer.json()["content"]
    check(golden("regex_list.json"), answer.json())


def test_the_regex_list_has_the_values_of_its_sample(still: Client) -> None:
    page = still.post(f"{BASE}/aws/evaluations/list/resources", json={"regex": "i-.*"}).json()
    unsorted = {"sorted": False, "empty": True, "unsorted": True}
    assert page["pageable"] == {
        "sort": unsorted, "pageSize": 100, "pageNumber": 0, "offset": 0, "paged": True, "unpaged": False,
    }  # fmt: skip
    del page["content"], page["pageable"]
    assert page == {
        "totalPages": 1, "totalElements": 2, "last": True, "number": 0, "size": 100, "numberOfElements": 2,
        "sort": unsorted, "first": True, "empty": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/aws/connectors",
        "/azure/connectors",
        f"/aws/evaluations/{ACCOUNT}",
        f"/aws/evaluations/{ACCOUNT}/resources/1",
        "/resource/EC2_INSTANCE/AWS",
        "/exceptions/list",
    ],
)
def test_every_list_has_the_same_envelope(still: Client, path: str) -> None:
    envelope = golden("regex_list.json")
    answer = still.get(BASE + path).json()
    assert list(answer) == list(envelope)
    check({**envelope, "content": "list"}, answer)


def test_the_control_list_has_the_shape_of_its_sample(still: Client) -> None:
    answer = still.get(f"{BASE}/controls/metadata/list").json()
    assert answer["control"]
    check(golden("control_list.json"), answer)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", answer["dateTime"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", answer["control"][0]["created"])


def test_the_xml_control_list_has_the_elements_of_its_sample(still: Client) -> None:
    answer = still.get(f"{BASE}/controls/metadata/list?filter=cid:1", headers={"accept": "application/xml"})
    assert elements(etree.fromstring(answer.content)) == golden("control_list.xml.json")
    assert answer.text.startswith("<?xml version='1.0' encoding='UTF-8'?>\n<CONTROL_LIST_OUTPUT>")
    for name in ("SERVICE_TYPE", "EVALUATION_DESCRIPTION", "SPECIFICATION"):
        assert f"<{name}><![CDATA[" in answer.text


def elements(node: etree._Element) -> Any:
    """A leaf is its name; a list element is an object even when it is empty."""
    if len(node) or node.tag.endswith("_LIST"):
        return {node.tag: [elements(child) for child in node]}
    return node.tag


def test_the_instance_detail_has_the_shape_of_its_sample(still: Client, still_world: World) -> None:
    answer = still.get(f"{BASE}/resource/EC2_INSTANCE/uuid/{still_world.uuids['i-0aaa']}/AWS")
    check(golden("ec2_detail.json"), answer.json(), ordered=False)
