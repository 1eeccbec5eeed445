"""Reports come at their time, once, and are taken where they are wanted; what fails is tried again and told."""

import hmac
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from apiworld import World
from nephoscope.errors import BadRequestError, NotFoundError, SettingsError
from nephoscope.kit.outbound import Outbound
from nephoscope.model.identities import Grant, Identity, Principal, Reach
from nephoscope.model.schedules import DeliveryState, FolderTarget
from nephoscope.reports.delivery import delivering
from nephoscope.reports.delivery.delivering import SIGNATURE, Deliverer
from nephoscope.reports.delivery.mail import Mailer, mailer_of
from nephoscope.reports.delivery.schedules import Made, following, schedule_draft
from nephoscope.store import report_schedules
from reports.report_world import ALICE

MONDAYS = "0 6 * * MON"


def scheduled(world: World, asker: Identity = ALICE, **fields: Any) -> Made:
    said = {"name": "Weekly", "cron": MONDAYS, "report": {"cloudType": "AWS", "format": "csv"}, "deliveries": []}
    return world.usecases.schedules.create(schedule_draft({**said, **fields}, "UTC"), asker)


def deliverer(
    world: World, folder: Path | None = None, mailer: Mailer | None = None, outbound: Outbound | None = None
) -> Deliverer:
    return Deliverer(
        world.store,
        world.clock,
        world.reports,
        sealer=world.sealer,
        outbound=outbound or Outbound(["127.0.0.0/8"]),
        folder=folder,
        mailer=mailer,
    )


def states(world: World, made: Made) -> list[tuple[DeliveryState, int]]:
    rows = world.usecases.schedules.deliveries(made.schedule.uuid, ALICE)
    return [(row.state, row.attempts) for row in rows]


@pytest.mark.parametrize(
    ("cron", "zone", "expected"),
    [
        (MONDAYS, "UTC", "2026-01-05T06:00"),
        (MONDAYS, "Europe/Berlin", "2026-01-05T05:00"),
        ("*/15 * * * *", "UTC", "2026-01-01T00:15"),
        ("0 0 29 2 *", "UTC", "2028-02-29T00:00"),
        ("30 2 * * *", "America/New_York", "2026-01-01T07:30"),
    ],
)
def test_times_are_those_of_their_zone(cron: str, zone: str, expected: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert following(cron, zone, now) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone"), [("", "UTC"), ("every day", "UTC"), ("0 0 31 2 *", "UTC"), (MONDAYS, "Mars")]
)
def test_times_that_never_come_are_refused(cron: str, zone: str) -> None:
    with pytest.raises(BadRequestError):
        following(cron, zone, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_report_is_asked_for_at_its_time_and_once(world: World) -> None:
    made = scheduled(world)
    schedules = world.usecases.schedules
    schedules.run_due()
    assert schedules.get(made.schedule.uuid, ALICE).last_report is None
    world.clock.now = datetime(2026, 1, 5, 6, 0, 1, tzinfo=UTC)
    for _ in range(3):
        schedules.run_due()
    found = schedules.get(made.schedule.uuid, ALICE)
    assert found.next_on == datetime(2026, 1, 12, 6, tzinfo=UTC)
    assert found.last_report is not None
    report = world.reports.get(found.last_report, ALICE)
    assert (report.request.name, report.request.execution_type, report.created_by) == ("Weekly", "SCHEDULED", "alice")


def test_a_long_absence_is_one_report(world: World) -> None:
    scheduled(world, cron="0 * * * *")
    world.clock.forward(days=3)
    world.usecases.schedules.run_due()
    world.usecases.schedules.run_due()
    assert len(world.unfinished_reports()) == 1


def test_a_schedule_that_is_off_asks_for_nothing(world: World) -> None:
    made = scheduled(world, cron="0 * * * *")
    schedules = world.usecases.schedules
    schedules.switch(made.schedule.uuid, ALICE, is_disabled=True)
    world.clock.forward(days=1)
    schedules.run_due()
    assert world.unfinished_reports() == []
    schedules.switch(made.schedule.uuid, ALICE, is_disabled=False)
    schedules.run_due()
    assert world.unfinished_reports() == []
    world.clock.forward(hours=1)
    schedules.run_due()
    assert len(world.unfinished_reports()) == 1


def test_what_is_wrong_is_said_at_once(world: World) -> None:
    wrong: dict[str, Any] = {
        "name": "",
        "cron": "x",
        "timeZone": "Mars",
        "report": {"cloudType": "SKY", "policyIds": ["x"]},
        "deliveries": [{"folder": "../../etc"}, {"url": "ftp://x"}, {"to": "nobody"}, {"pigeon": "y"}, 7],
    }
    with pytest.raises(BadRequestError) as caught:
        scheduled(world, **wrong)
    words = ("name:", "timeZone:", "report.cloudType", "leads out", "'ftp://x'", "'nobody'", "folder, url or to")
    assert all(word in caught.value.message for word in words)
    assert world.usecases.schedules.every(ALICE) == ()


@pytest.mark.parametrize("folder", ["a\0b", "a\nb", "x" * 201, "\x1b[2J", "\ud800"])
def test_a_folder_has_a_name_that_folders_can_have(world: World, folder: str) -> None:
    with pytest.raises(BadRequestError, match="printable characters"):
        scheduled(world, deliveries=[{"folder": folder}])


def test_a_webhook_inside_is_refused_however_its_address_is_written(world: World) -> None:
    for url in ("http://167772161/", "http://0xa.1/", "http://10.1/", "http://[::ffff:10.0.0.1]/"):
        with pytest.raises(BadRequestError, match=r"public internet; .* NEPHOSCOPE_ALLOWED_NETWORKS\.$"):
            scheduled(world, deliveries=[{"url": url}])


def test_a_folder_that_there_cannot_be_holds_up_no_other(world: World, tmp_path: Path) -> None:
    """An older version took whatever name it was given."""
    made = scheduled(world, deliveries=[{"folder": "first"}, {"folder": "second"}])
    world.usecases.schedules.run(made.schedule.uuid, ALICE)
    world.make_reports()
    with world.store.write() as writer:
        report_schedules.change_targets(writer, made.schedule, (FolderTarget("a\0b"), FolderTarget("second")))
    world.clock.forward(seconds=10)
    deliverer(world, tmp_path / "reports").deliver_due()
    assert sorted(state for state, _ in states(world, made)) == [DeliveryState.DELIVERED, DeliveryState.WAITING]


def test_a_schedule_is_seen_by_its_maker_and_by_who_sees_everything(world: World) -> None:
    reach = Reach(accounts=frozenset({"111122223333"}))
    world.access.add_user("bob", "plover tundra glow", Identity.local(), Grant("Analyst", reach))
    part = world.roles.identity(Principal.user("bob"))
    mine, bobs = scheduled(world), scheduled(world, part, name="Bob's")
    schedules = world.usecases.schedules
    assert [row.uuid for row in schedules.every(part)] == [bobs.schedule.uuid]
    assert len(schedules.every(ALICE)) == 2
    with pytest.raises(NotFoundError):
        schedules.delete(mine.schedule.uuid, part)
    report = world.reports.get(schedules.run(bobs.schedule.uuid, part), part)
    assert report.reach == part.reach


def test_a_report_is_written_into_a_folder(world: World, tmp_path: Path) -> None:
    made = scheduled(world, deliveries=[{"folder": "weekly/aws"}])
    out, ways = tmp_path / "reports", deliverer(world, tmp_path / "reports")
    world.usecases.schedules.run(made.schedule.uuid, ALICE)
    ways.deliver_due()
    assert states(world, made) == [(DeliveryState.WAITING, 0)]
    world.make_reports()
    world.clock.forward(seconds=10)
    ways.deliver_due()
    assert states(world, made) == [(DeliveryState.DELIVERED, 1)]
    (file,) = (out / "weekly" / "aws").iterdir()
    assert file.name == "Weekly 2026-01-01T000000Z.csv"
    assert file.read_text().startswith('"controlId"')


class Hook(ThreadingHTTPServer):
    """Answers with `statuses` in turn, then 200; keeps what came."""

    daemon_threads = True

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Hooked)


class _Hooked(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers.items()), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_webhook_is_signed_and_tried_again(world: World, hook: Hook) -> None:
    hook.statuses = [500, 503]
    made = scheduled(world, deliveries=[{"url": f"http://127.0.0.1:{hook.server_port}/x"}])
    world.usecases.schedules.run(made.schedule.uuid, ALICE)
    world.make_reports()
    ways = deliverer(world)
    ways.deliver_due()
    ways.deliver_due()
    assert len(hook.received) == 1
    world.clock.forward(seconds=delivering.WAITS[0])
    ways.deliver_due()
    world.clock.forward(seconds=delivering.WAITS[1])
    ways.deliver_due()
    assert states(world, made) == [(DeliveryState.DELIVERED, 3)]
    headers, body = hook.received[-1]
    moment, _, proof = headers[SIGNATURE].removeprefix("t=").partition(",v1=")
    expected = hmac.digest(made.secret.encode(), f"{moment}.".encode() + body, sha256).hex()
    assert proof == expected
    assert body.startswith(b'"controlId"')


def test_a_webhook_that_never_answers_well_fails_in_the_end(world: World, hook: Hook) -> None:
    hook.statuses = [410] * 20
    made = scheduled(world, deliveries=[{"url": f"http://127.0.0.1:{hook.server_port}/x"}])
    world.usecases.schedules.run(made.schedule.uuid, ALICE)
    world.make_reports()
    ways = deliverer(world)
    for wait in (*delivering.WAITS, 0):
        ways.deliver_due()
        world.clock.forward(seconds=wait)
    ((state, attempts),) = states(world, made)
    assert (state, attempts) == (DeliveryState.FAILED, len(delivering.WAITS) + 1)
    (row,) = world.usecases.schedules.deliveries(made.schedule.uuid, ALICE)
    assert "410" in row.error


def test_an_address_inside_is_not_called(world: World) -> None:
    with pytest.raises(BadRequestError, match=r"169\.254\.169\.254 is not on the public internet"):
        scheduled(world, deliveries=[{"url": "http://169.254.169.254/latest"}])
    made = scheduled(world, deliveries=[{"url": "http://metadata.example/latest"}])
    world.usecases.schedules.run(made.schedule.uuid, ALICE)
    world.make_reports()
    inside = Outbound(["127.0.0.0/8"], resolve=lambda _host, _port: ["169.254.169.254"])
    deliverer(world, outbound=inside).deliver_due()
    (row,) = world.usecases.schedules.deliveries(made.schedule.uuid, ALICE)
    assert "NEPHOSCOPE_ALLOWED_NETWORKS" in row.error


class Inbox:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.mails.append(envelope.content)
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Mailer]]:
    handler = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, Mailer("127.0.0.1", port, "reports@example.com")
    controller.stop()


def test_a_report_comes_by_mail(world: World, inbox: tuple[Inbox, Mailer]) -> None:
    handler, mailer = inbox
    made = scheduled(world, name="Wöchentlich", deliveries=[{"to": "ciso@example.com, cto@example.com"}])
    world.usecases.schedules.run(made.schedule.uuid, ALICE)
    world.make_reports()
    deliverer(world, mailer=mailer).deliver_due()
    assert states(world, made) == [(DeliveryState.DELIVERED, 1)]
    (mail,) = (message_from_bytes(raw, policy=policy.default) for raw in handler.mails)
    assert mail["To"] == "ciso@example.com, cto@example.com"
    assert mail["From"] == "reports@example.com"
    assert str(mail["Subject"]).startswith("Wöchentlich: ")
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "Wöchentlich.csv"
    assert attached.get_content().startswith('"controlId"')


def test_a_password_is_not_sent_without_tls(world: World, inbox: tuple[Inbox, Mailer]) -> None:
    _, open_mailer = inbox
    mailer = Mailer(open_mailer.host, open_mailer.port, open_mailer.sender, user="u", password="hunter2")
    made = scheduled(world, deliveries=[{"to": "ciso@example.com"}])
    world.usecases.schedules.run(made.schedule.uuid, ALICE)
    world.make_reports()
    deliverer(world, mailer=mailer).deliver_due()
    (row,) = world.usecases.schedules.deliveries(made.schedule.uuid, ALICE)
    assert "no TLS" in row.error
    assert "hunter2" not in f"{row} {mailer}"


@pytest.mark.parametrize(
    ("url", "sender"),
    [("http://x", "a@b"), ("smtp://", "a@b"), ("smtp://host", ""), ("smtp://h:x", "a@b"), ("smtp://[", "a@b")],
)
def test_a_mail_server_that_cannot_be_meant_is_refused(url: str, sender: str) -> None:
    with pytest.raises(SettingsError, match="NEPHOSCOPE_SMTP"):
        mailer_of(url, sender)


def test_a_report_that_is_gone_ends_its_delivery(world: World, tmp_path: Path) -> None:
    made = scheduled(world, deliveries=[{"folder": ""}])
    report = world.usecases.schedules.run(made.schedule.uuid, ALICE)
    world.reports.delete([report], ALICE)
    deliverer(world, tmp_path).deliver_due()
    assert states(world, made) == [(DeliveryState.FAILED, 1)]
    assert timedelta(days=2) > timedelta(seconds=sum(delivering.WAITS)) > timedelta(hours=20)
