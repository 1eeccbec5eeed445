"""A process that carries runs until it is killed or its standard input ends: what `serve` and `worker` do with jobs.

Its clock may run ahead, so that a test sees afterwards which process wrote what.
"""

import sys
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs.housekeeping import Pace
from nephoscope.jobs.jobs import open_jobs
from nephoscope.kit.clock import system_clock
from nephoscope.settings import Settings
from nephoscope.store.session import open_store


class Orders(msgspec.Struct, frozen=True):
    data: str
    database_url: str
    ahead: float
    pace: Pace


def main() -> None:
    orders = msgspec.json.decode(sys.argv[1], type=Orders)

    def clock() -> datetime:
        return system_clock() + timedelta(seconds=orders.ahead)

    settings = Settings(data=Path(orders.data), database_url=orders.database_url, workers=8)
    with ExitStack() as stack:
        store = open_store(orders.database_url or f"sqlite:///{orders.data}/nephoscope.sqlite")
        stack.callback(store.close)
        jobs = stack.enter_context(open_jobs(settings, store, load_catalogue(), clock, pace=orders.pace))
        jobs.start()
        print("ready", flush=True)  # noqa: T201 - how the test learns it
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
