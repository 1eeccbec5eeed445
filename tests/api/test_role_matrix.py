"""Every route of the application, each role that the program ships, everywhere or in a part: who is let in. The table
below is written by hand and not taken from the application: a route that is not in it fails here."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from apiworld import ACCOUNT, World
from nephoscope.access.built_in import BUILT_IN
from nephoscope.api.permissions import OPEN_ROUTES
from nephoscope.model.identities import Grant, Principal, Reach
from nephoscope.store import roles
from worlds import FakeClock

PASSWORD = "battery staple"
ROLES = {"M": "Manager", "A": "Analyst", "E": "Exception Manager", "U": "Auditor", "R": "Reader"}
ADDRESSES = {"v1/": "/cloudview-api/rest/v1/", "v2/": "/cloudview-api/rest/v2/", "own/": "/api/"}
TABLE = """
M--U- whole GET own/audit
M--U- whole GET own/audit/verify
M--U- whole GET own/clients
M---- whole POST own/clients
M---- whole DELETE own/clients/{client_id}
M--U- whole GET own/clients/{client_id}
M---- whole PUT own/clients/{client_id}
M---- whole POST own/clients/{client_id}/disable
M---- whole POST own/clients/{client_id}/enable
M---- whole POST own/clients/{client_id}/rotate
MAEUR part  GET own/disk-scans
MA--- part  POST own/disk-scans
MAEUR part  GET own/disk-scans/costs
MA--- part  POST own/disk-scans/quote
MAEUR part  GET own/disk-scans/{scan_id}
MA--- part  POST own/disk-scans/{scan_id}/cancel
MAEUR part  GET own/disk-settings/{connector_id}
MA--- part  PUT own/disk-settings/{connector_id}
MAEUR part  GET own/evaluations/explain
MAEUR part  GET own/exceptions/expiring
MAEUR part  POST own/exceptions/preview
MAEUR part  GET own/exceptions/{exception_id}
M-E-- part  POST own/exceptions/{exception_id}/approve
M-E-- part  POST own/exceptions/{exception_id}/reject
M-E-- part  POST own/exceptions/{exception_id}/renew
MAEUR part  GET own/exports/evaluations
MAEUR part  GET own/exports/exceptions
MAEUR part  GET own/exports/findings
MAEUR part  GET own/exports/resources
MAEUR part  GET own/exports/{noun}
MA--- part  POST own/findings/match
MAEUR part  GET own/findings/secrets
MA--- part  POST own/findings/secrets/{secret_id}/preview
MAEUR part  GET own/findings/vulnerabilities
M--U- part  GET own/grants
M---- part  PUT own/grants/{kind}/{name}
MAEUR part  GET own/groups
M---- whole POST own/groups
M---- whole DELETE own/groups/{group_id}
MAEUR part  GET own/groups/{group_id}
M---- whole PUT own/groups/{group_id}
M---- whole POST own/groups/{group_id}/connectors/add
M---- whole POST own/groups/{group_id}/connectors/remove
MAEUR part  GET own/identity
MAEUR part  GET own/me
MAEUR part  GET own/me/clients
MAEUR part  POST own/me/clients
MAEUR part  DELETE own/me/clients/{client_id}
MAEUR part  POST own/me/clients/{client_id}/rotate
MAEUR part  PUT own/me/password
MAEUR part  DELETE own/me/totp
MAEUR part  POST own/me/totp
MAEUR part  POST own/me/totp/confirm
MAEUR part  GET own/policies
MA--- whole POST own/policies
MA--- whole DELETE own/policies/{policy_id}
MAEUR part  GET own/policies/{policy_id}
MA--- whole PUT own/policies/{policy_id}
MAEUR part  GET own/posture
MAEUR part  GET own/report-schedules
MA--- part  POST own/report-schedules
MA--- part  DELETE own/report-schedules/{schedule_id}
MAEUR part  GET own/report-schedules/{schedule_id}
MAEUR part  GET own/report-schedules/{schedule_id}/deliveries
MA--- part  POST own/report-schedules/{schedule_id}/{change}
MAEUR part  GET own/resources/{resource_id}/sbom
M--U- part  GET own/roles
M---- whole POST own/roles
M---- whole DELETE own/roles/{role_name}
M--U- part  GET own/roles/{role_name}
M---- whole PUT own/roles/{role_name}
MAEUR part  GET own/sessions
MAEUR part  DELETE own/sessions/current
MAEUR part  GET own/sessions/current
MAEUR part  DELETE own/sessions/{session_id}
M--U- part  GET own/settings
M---- whole PUT own/settings
MAEUR part  GET own/settings/mine
MAEUR part  PUT own/settings/mine
M--U- part  GET own/signing-keys
M---- whole POST own/signing-keys/rotate
MAEUR whole GET own/tag-rules
MA--- whole POST own/tag-rules
MA--- whole DELETE own/tag-rules/{rule_id}
MAEUR whole GET own/tag-rules/{rule_id}
MAEUR whole GET own/tag-rules/{rule_id}/resources
MAEUR part  GET own/tags
MA--- part  POST own/tags/assign
MA--- part  POST own/tags/remove
MAEUR part  POST own/tokens/revoke
M--U- whole GET own/users
M---- whole POST own/users
M---- whole DELETE own/users/{name}
M--U- whole GET own/users/{name}
M---- whole PUT own/users/{name}
M---- whole POST own/users/{name}/password
M---- whole DELETE own/users/{name}/sessions
M---- whole DELETE own/users/{name}/totp
MAEUR part  GET v1/aws/connectors/awsBaseAccountId
MAEUR part  GET v1/controls/metadata/list
M-E-- part  POST v1/exceptions/create
M-E-- part  DELETE v1/exceptions/delete
M-E-- part  POST v1/exceptions/delete
MAEUR part  GET v1/exceptions/list
MAEUR part  GET v1/exceptions/{exception_id}
MAEUR part  GET v1/groups
MAEUR part  GET v1/groups/{group_id}
MAEUR part  GET v1/mandates
MAEUR part  GET v1/policies
MAEUR part  GET v1/report/assessment
MA--- part  POST v1/report/assessment
MA--- part  POST v1/report/assessment/create
MA--- part  DELETE v1/report/assessment/delete
MA--- part  POST v1/report/assessment/delete
MAEUR part  GET v1/report/assessment/download/{report_id}
MAEUR part  GET v1/report/assessment/list
MA--- part  DELETE v1/report/assessment/{report_id}
MAEUR part  GET v1/report/assessment/{report_id}
MA--- part  POST v1/report/assessment/{report_id}/cancel
MAEUR part  GET v1/report/assessment/{report_id}/download
MA--- part  POST v1/report/assessment/{report_id}/rerun
MA--- part  POST v1/reports
MAEUR part  GET v1/reports/mandates
MAEUR part  GET v1/reports/policies
MA--- part  PATCH v1/reports/{report_id}
MAEUR part  GET v1/resource/{type_name}/uuid/{uuid}/{provider}
MAEUR part  POST v1/resource/{type_name}/uuid/{uuid}/{provider}
MAEUR part  GET v1/resource/{type_name}/{provider}
MAEUR part  POST v1/resource/{type_name}/{provider}
M---- part  DELETE v1/{provider}/connectors
MAEUR part  GET v1/{provider}/connectors
M---- part  POST v1/{provider}/connectors
MA--- part  POST v1/{provider}/connectors/run
M---- part  DELETE v1/{provider}/connectors/{connector_id}
MAEUR part  GET v1/{provider}/connectors/{connector_id}
M---- part  PUT v1/{provider}/connectors/{connector_id}
MA--- part  POST v1/{provider}/connectors/{connector_id}/run
MA--- whole POST v1/{provider}/evaluations/applyTags
MAEUR part  POST v1/{provider}/evaluations/list/resources
MAEUR part  GET v1/{provider}/evaluations/stats/{cid}/{connector_id}
MAEUR part  GET v1/{provider}/evaluations/{account}
MAEUR part  GET v1/{provider}/evaluations/{account}/resources/{cid}
MAEUR part  GET v2/policies
M---- whole GET /metrics
MAEUR part  GET /msp/about.php
"""
"""Who may ask (the first letters of the roles, U is the Auditor), whether also those who see a part, and what."""


class Row:
    """One line of the table."""

    def __init__(self, line: str) -> None:
        self.letters, breadth, self.method, path = line.split()
        self.is_for_parts = breadth == "part"
        base = next((base for base in ADDRESSES if path.startswith(base)), "")
        self.path = ADDRESSES.get(base, "") + path.removeprefix(base)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def concrete(self) -> str:
        """With something in the place of each parameter that is nowhere in the world."""
        path = self.path.replace("{provider}/", "aws/").replace("{type_name}", "EC2_INSTANCE")
        path = path.replace("/{provider}", "/AWS").replace("{account}", ACCOUNT)
        return re.sub(r"\{[a-z_]+\}", "6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2", path)


ROWS = [Row(line) for line in TABLE.strip().splitlines()]


class Askers:
    """A user for each role and breadth, in a world that has what they ask about in no place."""

    def __init__(self, world: World, client: TestClient[Litestar]) -> None:
        self.world = world
        self.client = client
        for role in ROLES.values():
            for is_part in (False, True):
                reach = Reach(accounts=frozenset({ACCOUNT})) if is_part else None
                world.access.add_user(_name(role, is_part=is_part), PASSWORD, grant=Grant(role, reach))

    def is_let_in(self, row: Row, letter: str, *, is_part: bool) -> bool:
        auth = (_name(ROLES[letter], is_part=is_part), PASSWORD)
        answer = self.client.request(row.method, row.concrete, auth=auth)
        assert answer.status_code not in {401, 405, 429, 500}, answer.text
        return not (answer.status_code == 403 and "may not do this" in answer.text)


def _name(role: str, *, is_part: bool) -> str:
    return f"{role} of a part" if is_part else role


@pytest.fixture(scope="module")
def askers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Askers]:
    world = World(tmp_path_factory.mktemp("matrix"), FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))
    with closing(world.store), TestClient(world.application(), raise_server_exceptions=False) as client:
        yield Askers(world, client)


def test_every_route_is_in_the_table(askers: Askers) -> None:
    closed = {
        f"{method} {route.path_format}"
        for route in askers.world.application().routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    } - OPEN_ROUTES
    assert {row.name for row in ROWS} == closed


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_who_is_let_in(askers: Askers, row: Row) -> None:
    whole = "".join(letter if askers.is_let_in(row, letter, is_part=False) else "-" for letter in ROLES)
    part = "".join(letter if askers.is_let_in(row, letter, is_part=True) else "-" for letter in ROLES)
    assert (whole, part) == (row.letters, row.letters if row.is_for_parts else "-----")


def test_a_reader_sees_no_people_no_trail_and_no_secrets() -> None:
    reader = BUILT_IN["reader"].permissions
    hidden = {"secrets:preview", "users:read", "clients:read", "audit:read", "settings:read", "metrics:read"}
    assert not reader & hidden
    assert not [permission for permission in reader if permission.endswith((":write", ":run", ":approve"))]


def test_whoever_was_given_nothing_may_do_nothing(askers: Askers) -> None:
    askers.world.access.add_user("nobody", PASSWORD)
    with askers.world.store.write() as writer:
        roles.drop_grant(writer, Principal.user("nobody"))
    askers.world.roles.forget()
    told = askers.client.get("/api/identity", auth=("nobody", PASSWORD)).json()
    assert told == {"name": "nobody", "permissions": ["portal"], "reach": {"groups": [], "accounts": [], "tags": []}}
    assert askers.client.get("/api/posture", auth=("nobody", PASSWORD)).status_code == 403
