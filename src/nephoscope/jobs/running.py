"""Runs as a kind of durable work: what is carried is in `carrying`."""

from collections.abc import Sequence
from uuid import UUID

from nephoscope.jobs.cargo import Expected
from nephoscope.jobs.carrying import World, carry, fail_run
from nephoscope.jobs.engine import Steps
from nephoscope.model.runs import RunState
from nephoscope.store import runs


class RunCargo:
    noun = "run"

    def __init__(self, world: World) -> None:
        self._world = world

    async def carry(self, flight: str, steps: Steps) -> None:
        await carry(self._world, flight, steps)

    def unfinished(self) -> Sequence[Expected]:
        with self._world.store.read() as reader:
            return [Expected(str(run.uuid), run.state is RunState.RUNNING) for run in runs.unfinished(reader)]

    def fail(self, flight: str, problem: str) -> None:
        fail_run(self._world.store, self._world.clock, UUID(flight), problem)

    def forget(self) -> None:
        """Runs are pruned when the next one of their connector ends."""
