"""A small tenant: two accounts, a few resources, and the bodies that ask for exceptions."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fresh_stores import open_fresh
from nephoscope.audit import trail
from nephoscope.audit.trail import Wanted
from nephoscope.exceptions.exceptions import Exceptions, draft_of
from nephoscope.kit.pages import PageRequest
from nephoscope.model.audit import AuditEntry
from nephoscope.model.controls import Control, Criticality
from nephoscope.model.exceptions import PolicyException
from nephoscope.model.providers import Provider
from nephoscope.store import resources
from store.store_world import BUCKETS, INSTANCES, Account, observed
from worlds import FakeClock

MAIN, LAB = "111122223333", "444455556666"


def control(cid: int, provider: Provider = Provider.AWS) -> Control:
    return Control(
        cid=cid,
        name=f"control {cid}",
        provider=provider,
        service_type="S3",
        resource_type="BUCKET",
        criticality=Criticality.HIGH,
        description="",
        rationale="",
        remediation="",
        references=(),
        pass_message="",
        fail_message="",
        passes="true",
        evidence=(),
        pass_examples=(),
        fail_examples=(),
    )


CONTROLS = {row.cid: row for row in (control(1), control(2), control(3), control(50036, Provider.AZURE))}


def body(**fields: Any) -> dict[str, Any]:
    """A right one, for the bucket `a` of the main account; None leaves a field out."""
    right = {
        "cloudType": "AWS",
        "exceptionScope": "RESOURCE",
        "name": "Public site",
        "explanation": "The site is public.",
        "startDate": "2026-01-01",
        "endDate": "2026-01-10",
        "exceptionReason": "Risk Accepted",
        "controlIds": [1],
        "resources": [{"resourceId": "a", "accountId": MAIN}],
    }
    return {name: value for name, value in (right | fields).items() if value is not None}


def of_connectors(**fields: Any) -> dict[str, Any]:
    return body(**{"exceptionScope": "CONNECTOR", "resources": None, "accountIds": [MAIN], **fields})


def of_tags(**fields: Any) -> dict[str, Any]:
    usual = {"exceptionScope": "QUALYSTAG", "resources": None, "resourceTagNames": ["red"], "isAllConnector": "true"}
    return body(**{**usual, **fields})


class Tenant:
    """The clock stands at noon (UTC) of the first day."""

    def __init__(self, zone: str = "UTC", *, needs_approval: bool = False) -> None:
        self.clock = FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC))
        self.store = open_fresh(self.clock)
        self.main, self.lab = Account(self.store, "main", MAIN), Account(self.store, "lab", LAB)
        for account in (self.main, self.lab):
            account.record(BUCKETS, observed("a"), observed("b"))
            account.record(INSTANCES, observed("i"))
            account.judge({name: {1: "FAIL", 2: "FAIL", 3: "PASS"} for name in "abi"})
        self.room = self.open_room(zone, needs_approval=needs_approval)

    def open_room(self, zone: str = "UTC", *, needs_approval: bool = False) -> Exceptions:
        return Exceptions(
            self.store,
            self.clock,
            controls=CONTROLS,
            trail=trail.record,
            zone_of=lambda _: ZoneInfo(zone),
            needs_approval=lambda: needs_approval,
        )

    def create(self, said: dict[str, Any] | None = None, by: str = "alice") -> PolicyException:
        return self.room.create(draft_of(said or body()), by)

    def covered(self, account: Account | None = None) -> set[tuple[str, int]]:
        return {key for key, word in (account or self.main).rows().items() if word == "PASSE"}

    def uuid_of(self, name: str, account: Account | None = None) -> UUID:
        key = (account or self.main).keys()[name]
        with self.store.read() as reader:
            return resources.by_keys(reader, [key])[key].uuid

    def entries(self) -> list[AuditEntry]:
        """The oldest first."""
        with self.store.read() as reader:
            assert trail.verify(reader) is None
            return list(trail.page(reader, Wanted(), PageRequest(0, 100)).rows)[::-1]


def day(number: int) -> date:
    return date(2026, 1, number)
