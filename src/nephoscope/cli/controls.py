"""`nephoscope controls`: what is checked, why, and how to put it right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of
from nephoscope.cli.printing import print_detail, print_rows
from nephoscope.errors import NotFoundError
from nephoscope.model.controls import Control, Criticality

if TYPE_CHECKING:
    from nephoscope.controls.catalogue import Catalogue

_COLUMNS = ("cid", "criticality", "service", "resource_type", "name")


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="What is checked, why, and how to put it right.", no_args_is_help=True)

    @group.command("list")
    def list_all(
        *,
        benchmark: Annotated[
            list[str] | None,
            typer.Option(
                "--benchmark", metavar="NAME", help='Such as "CIS AWS 5.0", or a policy of your own; may be repeated.'
            ),
        ] = None,
        service: Annotated[str, typer.Option("--service", help="Such as S3, in any case.")] = "",
        criticality: Annotated[str, typer.Option("--criticality", help="low, medium or high.")] = "",
        limit: options.Limit = 1000,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the controls. No store is needed; where there is one, your own policies in it are known.

        **Examples**

        - `nephoscope controls list --benchmark "CIS AWS 5.0" --service s3`
        - `nephoscope controls list --criticality high --format json`
        """
        wanted = _criticality(criticality)
        catalogue = _catalogue(doors, data, database)
        if benchmark:
            catalogue = catalogue.select(benchmark)
        rows = [
            _row(control)
            for control in catalogue.controls.values()
            if service.casefold() in ("", control.service_type.casefold()) and wanted in (None, control.criticality)
        ]
        print_rows(rows[:limit], _COLUMNS, style, total=len(rows))

    @group.command("show")
    def show(
        cid: Annotated[int, typer.Argument(help="The control's number.")],
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show one control: what it looks at, why it matters, how to put a failure right.

        **Examples**

        - `nephoscope controls show 322`
        - `nephoscope controls show 322 --format json`
        """
        catalogue = _catalogue(doors, data, database)
        control = catalogue.controls.get(cid)
        if control is None:
            raise NotFoundError(f"There is no control {cid}; see nephoscope controls list.")
        print_detail(_detail(control, catalogue.policy_names(cid)), style)

    return group


def _catalogue(doors: Doors, data: Path | None, database: str) -> "Catalogue":
    """With policies that people made, where there is a store."""
    from nephoscope.controls.loading import load_catalogue  # noqa: PLC0415 - help does without the catalogue

    catalogue = load_catalogue()
    settings = settings_of(data, database)
    if not doors.has_store(settings):
        return catalogue
    from nephoscope.store import policies  # noqa: PLC0415 - likewise

    with doors.open_store(settings) as store, store.read() as reader:
        return catalogue.with_policies(policies.every(reader))


def _criticality(text: str) -> Criticality | None:
    if not text:
        return None
    try:
        return Criticality(text.upper())
    except ValueError:
        raise typer.BadParameter(f"{text!r} is none of low, medium, high.", param_hint="--criticality") from None


def _row(control: Control) -> dict[str, Any]:
    return {
        "cid": control.cid,
        "name": control.name,
        "criticality": control.criticality,
        "provider": control.provider,
        "service": control.service_type,
        "resource_type": control.resource_type,
        "benchmarks": control.benchmarks,
    }


def _detail(control: Control, policies: tuple[str, ...]) -> dict[str, Any]:
    return {
        **_row(control),
        "policies": policies,
        "description": control.description,
        "rationale": control.rationale,
        "remediation": control.remediation,
        "references": control.references,
        "applies": control.applies,
        "passes": control.passes,
        "evidence": control.evidence,
        "parameters": [{"name": row.name, "operator": row.operator, "value": row.value} for row in control.parameters],
    }
