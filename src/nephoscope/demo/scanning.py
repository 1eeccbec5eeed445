"""Connecting to the simulated clouds and looking at all of them at the same time, through the same use cases and jobs
as everybody else."""

import time
from collections.abc import Mapping

from nephoscope.cli.connectors import requested
from nephoscope.cli.printing import note
from nephoscope.cli.progress import run_progress
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.demo.estates import TITLES
from nephoscope.errors import NotFoundError
from nephoscope.jobs.jobs import Jobs
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.model.runs import Run, RunState
from nephoscope.usecases.usecases import UseCases

_OPEN = frozenset({RunState.QUEUED, RunState.RUNNING})
_LOOK_EVERY = 0.2
"""Seconds."""


def scan_all(usecases: UseCases, jobs: Jobs, drafts: Mapping[Provider, Draft]) -> Mapping[Provider, Run]:
    """How each went, once all have ended. Starts the jobs."""
    connectors = connect(usecases, drafts)
    jobs.start()
    note(f"Scanning through {len(connectors)} connectors at the same time …")
    return _carried(usecases, {provider: requested(usecases, made) for provider, made in connectors.items()})


def connect(usecases: UseCases, drafts: Mapping[Provider, Draft]) -> Mapping[Provider, Connector]:
    """These connectors, and no others, may name another address than their cloud's: what the settings say of that goes
    on holding for whoever comes in through the API."""
    connectors = Connectors(usecases.store, usecases.clock, usecases.sealer, allows_endpoints=True)
    return {provider: _connect(connectors, provider, draft) for provider, draft in drafts.items()}


def _connect(connectors: Connectors, provider: Provider, draft: Draft) -> Connector:
    """A store that was kept has the connector already; the simulation is at another port now, with another key."""
    try:
        found = connectors.find_account(provider, draft.account_id or "")
    except NotFoundError:
        return connectors.create(provider, draft)
    return connectors.update(found.uuid, draft)


def _carried(usecases: UseCases, runs: Mapping[Provider, Run]) -> Mapping[Provider, Run]:
    with run_progress() as hear:
        while any(run.state in _OPEN for run in runs.values()):
            for provider, run in runs.items():
                hear(run, TITLES[provider])
            time.sleep(_LOOK_EVERY)
            runs = {provider: usecases.runs.get(run.uuid) for provider, run in runs.items()}
    return runs
