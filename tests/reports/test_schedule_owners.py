"""A report that comes by itself shows what its owner may see when it comes; where webhooks are is a secret."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select

from apiworld import ACCOUNT, LAB, World
from nephoscope.access.clients import ClientDraft
from nephoscope.errors import ForbiddenError, StoreError
from nephoscope.kit.outbound import Outbound
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.identities import Grant, Identity, Principal, Reach
from nephoscope.model.schedules import DeliveryState, WebhookTarget
from nephoscope.reports.delivery.delivering import Deliverer
from nephoscope.reports.delivery.schedules import Made, schedule_draft
from nephoscope.store import sealed
from nephoscope.store.schema import metadata
from nephoscope.store.tables.reports import report_deliveries, report_schedules

BOTH, ONE = Reach(accounts=frozenset({ACCOUNT, LAB})), Reach(accounts=frozenset({ACCOUNT}))
BOB, ROOT = Principal.user("bob"), Identity.local()
HOOK = "https://hooks.example.com/services/T0/B0/planted-in-a-path?token=planted-in-a-query"


def bob(world: World, grant: Grant | None = None) -> Identity:
    world.access.add_user("bob", "plover tundra glow", ROOT, grant or Grant("Analyst", BOTH))
    world.roles.forget()
    return world.roles.identity(BOB)


def scheduled(world: World, asker: Identity, *deliveries: dict[str, Any]) -> Made:
    said = {"name": "Daily", "cron": "0 6 * * *", "report": {"cloudType": "AWS", "format": "csv"}}
    return world.usecases.schedules.create(schedule_draft({**said, "deliveries": [*deliveries]}, "UTC"), asker)


def deliverer(world: World, folder: Path | None = None) -> Deliverer:
    outbound = Outbound(["127.0.0.0/8"])
    return Deliverer(
        world.store, world.clock, world.reports, sealer=world.sealer, outbound=outbound, folder=folder, mailer=None
    )


def day(world: World) -> None:
    world.clock.forward(days=1)
    world.usecases.schedules.run_due()


def sent(world: World, made: Made) -> tuple[DeliveryState, str]:
    (row,) = world.usecases.schedules.deliveries(made.schedule.uuid, ROOT)
    return row.state, row.error


def test_a_report_is_of_what_its_owner_reaches_when_it_is_time(world: World) -> None:
    made = scheduled(world, bob(world))
    world.roles.give(BOB, Grant("Analyst", ONE), ROOT)
    day(world)
    report = world.usecases.schedules.get(made.schedule.uuid, ROOT).last_report
    assert report is not None
    assert world.reports.get(report, ROOT).reach == ONE
    assert world.reports.get(report, world.roles.identity(BOB)).uuid == report


@pytest.mark.parametrize("what", ["disabled", "removed", "made anew", "reader"])
def test_nothing_comes_for_whoever_may_not_have_it_any_more(world: World, what: str) -> None:
    made = scheduled(world, bob(world))
    match what:
        case "disabled":
            world.access.accounts.switch("bob", ROOT, is_disabled=True)
        case "removed":
            world.access.accounts.remove("bob", ROOT)
        case "made anew":
            world.access.accounts.remove("bob", ROOT)
            bob(world, Grant("Manager"))
        case _:
            world.roles.give(BOB, Grant("Reader", BOTH), ROOT)
    day(world)
    found = world.usecases.schedules.get(made.schedule.uuid, ROOT)
    assert found.last_report is None
    assert found.error.startswith("bob, who ")
    assert world.unfinished_reports() == []
    with pytest.raises(ForbiddenError):
        world.usecases.schedules.run(made.schedule.uuid, ROOT)


def test_whoever_has_the_name_later_does_not_see_the_schedule(world: World) -> None:
    made = scheduled(world, bob(world))
    world.access.accounts.remove("bob", ROOT)
    assert world.usecases.schedules.every(bob(world)) == ()
    assert [row.uuid for row in world.usecases.schedules.every(ROOT)] == [made.schedule.uuid]


def test_a_report_that_waits_to_be_delivered_is_kept_back_when_the_reach_shrinks(world: World, tmp_path: Path) -> None:
    made = scheduled(world, bob(world), {"folder": ""})
    day(world)
    world.make_reports()
    world.roles.give(BOB, Grant("Analyst", ONE), ROOT)
    deliverer(world, tmp_path / "out").deliver_due()
    state, error = sent(world, made)
    assert state is DeliveryState.FAILED
    assert "may not see" in error
    assert not (tmp_path / "out").exists()


def test_a_report_that_waits_to_be_delivered_goes_when_the_reach_grows(world: World, tmp_path: Path) -> None:
    made = scheduled(world, bob(world, Grant("Analyst", ONE)), {"folder": ""})
    day(world)
    world.make_reports()
    world.roles.give(BOB, Grant("Analyst", BOTH), ROOT)
    deliverer(world, tmp_path / "out").deliver_due()
    assert sent(world, made) == (DeliveryState.DELIVERED, "")


def test_a_report_of_before_is_not_read_with_a_smaller_reach(world: World) -> None:
    asker = bob(world, Grant("Analyst"))
    made = scheduled(world, asker)
    report = world.usecases.schedules.run(made.schedule.uuid, asker)
    world.make_reports()
    world.roles.give(BOB, Grant("Analyst", ONE), ROOT)
    assert world.reports.get(report, asker).is_readable
    with pytest.raises(Exception, match="There is no report"):
        world.reports.document(report, world.roles.identity(BOB))


def test_a_client_that_was_disabled_gets_nothing(world: World) -> None:
    draft = ClientDraft(name="nightly")
    client = world.access.clients.create(draft, ROOT, Grant("Analyst")).client
    who = Principal.client(str(client.uuid))
    made = scheduled(world, world.roles.identity(who, client.shown_as))
    day(world)
    assert world.usecases.schedules.get(made.schedule.uuid, ROOT).last_report is not None
    world.access.clients.switch(client.uuid, ROOT, is_disabled=True)
    day(world)
    assert "is disabled" in world.usecases.schedules.get(made.schedule.uuid, ROOT).error


def everything(world: World) -> str:
    with world.store.read() as reader:
        return repr([reader.connection.execute(select(table)).all() for table in metadata.sorted_tables])


def test_the_address_of_a_webhook_is_sealed_and_shown_in_part(world: World) -> None:
    made = scheduled(world, ROOT, {"url": HOOK}, {"url": "https://example.com/"})
    world.usecases.schedules.run(made.schedule.uuid, ROOT)
    shown = [target.shown for target in made.schedule.targets if isinstance(target, WebhookTarget)]
    assert shown == ["https://hooks.example.com/…", "https://example.com"]
    assert "planted" not in everything(world)
    target, _ = made.schedule.targets
    assert isinstance(target, WebhookTarget)
    with world.store.read() as reader:
        assert sealed.get(reader, world.sealer, made.schedule.uuid, target.kept) == HOOK
    world.usecases.schedules.delete(made.schedule.uuid, ROOT)
    with world.store.read() as reader:
        assert sealed.unopened(reader, world.sealer)[0] == 0


def test_an_address_that_was_written_by_an_older_version_is_sealed(world: World) -> None:
    made = scheduled(world, ROOT, {"folder": ""}, {"url": HOOK})
    world.usecases.schedules.run(made.schedule.uuid, ROOT)
    open_ones = [{"type": "folder", "folder": ""}, {"type": "webhook", "url": HOOK}]
    with world.store.write() as writer:
        sealed.remove(writer, made.schedule.uuid, "webhook address 2")
        text = msgspec.json.encode(open_ones).decode()
        writer.connection.execute(report_schedules.update().values(targets=text))
        row = dict(writer.connection.execute(select(report_deliveries)).mappings().all()[-1])
        row |= {"key": 99, "target": msgspec.json.encode(open_ones[1]).decode()}
        writer.connection.execute(insert(report_deliveries).values(row))
    assert "planted" in everything(world)
    world.usecases.schedules.run_due()
    assert "planted" not in everything(world)
    with world.store.read() as reader:
        assert sealed.get(reader, world.sealer, made.schedule.uuid, "webhook address 2") == HOOK
    assert world.usecases.schedules.get(made.schedule.uuid, ROOT).targets == made.schedule.targets


def test_a_new_key_reaches_the_addresses(world: World) -> None:
    made = scheduled(world, ROOT, {"url": HOOK})
    rotated = KeyRing([b"n" * KEY_BYTES, b"k" * KEY_BYTES])
    with world.store.write() as writer:
        assert sealed.reseal(writer, rotated) >= 2
    with world.store.read() as reader:
        assert sealed.get(reader, KeyRing([b"n" * KEY_BYTES]), made.schedule.uuid, "webhook address 1") == HOOK
        with pytest.raises(StoreError):
            sealed.get(reader, world.sealer, made.schedule.uuid, "webhook address 1")
