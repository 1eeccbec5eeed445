"""Runs as a kind of durable work: what is carried is in `carrying`."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from nephoscope.access.preferences import Preferences
from nephoscope.jobs.carrying import JobContext, carry, fail_run
from nephoscope.jobs.engine import Steps
from nephoscope.jobs.kinds import Expected
from nephoscope.model.preferences import FOREVER
from nephoscope.model.runs import RunState
from nephoscope.store import runs


class RunJobs:
    noun = "run"

    def __init__(self, context: JobContext, preferences: Preferences) -> None:
        self._context = context
        self._preferences = preferences

    async def carry(self, job: str, steps: Steps) -> None:
        await carry(self._context, job, steps)

    def unfinished(self) -> Sequence[Expected]:
        with self._context.store.read() as reader:
            return [Expected(str(run.uuid), run.state is RunState.RUNNING) for run in runs.unfinished(reader)]

    def fail(self, job: str, problem: str) -> None:
        fail_run(self._context.store, self._context.clock, UUID(job), problem)

    def forget(self) -> None:
        """Those that ended longer ago than the tenant keeps them. Beside that, only so many of a connector stay when
        its next one ends."""
        days = self._preferences.tenant().run_days
        if days != FOREVER:
            with self._context.store.write() as writer:
                runs.prune_before(writer, self._context.clock() - timedelta(days=days))
