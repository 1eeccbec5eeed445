"""`nephoscope settings`: what people set while the server runs, for everybody and for one user."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from nephoscope.cli import granting, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import print_detail
from nephoscope.errors import BadRequestError

if TYPE_CHECKING:
    from nephoscope.usecases.usecases import UseCases

_Zone = Annotated[
    str | None, typer.Option("--time-zone", metavar="ZONE", help="Such as Europe/Berlin.", show_default=False)
]
_User = Annotated[str, typer.Option("--user", metavar="NAME", help="Those of this user instead of everybody's.")]


class Switch(StrEnum):
    """What can be on or off."""

    ON = "on"
    OFF = "off"


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(
        help="Time zones, retention, approval: for everybody, and of users. They count at once.", no_args_is_help=True
    )
    _add_show(group, doors)
    _add_set(group, doors)
    _add_reset(group, doors)
    return group


def _add_show(group: typer.Typer, doors: Doors) -> None:
    @group.command("show")
    def show(
        user: _User = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show the settings as they are now. Days of 0 are forever.

        **Examples**

        - `nephoscope settings show`
        - `nephoscope settings show --user alice --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            _check_user(usecases, user)
            found = usecases.preferences.user(user) if user else usecases.preferences.tenant()
        print_detail(msgspec.structs.asdict(found), style)


def _add_set(group: typer.Typer, doors: Doors) -> None:
    @group.command("set")
    def set_some(
        *,
        time_zone: _Zone = None,
        approval: Annotated[
            Switch | None,
            typer.Option("--approval", help="Whether a second person must approve exceptions."),
        ] = None,
        report_days: Annotated[int | None, typer.Option("--keep-reports", metavar="DAYS", help="At least 1.")] = None,
        run_days: Annotated[int | None, typer.Option("--keep-runs", metavar="DAYS", help="0 is forever.")] = None,
        audit_days: Annotated[int | None, typer.Option("--keep-audit", metavar="DAYS", help="0 is forever.")] = None,
        user: _User = "",
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Change settings, at once and without a restart. What is not named stays.

        **Examples**

        - `nephoscope settings set --time-zone Europe/Berlin --approval on`
        - `nephoscope settings set --user alice --time-zone Asia/Kolkata`
        """
        said = {
            "time_zone": time_zone,
            "needs_approval": None if approval is None else approval is Switch.ON,
            "report_days": report_days,
            "run_days": run_days,
            "audit_days": audit_days,
        }
        changed = {name: value for name, value in said.items() if value is not None}
        if not changed or (user and changed.keys() != {"time_zone"}):
            raise BadRequestError(
                "Of a user --time-zone alone can be set." if user else "Name what shall change; see --help."
            )
        with doors.open_usecases(settings_of(data, database)) as usecases:
            _print_changed(usecases, user, changed, by, style)


def _add_reset(group: typer.Typer, doors: Doors) -> None:
    @group.command("reset")
    def reset(
        *,
        user: _User = "",
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Forget what was set: everybody's settings are those that the program was started with, a user's are
        everybody's.

        **Example**: `nephoscope settings reset --user alice`
        """
        names = ("time_zone",) if user else ("time_zone", "needs_approval", "report_days", "run_days", "audit_days")
        with doors.open_usecases(settings_of(data, database)) as usecases:
            _print_changed(usecases, user, dict.fromkeys(names), by, style)


def _print_changed(usecases: "UseCases", user: str, changed: dict[str, Any], by: str, style: ListFormat) -> None:
    _check_user(usecases, user)
    actor = granting.actor(decider(by))
    change = usecases.preferences
    found = change.change_user(user, changed, actor) if user else change.change_tenant(changed, actor)
    print_detail(msgspec.structs.asdict(found), style)


def _check_user(usecases: "UseCases", name: str) -> None:
    """NotFoundError when nobody has the name."""
    if name:
        usecases.access.accounts.get(name)
