"""(d) One page of 1,000,000 evaluations over HTTP, beside sending a file of the same size from the same process."""

import base64
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from bench.measure import Row
from bench.pages_server import ADMIN, FILE_PATH, PASSWORD

COMMAND = "make bench ONLY=pages"
ROWS = 1_000_000
_LIST = "/cloudview-api/rest/v1/aws/evaluations/list/resources?pageNo=0&pageSize=1000000"


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, process):
        _small(port)
        before = process.memory_info().rss
        page = Answer(port, "POST", _LIST, json.dumps({"regex": ".*"}), keep=Path(folder) / "page.json")
        most = peak(process)
        assert page.head.startswith(b'{"content":[{"uuid":"')
        file = Answer(port, "GET", FILE_PATH, None)
        return [
            Row(
                "page of 1,000,000: rows", ROWS / page.took, "per second", ROWS / file.took, "a file that size", COMMAND
            ),
            Row(
                "page of 1,000,000: first byte", page.first * 1000, "ms", file.first * 1000, "a file that size", COMMAND
            ),
            Row("page of 1,000,000: size", page.size / 1e6, "MB", None, "", COMMAND),
            Row(
                "page of 1,000,000: server's peak memory", most / 1e6, "MB", before / 1e6, "before the request", COMMAND
            ),
        ]


def _small(port: int) -> None:
    """The first request pays for the index and for the password; the page itself is what is measured."""
    Answer(port, "POST", _LIST.replace("1000000", "1"), json.dumps({"regex": ".*"}))


class Answer:
    """One request, read to its end: seconds to the first byte and to the last, and the size."""

    def __init__(self, port: int, method: str, path: str, body: str | None, keep: Path | None = None) -> None:
        login = base64.b64encode(f"{ADMIN}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            start = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            self.head = answer.read(200)
            self.first = time.perf_counter() - start
            self.size = len(self.head)
            with open(keep or os.devnull, "wb") as file:
                file.write(self.head)
                while piece := answer.read(1 << 18):
                    self.size += len(piece)
                    file.write(piece)
            self.took = time.perf_counter() - start
        assert answer.status == 200, self.head


def peak(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    command = [sys.executable, "-m", "bench.pages_server", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline()), psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()
