"""`nephoscope controls`: what is checked, why, and how to put it right."""

from typing import Annotated, Any

import typer

from nephoscope.cli import options
from nephoscope.cli.options import ListFormat
from nephoscope.cli.printing import print_detail, print_rows
from nephoscope.errors import NotFoundError
from nephoscope.model.controls import Control, Criticality

_COLUMNS = ("cid", "criticality", "service", "resource_type", "name")


def commands() -> typer.Typer:
    group = typer.Typer(help="What is checked, why, and how to put it right.", no_args_is_help=True)

    @group.command("list")
    def list_all(
        benchmark: Annotated[
            list[str] | None,
            typer.Option("--benchmark", metavar="NAME", help='Such as "CIS AWS 5.0"; may be repeated.'),
        ] = None,
        service: Annotated[str, typer.Option("--service", help="Such as S3, in any case.")] = "",
        criticality: Annotated[str, typer.Option("--criticality", help="low, medium or high.")] = "",
        limit: options.Limit = 1000,
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the controls. No store is needed.

        **Examples**

        - `nephoscope controls list --benchmark "CIS AWS 5.0" --service s3`
        - `nephoscope controls list --criticality high --format json`
        """
        from nephoscope.controls.loading import load_catalogue  # noqa: PLC0415 - help does without the catalogue

        wanted = _criticality(criticality)
        catalogue = load_catalogue()
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
        cid: Annotated[int, typer.Argument(help="The control's number.")], style: options.Format = ListFormat.TABLE
    ) -> None:
        """Show one control: what it looks at, why it matters, how to put a failure right."""
        from nephoscope.controls.loading import load_catalogue  # noqa: PLC0415 - as above

        catalogue = load_catalogue()
        control = catalogue.controls.get(cid)
        if control is None:
            raise NotFoundError(f"There is no control {cid}; see nephoscope controls list.")
        print_detail(_detail(control, catalogue.policy_names(cid)), style)

    return group


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
