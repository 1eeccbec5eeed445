"""The order in which the estate is made: parts that need nothing of each other side by side, then what stands on them.

Within a stage no two parts call the same service in the same region, so the simulation gives the same ids every time.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

from nephoscope.simulation.aws.estate import (
    applications,
    compute,
    databases,
    guards,
    identity,
    logs,
    network,
    storage,
)
from nephoscope.simulation.aws.estate.world import REGIONS, World
from nephoscope.simulation.aws.running import Simulation

Part = Callable[[World], None]

_HOME_ONLY: tuple[Part, ...] = (identity.fill, storage.fill)
_FIRST: tuple[Part, ...] = (logs.fill, network.fill)
_THEN: tuple[Part, ...] = (
    compute.fill,
    databases.fill,
    applications.fill,
    applications.fill_balancers,
    logs.fill_trails,
    guards.fill,
)


def fill_estate(simulation: Simulation, scale: int = 1) -> None:
    """Some 300 resources in `us-east-1` and `eu-west-1` times `scale` (networks and what an account has once are not
    multiplied). For a fresh simulation; the same scale gives the same names, settings and ids."""
    with ExitStack() as stack:
        worlds = [stack.enter_context(closing(World(simulation, region, scale))) for region in REGIONS]
        with ThreadPoolExecutor(max_workers=8) as pool:
            home = [(part, worlds[0]) for part in _HOME_ONLY]
            _run(pool, [*home, *((part, world) for part in _FIRST for world in worlds)])
            _run(pool, [(part, world) for part in _THEN for world in worlds])


def _run(pool: ThreadPoolExecutor, parts: Iterable[tuple[Part, World]]) -> None:
    for done in [pool.submit(part, world) for part, world in parts]:
        done.result()
