"""Which commands may make a store. Every other one finds the store that is there, or says that there is none: an empty
answer from a directory that was misspelt would be no answer."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nephoscope.cli.doors import Doors
from nephoscope.errors import NotFoundError
from nephoscope.settings import Settings

if TYPE_CHECKING:
    from nephoscope.store.archives import Manifest
    from nephoscope.store.session import Store
    from nephoscope.usecases.usecases import UseCases

BEGINNING = frozenset(
    {
        "client create",
        "connector add",
        "connector add-azure",
        "connector add-gcp",
        "connector follow-azure",
        "connector follow-gcp",
        "db upgrade",
        "demo",
        "group create",
        "import aws-config",
        "import azure-resource-graph",
        "import gcp-assets",
        "import terraform-state",
        "policy create",
        "restore",
        "role create",
        "scan aws",
        "scan azure",
        "scan gcp",
        "serve",
        "settings set",
        "user add",
        "worker",
    }
)
"""Commands that somebody may begin with on a new machine: these create the store when there is none."""


def finding(doors: Doors) -> Doors:
    """The same doors; those to what is kept open only where there is a store, or for a command that begins one."""

    def open_store(settings: Settings) -> "AbstractContextManager[Store]":
        _insist(doors, settings)
        return doors.open_store(settings)

    def open_usecases(settings: Settings) -> "AbstractContextManager[UseCases]":
        _insist(doors, settings)
        return doors.open_usecases(settings)

    def carry_runs(settings: Settings) -> "AbstractContextManager[UseCases]":
        _insist(doors, settings)
        return doors.carry_runs(settings)

    def rotate_keys(settings: Settings, *, by: str, is_last: bool) -> int:
        _insist(doors, settings)
        return doors.rotate_keys(settings, by=by, is_last=is_last)

    def back_up(settings: Settings, file: Path, *, by: str, with_keys: bool) -> "Manifest":
        _insist(doors, settings)
        return doors.back_up(settings, file, by=by, with_keys=with_keys)

    return replace(
        doors,
        open_store=open_store,
        open_usecases=open_usecases,
        carry_runs=carry_runs,
        rotate_keys=rotate_keys,
        back_up=back_up,
    )


def _insist(doors: Doors, settings: Settings) -> None:
    """NotFoundError when there is no store and the command that is running does not begin one."""
    if _running() in BEGINNING or doors.has_store(settings):
        return
    raise NotFoundError(
        f"There is no store in {_place(settings)}: give the --data or --database that yours is in, or make one with "
        "nephoscope serve, scan, import, connector add, restore or db upgrade."
    )


def _running() -> str:
    """The words after `nephoscope`; empty when no command line is being carried out."""
    context = click.get_current_context(silent=True)
    return context.command_path.partition(" ")[2] if context else ""


def _place(settings: Settings) -> str:
    return "that database" if settings.database_url else str(settings.data)
