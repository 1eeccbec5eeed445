"""Runs as a kind of durable work: what is carried is in `carrying`."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from nephoscope.access.preferences import Preferences
from nephoscope.jobs.carrying import World, carry, fail_run
from nephoscope.jobs.engine import Steps
from nephoscope.jobs.kinds import Expected
from nephoscope.model.preferences import FOREVER
from nephoscope.model.runs import RunState
from nephoscope.store import runs


class RunCargo:
    noun = "run"

    def __init__(self, world: World, preferences: Preferences) -> None:
        self._world = world
        self._preferences = preferences

    async def carry(self, flight: str, steps: Steps) -> None:
        await carry(self._world, flight, steps)

    def unfinished(self) -> Sequence[Expected]:
        with self._world.store.read() as reader:
            return [Expected(str(run.uuid), run.state is RunState.RUNNING) for run in runs.unfinished(reader)]

    def fail(self, flight: str, problem: str) -> None:
        fail_run(self._world.store, self._world.clock, UUID(flight), problem)

    def forget(self) -> None:
        """Those that ended longer ago than the tenant keeps them. Beside that, only so many of a connector stay when
        its next one ends."""
        days = self._preferences.tenant().run_days
        if days != FOREVER:
            with self._world.store.write() as writer:
                runs.prune_before(writer, self._world.clock() - timedelta(days=days))
