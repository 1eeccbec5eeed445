"""What is under way when the server is told to end: requests are answered, runs are handed back and carried on."""

import signal
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest
import uvicorn
from litestar import Litestar, get

from fake_aws import FakeAws, fake_aws
from nephoscope.app.listening import server_config
from nephoscope.app.opening import opened_store, opened_usecases
from nephoscope.connectors.connectors import Draft
from nephoscope.model.providers import Provider
from nephoscope.model.runs import Run, RunState
from nephoscope.settings import Settings
from nephoscope.store import connectors, runs
from served_process import serving

PASSWORD = "a password for the day"
HELD = "DescribeVpcs"
_PATIENCE = 600
"""Tenths of a second."""


def test_a_request_under_way_is_answered_and_no_other_begins(tmp_path: Path) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    @get("/", sync_to_thread=True)
    def slow() -> str:
        begun.set()
        goes_on.wait(30)
        return "whole"

    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        application = Litestar([slow], logging_config=None)
        server = uvicorn.Server(server_config(application, Settings(data=tmp_path)))
        serves = threading.Thread(target=server.run, args=([listener],))
        serves.start()
        answers: list[str] = []
        asks = threading.Thread(target=lambda: answers.append(httpx.get(address, timeout=30).text))
        asks.start()
        assert begun.wait(30)
        server.should_exit = True
        while serves.is_alive() and server.servers and server.servers[0].is_serving():
            time.sleep(0.01)  # until nobody listens any more
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, timeout=1)
        goes_on.set()
        asks.join(30)
        serves.join(30)
    assert answers == ["whole"]
    assert not serves.is_alive()


class Held:
    """An answer that is kept back until the test lets it go."""

    def __init__(self, aws: FakeAws) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()
        aws.answers[HELD] = self._answer

    def _answer(self, _ask: object) -> tuple[int, str]:
        self.begun.set()
        self.goes_on.wait(60)
        return 200, "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"


def connected(settings: Settings, aws: FakeAws) -> None:
    draft = Draft(name="mine", account_id="123456789012", regions=("us-east-1",), endpoint_url=aws.url)
    with opened_usecases(settings) as (usecases, _):
        usecases.connectors.create(Provider.AWS, draft)


def latest_run(settings: Settings) -> Run:
    with opened_store(settings) as store, store.read() as reader:
        owner = connectors.find_by_account(reader, Provider.AWS, "123456789012")
        assert owner is not None
        found = runs.latest(reader, owner.uuid)
    assert found is not None
    return found


@pytest.mark.slow
def test_a_run_under_way_is_handed_back_and_nothing_of_it_is_repeated(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "kept", endpoint_overrides=True)
    environment = {
        "NEPHOSCOPE_ADMIN_PASSWORD": PASSWORD,
        "NEPHOSCOPE_ENDPOINT_OVERRIDES": "on",
        "NEPHOSCOPE_LOG": "text",
        "AWS_ACCESS_KEY_ID": "AKIAMINE",
        "AWS_SECRET_ACCESS_KEY": "mine",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(tmp_path),
    }
    with fake_aws() as aws:
        held = Held(aws)
        connected(settings, aws)
        with serving(settings.data or tmp_path, environment) as (_, process):
            assert held.begun.wait(60)
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            assert any("no step begins any more" in line for line in process.stderr)
            held.goes_on.set()
            _, said = process.communicate(timeout=60)
        assert process.returncode == 0
        assert not {"error", "warning"} & set(said.split())
        left = latest_run(settings)
        before = aws.count(HELD)
        with serving(settings.data or tmp_path, environment) as (address, process):
            state = _ended(address)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        assert state == "SUCCESS"
        assert aws.count(HELD) == before == 1
    ended = latest_run(settings)
    assert (ended.uuid, left.state, ended.state) == (left.uuid, RunState.RUNNING, RunState.FINISHED)


def _ended(address: str) -> str:
    for _ in range(_PATIENCE):
        answer = httpx.get(f"{address}/cloudview-api/rest/v1/aws/connectors", auth=("admin", PASSWORD), timeout=30)
        state = str(answer.json()["content"][0]["state"])
        if state != "PENDING":
            return state
        time.sleep(0.1)  # another process: there is nothing to be woken by
    raise AssertionError(address)
