"""The server of the pages benchmark: the API over a store of 1,000,000 evaluations, and a file beside it."""

import importlib.abc
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any


class _NotInstalled(importlib.abc.MetaPathFinder):
    """Arrow imports pandas where it finds it. The tests' dependencies bring it along, an installation does not."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def without_pandas() -> None:
    """From now on in this process."""
    sys.meta_path.insert(0, _NotInstalled())


without_pandas()

import uvicorn  # noqa: E402 - after pandas is out of the way

from nephoscope.api.application import build_api  # noqa: E402 - as above
from nephoscope.app.opening import opened_usecases  # noqa: E402 - as above
from nephoscope.app.serving import signals_handled_by  # noqa: E402 - as above
from nephoscope.settings import Settings  # noqa: E402 - as above

ADMIN = "admin"
PASSWORD = "benchmark-password"  # noqa: S105 - of a server that lives for one benchmark
FILE_PATH = "/file"
_PIECE = 1 << 18
Message = MutableMapping[str, Any]


def main(folder: Path) -> None:
    # In a process of its own: what filling takes must not count as the server's memory.
    subprocess.run([sys.executable, "-m", "bench.pages_estate", str(folder)], check=True)
    settings = Settings(data=folder, admin_password=PASSWORD)
    with opened_usecases(settings) as (usecases, _), socket.create_server(("127.0.0.1", 0)) as listener:
        usecases.access.ensure_admin(ADMIN, PASSWORD)
        application = _with_file(build_api(usecases), folder / "page.json")
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(application, log_config=None, access_log=False)
        with signals_handled_by(lambda: None):
            uvicorn.Server(config).run(sockets=[listener])


def _with_file(
    application: Any, file: Path
) -> Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]:
    async def answer(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope.get("path") != FILE_PATH:
            await application(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return answer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
