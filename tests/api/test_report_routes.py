"""Assessment reports on the compatible API: the seed's sample, from request to file."""

import io
import json
import zipfile
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, World
from golden_shapes import check, golden
from nephoscope.kit.ids import stable_uuid

Client = TestClient[Litestar]
REPORTS = f"{BASE}/report/assessment"
V2 = REPORTS.replace("/v1/", "/v2/")
NOBODY = "0d5f7c1e-7c0b-4a53-9d3e-000000000000"
CIS = str(stable_uuid("policy", "CIS Amazon Web Services Foundations Benchmark"))
SEED = {
    "reportName": "AWS Assessment Report",
    "description": "",
    "cloudType": "AWS",
    "query": "",
    "startDate": "2025-05-03T00:12:53Z",
    "endDate": "2025-05-10T18:53:s53Z",
    "executionType": "RUN_TIME",
    "policyIds": ["xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxx"],
    "tagIds": [],
    "connectorIds": ["xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxx"],
    "format": "csv",
    "iacResourceResults": [],
}


def real(world: World, **changes: Any) -> dict[str, Any]:
    """The seed's request with what exists in place of what was blotted out."""
    known = {"endDate": "2026-05-10T18:53:53Z", "policyIds": [CIS], "connectorIds": [str(world.production.uuid)]}
    return {**SEED, **known, **changes}


def created(client: Client, world: World, **changes: Any) -> str:
    answer = client.post(f"{REPORTS}/create", json=real(world, **changes))
    assert answer.status_code == 201, answer.text
    uuid: str = answer.json()["reportId"]
    return uuid


def made(client: Client, world: World, **changes: Any) -> str:
    uuid = created(client, world, **changes)
    world.make_reports()
    return uuid


def detail(client: Client, uuid: str) -> dict[str, Any]:
    answer = client.get(f"{REPORTS}/{uuid}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{REPORTS}/list{query}")
    assert answer.status_code == 200, answer.text
    return [row["reportName"] for row in answer.json()["content"]]


@pytest.mark.parametrize("path", [f"{REPORTS}/create", f"{V2}/create", V2])
def test_a_creation_echoes_the_request_as_the_seed_prints_it(client: Client, world: World, path: str) -> None:
    asked = real(world)
    answer = client.post(path, json=asked)
    assert answer.status_code == 201
    body = answer.json()
    assert list(body) == [*SEED, "reportId", "status"]
    assert {name: body[name] for name in asked} == asked
    assert body["status"] == "Accepted"
    check(golden("report_created.json"), body)


def test_the_samples_unreal_date_and_ids_are_refused_together(client: Client) -> None:
    answer = client.post(f"{V2}/create", json=SEED)
    assert answer.status_code == 400
    message = answer.json()["message"]
    for part in ("endDate: '2025-05-10T18:53:s53Z' is no moment", "policyIds: 'xxxxxxxx", "connectorIds: 'xxxxxxxx"):
        assert part in message


def test_a_format_that_is_known_and_not_made_is_refused(client: Client, world: World) -> None:
    from nephoscope.reports.renderers.table import RENDERINGS  # noqa: PLC0415 - for one test

    missing = {"csv", "json", "xlsx", "pdf", "ON_SCREEN"} - {name.value for name in RENDERINGS}
    for name in missing:
        answer = client.post(f"{REPORTS}/create", json=real(world, format=name))
        assert (answer.status_code, "format: " in answer.json()["message"]) == (400, True)


def test_a_report_lives_from_creation_to_deletion(client: Client, world: World) -> None:
    uuid = created(client, world)
    assert (detail(client, uuid)["status"], detail(client, uuid)["progress"]) == ("Accepted", 0)
    assert client.get(f"{REPORTS}/{uuid}/download").status_code == 409
    world.make_reports()
    found = detail(client, uuid)
    assert (found["status"], found["progress"], found["rows"], found["createdBy"]) == ("Completed", 100, 8, "alice")
    assert (found["createdOn"], found["expiresOn"]) == ("2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z")
    again = client.post(f"{REPORTS}/{uuid}/rerun")
    assert (again.status_code, again.json()["reportId"], again.json()["status"]) == (200, uuid, "Accepted")
    stopped = client.post(f"{REPORTS}/{uuid}/cancel")
    assert (stopped.status_code, stopped.json()["status"]) == (200, "Failed")
    assert detail(client, uuid)["reason"] == "It was cancelled by alice."
    assert client.post(f"{REPORTS}/{uuid}/cancel").status_code == 409
    assert client.delete(f"{REPORTS}/{uuid}").status_code == 204
    assert client.get(f"{REPORTS}/{uuid}").status_code == 404


def test_a_report_is_gone_when_its_days_are_over(client: Client, world: World) -> None:
    uuid = made(client, world)
    world.clock.forward(days=7, seconds=-1)
    assert client.get(f"{REPORTS}/{uuid}/download").status_code == 200
    world.clock.forward(seconds=1)
    assert client.get(f"{REPORTS}/{uuid}/download").status_code == 404
    assert names(client) == []


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("JSON", "application/json"),
        ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("on_screen", "application/json"),
    ],
)
def test_the_file_comes_bare_and_in_an_archive(client: Client, world: World, name: str, media_type: str) -> None:
    uuid = made(client, world, format=name, reportName="Zoë/../week")
    bare = client.get(f"{V2}/{uuid}/download?reportFormat={name}")
    assert (bare.status_code, bare.headers["content-type"]) == (200, media_type)
    assert int(bare.headers["content-length"]) == len(bare.content) == detail(client, uuid)["size"]
    extension = {"on_screen": "json"}.get(name, name.lower())
    assert bare.headers["content-disposition"] == (
        f"attachment; filename=\"Zo__.._week.{extension}\"; filename*=UTF-8''Zo%C3%AB_.._week.{extension}"
    )
    packed = client.get(f"{V2}/download/{uuid}")
    assert packed.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        (member,) = archive.infolist()
        assert member.filename == f"Zoë_.._week.{extension}"
        assert archive.read(member) == bare.content


def test_another_format_than_it_was_made_as_is_refused(client: Client, world: World) -> None:
    uuid = made(client, world)
    assert client.get(f"{REPORTS}/{uuid}/download?reportFormat=CSV").status_code == 200
    for name, words in (("pdf", "made as csv"), ("pptx", "reportFormat: 'pptx' is none of")):
        answer = client.get(f"{REPORTS}/{uuid}/download?reportFormat={name}")
        assert (answer.status_code, words in answer.json()["message"]) == (400, True)


def test_on_screen_the_report_comes_with_its_detail(client: Client, world: World) -> None:
    uuid = created(client, world, format="ON_SCREEN", resourceResults=["FAIL"])
    assert "document" not in detail(client, uuid)
    world.make_reports()
    found = detail(client, uuid)
    assert found["document"] == json.loads(client.get(f"{REPORTS}/{uuid}/download").content)
    assert [row["resourceId"] for row in found["document"]["evaluations"]] == ["i-0bbb", "bob"]
    assert list(found)[:3] == ["reportName", "description", "cloudType"]
    assert found["resourceResults"] == ["FAIL"]


def test_the_list_begins_with_the_newest_and_with_page_0_or_1(client: Client, world: World) -> None:
    for name in ("first", "second", "third"):
        created(client, world, reportName=name)
    assert names(client) == names(client, "?pageNo=0") == names(client, "?pageNo=1") == ["third", "second", "first"]
    assert names(client, "?pageNo=1&pageSize=2") == ["third", "second"]
    assert names(client, "?pageNo=2&pageSize=2") == ["first"]
    assert client.get(f"{REPORTS}/list?pageNo=2&pageSize=2").json()["last"]
    assert names(client, "?pageNo=3&pageSize=2") == []
    assert names(client, "?sort=reportName:asc") == ["first", "second", "third"]
    assert client.get(V2).json() == client.get(f"{REPORTS}/list").json()


def test_without_list_pages_are_counted_from_0_as_everywhere(client: Client, world: World) -> None:
    for number in range(3):
        created(client, world, reportName=f"report {number}")
    pages = [client.get(f"{REPORTS}?pageNo={number}&pageSize=2").json() for number in range(2)]
    assert [len(page["content"]) for page in pages] == [2, 1]
    assert [(page["number"], page["last"]) for page in pages] == [(0, False), (1, True)]


def test_the_list_is_narrowed_by_parameters_and_filters(client: Client, world: World) -> None:
    first = made(client, world, reportName="Weekly of AWS")
    created(client, world, reportName="Monthly")
    assert names(client, "?status=completed") == names(client, "?filter=status:Completed") == ["Weekly of AWS"]
    assert names(client, "?reportName=weekly&createdBy=ALICE") == ["Weekly of AWS"]
    assert names(client, f"?reportId={first}") == names(client, f"?filter=reportId:{first}") == ["Weekly of AWS"]
    assert names(client, "?createdBy=bob") == names(client, "?reportId=nonsense") == []
    assert names(client, "?filter=format:csv and createdOn:[now-1d..now] and not status:Accepted") == ["Weekly of AWS"]
    wrong = client.get(f"{REPORTS}/list?status=Done")
    assert (wrong.status_code, "Accepted, Processing" in wrong.json()["message"]) == (400, True)
    assert client.get(f"{REPORTS}/list?filter=bogus:1").status_code == 400
    assert client.get(f"{REPORTS}/list?sort=rows").status_code == 400


def test_many_are_deleted_at_once_or_none(client: Client, world: World) -> None:
    both = [created(client, world), created(client, world)]
    answer = client.request("DELETE", f"{REPORTS}/delete", json=[*both, NOBODY])
    assert (answer.status_code, NOBODY in answer.json()["message"]) == (404, True)
    assert len(names(client)) == 2
    assert client.post(f"{REPORTS}/delete", json={"reportIds": both}).status_code == 204
    assert names(client) == []


@pytest.mark.parametrize("uuid", [NOBODY, "nonsense"])
def test_what_there_is_not_is_a_404(client: Client, uuid: str) -> None:
    for verb, path in (
        ("GET", f"/{uuid}"),
        ("GET", f"/{uuid}/download"),
        ("GET", f"/download/{uuid}"),
        ("POST", f"/{uuid}/rerun"),
        ("POST", f"/{uuid}/cancel"),
        ("DELETE", f"/{uuid}"),
    ):
        assert client.request(verb, REPORTS + path).status_code == 404, (verb, path)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff"])
def test_a_body_that_is_no_object_is_a_400(client: Client, body: bytes) -> None:
    assert client.post(f"{REPORTS}/create", content=body).status_code == 400
