"""Whatever is sent to whatever route of our own OpenAPI document: never a failure of the server, and every answer has a
status, a media type and a body that the document names.

`NEPHOSCOPE_TEST_FUZZ` is how many worlds are asked five hundred times each; `make fuzz` asks many."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from httpx import Response
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from litestar import Litestar
from litestar.testing import TestClient
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from apiworld import ACCOUNT, BASE, PASSWORD, USER, World
from nephoscope.model.identities import Grant, Identity, Reach
from reports.report_world import made
from worlds import FakeClock

Client = TestClient[Litestar]

REQUESTS = 500
"""Of one world: then most of what it had has been deleted."""
ROUNDS = int(os.environ.get("NEPHOSCOPE_TEST_FUZZ", "3"))
METHODS = ("get", "post", "put", "patch", "delete")
GONE = object()
OTHER, SCOPED, ITS_PASSWORD = "eve", "bob", "battery staple horse"
ERROR_KEYS = {"timestamp", "status", "error", "errorCode", "message", "path"}
_JSON = "application/json"
_NAMED = {
    "connectorIds": "connector_id",
    "resourceUuids": "uuid",
    "resources": "uuid",
    "connectors": "connector_id",
    "controlIds": "cid",
}
"""Fields of bodies that name what is there."""
_MACHINES = ({"accountId": ACCOUNT, "resourceId": "i-0aaa"},)
_QUERIES = {
    "resource": ("i-0aaa",),
    "cid": ("1",),
    "pageNo": ("0", "1"),
    "pageSize": ("1", "50"),
    "format": ("csv", "jsonl", "sarif", "spdx"),
    "limit": ("1", "1000"),
    "sort": ("name:asc", "createdOn:desc"),
    "filter": ("provider:AWS", "name:Production", "control.criticality:HIGH"),
}

words = st.sampled_from(
    ["", "0", "-1", "1", "99999999999999999999", "aws", "azure", "AWS", "nan", "true", "null", "'", '"', "\x00", "%",
     "é", "../..", "a:b", "name:web", "cid:1 or (", "2026-13-40", "00000000-0000-0000-0000-000000000000", "\u202e",
     "x" * 3000, "https://[", "http://169.254.169.254/", "1e999", "٣", "-0"]
)  # fmt: skip
texts = words | st.text(max_size=20)
names = st.sampled_from(
    ["name", "awsAccountId", "connectorIds", "cid", "cids", "uuids", "filter", "resourceIds", "type"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | texts, inner, max_size=4),
    max_leaves=8,
)


class Operation(NamedTuple):
    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    example: Any
    responses: Mapping[str, Any]


class House(NamedTuple):
    """A served world, its document, and what stands for the parameters of addresses."""

    client: Client
    document: Mapping[str, Any]
    operations: tuple[Operation, ...]
    known: Mapping[str, tuple[str, ...]]
    registry: Registry[Any]
    clock: FakeClock
    seen: Counter[str]
    wrong: dict[str, str]

    def validator(self, pointer: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"urn:api#{pointer}"}, registry=self.registry)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    world = World(tmp_path, FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))
    world.populate()
    world.access.add_user(OTHER, ITS_PASSWORD, Identity.local(), Grant("Analyst"))
    world.access.add_user(
        SCOPED, ITS_PASSWORD, Identity.local(), Grant("Manager", Reach(accounts=frozenset({ACCOUNT})))
    )
    with TestClient(world.application(), raise_server_exceptions=False) as client:
        client.auth = (USER, PASSWORD)
        document = client.get("/openapi/openapi.json").json()
        registry: Registry[Any] = Registry().with_resource("urn:api", DRAFT202012.create_resource(document))
        yield House(
            client, document, tuple(operations(document)), known(world, client), registry, world.clock, Counter(), {}
        )
    world.store.close()


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                parameters = tuple((one["in"], one["name"]) for one in operation.get("parameters", ()))
                content = operation.get("requestBody", {}).get("content", {})
                example = content.get(_JSON, {}).get("example", {})
                yield Operation(method, path, parameters, example, operation["responses"])


def known(world: World, client: Client) -> dict[str, tuple[str, ...]]:
    """What there is, by the names that parameters of addresses have; the rest is found in lists by then."""

    def created(path: str, key: str, **fields: Any) -> str:
        answer = client.post(path, json={**example(client, path), **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json()[key])

    uuids = tuple(str(world.uuids[name]) for name in sorted(world.uuids))[:4]
    return {
        "provider": ("aws", "AWS", "aws", "azure"),
        "type_name": ("vm", "instance", "iamuser", "EC2_INSTANCE"),
        "connector_id": (str(world.production.uuid), str(world.lab.uuid)),
        "account": (ACCOUNT,),
        "cid": ("1", "2", "322"),
        "uuid": uuids,
        "resource_id": uuids,
        "report_id": (str(made(world).uuid), str(made(world, format="json").uuid)),
        "name": (OTHER, "Reader"),
        "role_name": ("Reader", "Tagger"),
        "kind": ("user",),
        "change": ("run", "disable", "enable"),
        "rule_id": (created("/api/tag-rules", "ruleId"),),
        "group_id": (created("/api/groups", "uuid", connectorIds=[]),),
        "policy_id": (created("/api/policies", "uuid", controlIds=[1]),),
        "schedule_id": (created("/api/report-schedules", "scheduleId"),),
        "exception_id": (
            created(f"{BASE}/exceptions/create", "uuid", name="kept", resources=_MACHINES, controlIds=[1]),
        ),
        "client_id": (created("/api/clients", "clientId"), created("/api/me/clients", "clientId")),
    }


def example(client: Client, path: str) -> dict[str, Any]:
    document = client.get("/openapi/openapi.json").json()
    found: dict[str, Any] = document["paths"][path]["post"]["requestBody"]["content"][_JSON]["example"]
    return found


def real(sent: Any, house: House, number: int) -> Any:
    """An example with what there is in place of what it names, and a name that is free for what it makes."""
    if isinstance(sent, dict):
        texts_of = {
            name for name, value in sent.items() if isinstance(value, list) and value and isinstance(value[0], str)
        }
        named: dict[str, Any] = {name: house.known[_NAMED[name]][:1] for name in texts_of & _NAMED.keys()}
        if "exceptionScope" in sent:
            named["resources"] = _MACHINES
        free = {name: f"{sent[name]} {number}" for name in sent.keys() & {"name", "title"}}
        return {**sent, **named, **free}
    return house.known["report_id"][:1] if isinstance(sent, list) else sent


def bodies(data: st.DataObject, house: House, operation: Operation) -> bytes:
    """The example of the document as it is or with something else in it, JSON of any kind, or no JSON."""
    kind = data.draw(st.integers(0, 11))
    if kind == 0:
        return data.draw(st.binary(max_size=40))
    if kind <= 2 or not operation.example:
        return json.dumps(data.draw(values)).encode()
    sent = real(operation.example, house, data.draw(st.integers(0, 99)))
    if kind > 6 and isinstance(sent, dict):
        places = sorted(set(inside(sent)), key=repr)
        sent = replaced(sent, data.draw(st.sampled_from(places)), data.draw(st.just(GONE) | values))
    return json.dumps(sent).encode()


def inside(sent: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The place of everything in an example, and of its parts."""
    rows = sent.items() if isinstance(sent, dict) else enumerate(sent) if isinstance(sent, list | tuple) else ()
    for name, value in rows:
        yield (*above, name)
        yield from inside(value, (*above, name))


def replaced(sent: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """Without what is there, when the value is `GONE`."""
    if not place:
        return value
    name, *rest = place
    rows = dict(sent.items() if isinstance(sent, dict) else enumerate(sent))
    inner = replaced(rows.pop(name), tuple(rest), value)
    changed = rows if inner is GONE else {**rows, name: inner}
    return changed if isinstance(sent, dict) else list(changed.values())


def address(data: st.DataObject, house: House, operation: Operation) -> str:
    path = operation.path
    for place, name in operation.parameters:
        if place == "path":
            there = st.sampled_from(house.known.get(name, ("x",)))
            is_kept = operation.method == "delete" or operation.path.endswith("/delete")
            is_there = data.draw(st.integers(0, 9)) > (8 if is_kept else 1)
            value = data.draw(there if is_there else texts)
            value = value.replace("/", "").strip(".") or "x"  # a slash or a dot is another address
            path = path.replace("{" + name + "}", quote(value, safe=""))
    return path


def problems(house: House, operation: Operation, answer: Response) -> list[str]:
    """What the document does not say of this answer, and whatever is a failure of ours."""
    code = answer.status_code
    if code >= 500:
        return [f"{code}, a failure of the server"]
    if code >= 400 and (set(answer.json()), answer.json()["status"]) != (ERROR_KEYS, code):
        return [f"{code} without the body of refusals"]
    key = str(code) if str(code) in operation.responses else "default"
    if code < 400 and key == "default":
        return [f"{code} is not among {list(operation.responses)}"]
    kind = answer.headers.get("content-type", "").partition(";")[0]
    content = operation.responses[key].get("content", {})
    if kind not in content and (content or answer.content):
        return [f"{kind or 'nothing'} is not among {list(content)}"]
    return _unlike(house, operation, key, answer) if kind == _JSON else []


def _unlike(house: House, operation: Operation, key: str, answer: Response) -> list[str]:
    escaped = operation.path.replace("~", "~0").replace("/", "~1")
    pointer = f"/paths/{escaped}/{operation.method}/responses/{key}/content/application~1json/schema"
    errors = house.validator(quote(pointer, safe="/~")).iter_errors(answer.json())
    return [f"{error.json_path}: {error.message[:300]}" for error in errors]


def ask(data: st.DataObject, house: House) -> None:
    """One request; what is wrong with the answer is kept: the next one finds another server, so there is no going back
    to it."""
    operation = data.draw(st.sampled_from(house.operations))
    asked = [name for place, name in operation.parameters if place == "query" and not data.draw(st.integers(0, 3))]
    query = {name: data.draw(st.sampled_from(_QUERIES.get(name, ("1",))) | texts) for name in asked}
    sent = bodies(data, house, operation) if operation.method != "get" else None
    kind = data.draw(st.sampled_from([_JSON] * 4 + ["text/xml", "application/x-www-form-urlencoded", "x"]))
    headers = {"Content-Type": kind, "Accept": data.draw(st.sampled_from(["*/*", _JSON, "text/csv", "text/xml"]))}
    path = address(data, house, operation)
    answer = house.client.request(
        operation.method, path, params=query, content=sent, headers=headers, follow_redirects=False
    )
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:  # so many wrong passwords in bodies
        house.clock.forward(minutes=2)
    house.seen[f"{operation.method} {operation.path} {answer.status_code // 100}"] += 1
    for problem in problems(house, operation, answer):
        name = f"{operation.method} {operation.path}: {problem}"
        house.wrong.setdefault(name, f"{path} {query} {sent!r}: {answer.text[:300]}")


@pytest.mark.parametrize("number", range(ROUNDS))
def test_every_answer_is_one_that_the_document_names(house: House, number: int) -> None:
    """Each third world is asked by somebody who sees a part of it."""
    is_scoped = number % 3 == 2
    if is_scoped:
        house.client.auth = (SCOPED, ITS_PASSWORD)
    quiet = settings(
        max_examples=REQUESTS,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(quiet(given(st.data())(lambda data: ask(data, house))))()
    assert house.wrong == {}
    house.clock.forward(minutes=2)
    assert house.client.get("/api/identity").status_code == 200, "nobody is locked out by it"
    assert len(house.operations) > 140
    assert len({row.rpartition(" ")[0] for row in house.seen if row.endswith(" 2")}) > (20 if is_scoped else 40)
