"""`nephoscope permissions`: what nephoscope needs to be allowed, printed from the code."""

from typing import TYPE_CHECKING, Annotated

import typer

from nephoscope.cli.printing import note, print_json
from nephoscope.model.providers import Provider

if TYPE_CHECKING:
    from nephoscope.clouds.doors import Needs

_Disks = Annotated[
    bool, typer.Option("--disks", help="What looking inside of disks takes instead: snapshots and what they hold.")
]
_Benchmark = Annotated[
    list[str] | None, typer.Option("--benchmark", metavar="NAME", help="Only what its controls look at.")
]


def commands() -> typer.Typer:
    group = typer.Typer(help="What nephoscope needs to be allowed.", no_args_is_help=True)
    _add_aws(group)
    _add_azure(group)
    _add_gcp(group)
    return group


def _add_aws(group: typer.Typer) -> None:
    @group.command("aws")
    def aws(
        benchmark: _Benchmark = None,
        disks: _Disks = False,
    ) -> None:
        """Print the least-privilege IAM policy for scans, as JSON. It only reads; the one for disks also makes and
        deletes snapshots of its own.

        **Examples**

        - `nephoscope permissions aws > policy.json`
        - `nephoscope permissions aws --benchmark "CIS AWS 5.0"`
        - `nephoscope permissions aws --disks > disks.json`
        """
        from nephoscope.clouds.aws.disk_permissions import disk_policy_document  # noqa: PLC0415 - as below
        from nephoscope.clouds.aws.permissions import policy_document  # noqa: PLC0415 - help does without the clouds

        _refuse_both(benchmark, disks=disks)
        print_json(disk_policy_document() if disks else policy_document(_needs(Provider.AWS, benchmark)))


def _add_azure(group: typer.Typer) -> None:
    @group.command("azure")
    def azure(
        benchmark: _Benchmark = None,
        subscription: Annotated[
            str, typer.Option("--subscription", metavar="ID", help="Where the role may be given.")
        ] = "",
        disks: _Disks = False,
    ) -> None:
        """Print the least-privilege role for scans, as JSON for `az role definition create`. It only reads; the one
        for disks also makes, opens and deletes snapshots.

        What some controls ask of the directory takes application permissions of Microsoft Graph: they are named on
        stderr, and so are actions that the role leaves out because they open secrets too.

        **Examples**

        - `nephoscope permissions azure --subscription ID > role.json`
        - `nephoscope permissions azure --benchmark "CIS Azure 5.0"`
        - `nephoscope permissions azure --disks --subscription ID > disks.json`
        """
        from nephoscope.clouds.azure.disk_permissions import disk_role_definition  # noqa: PLC0415 - as below
        from nephoscope.clouds.azure.permissions import (  # noqa: PLC0415 - help does without the clouds
            disclosing,
            graph_permissions,
            role_definition,
        )

        _refuse_both(benchmark, disks=disks)
        if disks:
            print_json(disk_role_definition(subscription))
            return
        needs = _needs(Provider.AZURE, benchmark)
        print_json(role_definition(needs, subscription))
        graph = graph_permissions(needs)
        if graph:
            note(f"Microsoft Graph, application permissions: {', '.join(graph)}")
        left_out = disclosing(needs)
        if left_out:
            note(f"Left out, as they open secrets too; what only they tell stays unknown: {', '.join(left_out)}")


def _add_gcp(group: typer.Typer) -> None:
    @group.command("gcp")
    def gcp(
        benchmark: _Benchmark = None,
        following: Annotated[
            bool,
            typer.Option("--following", help="For a role of the organisation: finding its projects as well."),
        ] = False,
    ) -> None:
        """Print the least-privilege role for scans, as YAML for `gcloud iam roles create --file`. It only reads.

        **Examples**

        - `nephoscope permissions gcp > role.yaml`
        - `nephoscope permissions gcp --benchmark "CIS GCP 5.0" --following`
        """
        import yaml  # noqa: PLC0415 - help does without it

        from nephoscope.clouds.gcp.permissions import role  # noqa: PLC0415 - nor the clouds

        found = role(_needs(Provider.GCP, benchmark), is_following=following)
        typer.echo(yaml.safe_dump(found, sort_keys=False).rstrip())


def _refuse_both(benchmark: list[str] | None, *, disks: bool) -> None:
    if disks and benchmark:
        raise typer.BadParameter("no control looks inside of disks.", param_hint="--disks")


def _needs(provider: Provider, benchmark: list[str] | None) -> "Needs | None":
    """None for everything."""
    from nephoscope.controls.loading import load_catalogue  # noqa: PLC0415 - help does without the catalogue
    from nephoscope.inventory.recording import needs_of  # noqa: PLC0415 - likewise

    if not benchmark:
        return None
    catalogue = load_catalogue().select(benchmark, provider)
    return needs_of(map(catalogue.fields_of, catalogue.of_provider(provider)), provider, with_wire=False)
