"""`nephoscope posture`: how every account does, now or on another day."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of
from nephoscope.cli.printing import note, print_json, print_rows
from nephoscope.model.exceptions import PolicyException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nephoscope.exceptions.answers import Outlook
    from nephoscope.model.controls import Control
    from nephoscope.usecases.posture import Posture

_ACCOUNTS = ("account", "name", "passed", "failed", "excepted", "unknown")
_CHANGES = ("account", "cid", "control", "failed_now", "failed_then", "excepted_now", "excepted_then")


def add_posture(app: typer.Typer, doors: Doors) -> None:
    @app.command("posture")
    def posture(
        *,
        as_of: Annotated[
            str, typer.Option("--as-of", metavar="DAY", help="On the first second of that day, YYYY-MM-DD.")
        ] = "",
        policy: Annotated[
            str, typer.Option("--policy", metavar="POLICY", help="Count only its controls: a title, framework or uuid.")
        ] = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Count what passes and fails in every account, now or on another day.

        With a day: what would fail then, with the verdicts of now and the exceptions in force then, and how that
        differs from now.

        **Examples**

        - `nephoscope posture`
        - `nephoscope posture --policy "CIS AWS 5.0"`
        - `nephoscope posture --as-of 2027-01-01`
        """
        from nephoscope.usecases import posture as postures  # noqa: PLC0415 - help does without the store
        from nephoscope.usecases.moments import day_of  # noqa: PLC0415 - likewise

        day = day_of(as_of, "--as-of") if as_of else None
        with doors.open_usecases(settings_of(data, database)) as usecases:
            _print(postures.posture(usecases, day, policy), usecases.catalogue.controls, style)


def _print(found: "Posture", controls: "Mapping[int, Control]", style: ListFormat) -> None:
    accounts = [
        {
            "account": row.connector.account_id,
            "provider": row.connector.provider,
            "name": row.connector.name,
            "passed": row.passed,
            "failed": row.failed,
            "excepted": row.excepted,
            "unknown": row.unknown,
        }
        for row in found.accounts
    ]
    outlook = _outlook(found.outlook, controls) if found.outlook else None
    if style is ListFormat.JSON:
        print_json({"at": found.at, "accounts": accounts, "outlook": outlook})
        return
    print_rows(accounts, _ACCOUNTS, style, total=len(accounts))
    if found.outlook:
        _print_outlook(found.outlook, controls, style)


def _outlook(found: "Outlook", controls: "Mapping[int, Control]") -> dict[str, Any]:
    return {
        "would_fail": found.would_fail,
        "changes": _changes(found, controls),
        "ended": [_brief(row) for row in found.ended],
        "begun": [_brief(row) for row in found.begun],
    }


def _print_outlook(found: "Outlook", controls: "Mapping[int, Control]", style: ListFormat) -> None:
    changes = _changes(found, controls)
    if changes:
        print_rows(changes, _CHANGES, style, total=len(changes))
    note(f"Evaluations that would fail then and do not now: {found.would_fail}")
    for row in found.ended:
        note(f"Over by then: {row.name} (ends {row.ends:%Y-%m-%d %H:%M:%S}Z)")
    for row in found.begun:
        note(f"Begun by then: {row.name} (starts {row.starts:%Y-%m-%d %H:%M:%S}Z)")


def _changes(found: "Outlook", controls: "Mapping[int, Control]") -> list[dict[str, Any]]:
    return [
        {
            "account": row.account_id,
            "provider": row.provider,
            "cid": row.cid,
            "control": controls[row.cid].name if row.cid in controls else "",
            "failed_now": row.failed_now,
            "failed_then": row.failed_then,
            "excepted_now": row.excepted_now,
            "excepted_then": row.excepted_then,
        }
        for row in found.rows
    ]


def _brief(exception: PolicyException) -> dict[str, Any]:
    return {
        "name": exception.name,
        "scope": exception.scope,
        "starts": exception.starts,
        "ends": exception.ends,
        "uuid": exception.uuid,
    }
