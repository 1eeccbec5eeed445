"""Starting and stopping a simulation, and talking to it."""

import http.client
import selectors
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing
from importlib.util import find_spec
from types import TracebackType
from typing import IO, Any, Protocol, Self

import boto3
import msgspec
from botocore.config import Config

from nephoscope.errors import SettingsError
from nephoscope.simulation.aws.facts import ACCOUNT_ID, Conditions, Fact, Fault

READY_WITHIN = 180.0
"""Seconds that the child process has to import moto and open its port."""
STOPPED_WITHIN = 10.0
"""Seconds."""

ACCESS_KEY = "AKIASIMULATION000000"
SECRET_KEY = "simulation"  # noqa: S105 - opens nothing: the simulation asks for no secret


_CONFIG = Config(inject_host_prefix=False, max_pool_connections=8, retries={"total_max_attempts": 1}, read_timeout=60)


def _without_account(params: dict[str, Any], **_more: object) -> None:
    """S3 Control asks `<account>.<host>`, which leads nowhere on loopback."""
    params["url"] = params["url"].replace(f"://{ACCOUNT_ID}.", "://", 1)


class _Carrier(Protocol):
    port: int

    def stop(self) -> None: ...


class Simulation(AbstractContextManager["Simulation"]):
    """A running simulation. Close it, or use it as a context."""

    account_id = ACCOUNT_ID

    def __init__(self, carrier: _Carrier) -> None:
        self._carrier = carrier
        self._session = boto3.session.Session()
        self._making = threading.Lock()
        self.endpoint_url = f"http://127.0.0.1:{carrier.port}"

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client of the simulated account. Close it after use."""
        with self._making:  # sessions are not thread-safe, what they make is
            client = self._session.client(  # type: ignore[call-overload] # the name is only known at run time
                service,
                region_name=region,
                endpoint_url=self.endpoint_url,
                aws_access_key_id=ACCESS_KEY,
                aws_secret_access_key=SECRET_KEY,
                config=_CONFIG,
            )
        client.meta.events.register("before-call.s3-control", _without_account)
        return client

    def tell(self, fact: Fact) -> None:
        """Set a fact that no cloud call could."""
        self._own("PUT", msgspec.json.encode(fact))

    def disturb(self, *faults: Fault, latency: float = 0.0, silence: float = 120.0) -> None:
        """How it answers from now on; without arguments, calmly again."""
        self.tell(Conditions(latency=latency, faults=faults, silence=silence))

    def calls(self) -> Mapping[str, int]:
        """Calls since the last `forget_calls`, by `service.Operation`."""
        return msgspec.json.decode(self._own("GET"), type=dict[str, int])

    def forget_calls(self) -> None:
        self._own("DELETE")

    def stop(self) -> None:
        """Repeating it does nothing."""
        self._carrier.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _own(self, method: str, body: bytes | None = None) -> bytes:
        with closing(http.client.HTTPConnection("127.0.0.1", self._carrier.port, timeout=STOPPED_WITHIN)) as connection:
            connection.request(method, "/_simulation", body)
            return connection.getresponse().read()


def start(*, in_process: bool = False, latency: float = 0.0) -> Simulation:
    """An empty simulation on a free port of loopback, ready to answer.

    As a child process by default, so that CPU and memory of the caller stay its own; it ends with its parent. In a
    thread with `in_process`: quick to start, but one at a time, since moto's models are global.
    `latency`: seconds added to every request. SettingsError when moto is not installed or does not come up.
    """
    if find_spec("moto") is None or find_spec("flask") is None:
        raise SettingsError("The simulation needs moto's server: pip install 'nephoscope[demo]'")
    simulation = Simulation(_Thread() if in_process else _Process())
    if latency:
        simulation.disturb(latency=latency)
    return simulation


class _Thread:
    def __init__(self) -> None:
        from nephoscope.simulation.aws.serving import Server  # noqa: PLC0415 - moto is an optional extra

        self._server = Server()
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve, name="simulation", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.stop()
            self._thread.join(STOPPED_WITHIN)


class _Process:
    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nephoscope.simulation.aws.serving"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )
        assert self._process.stdout is not None  # noqa: S101 - it is piped
        line = _first_line(self._process.stdout)
        if not line.isdigit():
            self._said.seek(0)
            said = self._said.read().decode(errors="replace").strip().splitlines()
            self.stop()
            raise SettingsError(f"The simulation did not start: {said[-1] if said else 'no answer in time'}")
        self.port = int(line)

    def stop(self) -> None:
        """Ends its input, which it takes as the word to go; kills it when it does not."""
        process = self._process
        if process.stdin is not None and not process.stdin.closed:
            process.stdin.close()
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        self._said.close()


def _first_line(stream: IO[bytes]) -> str:
    """Empty when none comes in time. The child writes the whole line at once."""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline().decode().strip() if selector.select(READY_WITHIN) else ""
