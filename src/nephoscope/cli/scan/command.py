"""`nephoscope scan`: look at an account now, without a server."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import msgspec
import typer

from nephoscope.cli import clouds, codes, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.files import written_whole
from nephoscope.cli.printing import console_on
from nephoscope.model.controls import Criticality
from nephoscope.settings import Settings, from_environment

if TYPE_CHECKING:
    from nephoscope.cli.scan.posture import Posture
    from nephoscope.cli.scan.scanning import Scanned, ScanRequest


class ScanFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    OCSF = "ocsf"


class Level(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


_Benchmark = Annotated[
    list[str] | None,
    typer.Option(
        "--benchmark",
        metavar="NAME",
        help='Only its controls: "CIS AWS 7.0", "CIS Azure 6.0", "CIS GCP 5.0", or, with --data, a policy of your own; '
        "may be repeated.",
    ),
]
_ScanFormat = Annotated[
    ScanFormat, typer.Option("--format", help="A summary for people, or every evaluation for programs.")
]
_FailOn = Annotated[
    Level | None, typer.Option("--fail-on", help="Exit with 1 when something of this criticality or higher fails.")
]
_FailOnUnknown = Annotated[
    bool, typer.Option("--fail-on-unknown", help="Exit with 3 when something could not be read or decided.")
]
_Keep = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Keep inventory and evaluations here; by default nothing is kept."),
]
_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write there (readable by you alone) instead of to stdout."),
]
_Workers = Annotated[int, typer.Option("--workers", min=1, max=256, help="Cloud calls at the same time.")]

HELP = """Inventory an AWS account and say what is wrong in it. Nothing leaves this machine, nothing is changed.

Credentials are found as every AWS tool finds them: environment, profile, instance role. `nephoscope permissions aws`
prints the policy they need; what they do not allow is reported and never counts as passed.

**Examples**

- `nephoscope scan aws` – every enabled region, every control
- `nephoscope scan aws --region eu-central-1 --benchmark "CIS AWS 5.0"`
- `nephoscope scan aws --format csv -o posture.csv`
- `nephoscope scan aws --fail-on high` – in a pipeline
- `nephoscope scan aws --role-arn arn:aws:iam::123456789012:role/audit --external-id 123456789`

**Exit codes**: 0 fine · 1 failures at or above --fail-on · 2 the scan could not be made (usage, credentials) ·
3 with --fail-on-unknown, something could not be read · 130 interrupted.
"""


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Look at a cloud account now, without a server.", no_args_is_help=True)

    @group.command("aws", help=HELP)
    def scan_aws(
        *,
        region: options.Region = None,
        benchmark: _Benchmark = None,
        style: _ScanFormat = ScanFormat.TABLE,
        fail_on: _FailOn = None,
        fail_on_unknown: _FailOnUnknown = False,
        profile: options.Profile = "",
        role_arn: options.RoleArn = "",
        external_id: options.ExternalId = "",
        endpoint_url: options.EndpointUrl = "",
        data: _Keep = None,
        output: _Output = None,
        workers: _Workers = 32,
    ) -> None:
        from nephoscope.cli.scan.scanning import ScanRequest, access_of  # noqa: PLC0415 - heavy: help does without it

        settings = _settings(data, workers)
        access = access_of(
            regions=tuple(region or ()),
            role_arn=role_arn,
            external_id=external_id,
            profile=profile,
            endpoint_url=endpoint_url,
        )
        posture = _scan(doors, ScanRequest(settings, access, tuple(benchmark or ())), style, output)
        raise typer.Exit(exit_code(posture, fail_on, is_strict=fail_on_unknown))

    _add_azure(group, doors)
    _add_gcp(group, doors)
    return group


def _add_azure(group: typer.Typer, doors: Doors) -> None:
    @group.command("azure")
    def scan_azure(
        *,
        subscription: clouds.Subscription = "",
        benchmark: _Benchmark = None,
        style: _ScanFormat = ScanFormat.TABLE,
        fail_on: _FailOn = None,
        fail_on_unknown: _FailOnUnknown = False,
        tenant: clouds.Tenant = "",
        client_id: clouds.Application = "",
        secret_file: clouds.SecretFile = "",
        sign_in: clouds.SignIn = "",
        cloud: clouds.Cloud = "",
        endpoint_url: clouds.AzureEndpoint = "",
        data: _Keep = None,
        output: _Output = None,
        workers: _Workers = 32,
    ) -> None:
        """Inventory an Azure subscription and say what is wrong in it. Nothing leaves this machine, nothing is changed.

        Credentials are found as every Azure tool finds them: environment, workload or managed identity, `az login`.

        **Examples**

        - `nephoscope scan azure` – the subscription that `az login` sees
        - `nephoscope scan azure --subscription ID --benchmark "CIS Azure 5.0" --fail-on high`
        - `nephoscope scan azure --subscription ID --tenant ID --client-id ID --secret-file key.txt`
        """
        from nephoscope.cli.scan.scanning import ScanRequest  # noqa: PLC0415 - heavy: help does without it

        secret = clouds.secret_of(secret_file)
        access = clouds.azure_access(
            tenant=tenant, client_id=client_id, sign_in=sign_in, cloud=cloud, endpoint_url=endpoint_url, secret=secret
        )
        account = subscription.lower() or clouds.only_subscription(access, secret)
        request = ScanRequest(_settings(data, workers), access, tuple(benchmark or ()), account, secret)
        posture = _scan(doors, request, style, output)
        raise typer.Exit(exit_code(posture, fail_on, is_strict=fail_on_unknown))


def _add_gcp(group: typer.Typer, doors: Doors) -> None:
    @group.command("gcp")
    def scan_gcp(
        *,
        project: clouds.Project = "",
        benchmark: _Benchmark = None,
        style: _ScanFormat = ScanFormat.TABLE,
        fail_on: _FailOn = None,
        fail_on_unknown: _FailOnUnknown = False,
        key_file: clouds.KeyFile = "",
        impersonate: clouds.Impersonated = "",
        endpoint_url: clouds.GcpEndpoint = "",
        data: _Keep = None,
        output: _Output = None,
        workers: _Workers = 32,
    ) -> None:
        """Inventory a Google Cloud project and say what is wrong in it. Nothing leaves this machine.

        Without a key file the application default credentials are used.

        **Examples**

        - `nephoscope scan gcp --project shop-prod`
        - `nephoscope scan gcp --key-file key.json --benchmark "CIS GCP 5.0" --format tsv`
        """
        from nephoscope.cli.scan.scanning import ScanRequest  # noqa: PLC0415 - heavy: help does without it

        secret = clouds.secret_of(key_file)
        access = clouds.gcp_access(impersonated=impersonate, endpoint_url=endpoint_url, secret=secret)
        account = clouds.project_of(project, secret)
        request = ScanRequest(_settings(data, workers), access, tuple(benchmark or ()), account, secret)
        posture = _scan(doors, request, style, output)
        raise typer.Exit(exit_code(posture, fail_on, is_strict=fail_on_unknown))


def _settings(data: Path | None, workers: int) -> Settings:
    settings = msgspec.structs.replace(from_environment(data=data), workers=workers)
    return settings if data else msgspec.structs.replace(settings, database_url="")


def exit_code(posture: "Posture", fail_on: Level | None, *, is_strict: bool) -> int:
    if fail_on is not None and posture.fails_at(Criticality(fail_on.upper())):
        return codes.FAILURES
    return codes.INCOMPLETE if is_strict and not posture.is_complete else codes.FINE


def _scan(doors: Doors, request: "ScanRequest", style: ScanFormat, output: Path | None) -> "Posture":
    from nephoscope.cli.progress import scan_progress  # noqa: PLC0415 - as above
    from nephoscope.cli.scan.posture import posture_of  # noqa: PLC0415 - as above
    from nephoscope.cli.scan.scanning import scanned  # noqa: PLC0415 - as above

    with _destination(output) as stream, scanned(doors, request, scan_progress) as done:
        posture = posture_of(done)
        _render(stream, style, done, posture)
    return posture


def _render(stream: IO[str], style: ScanFormat, done: "Scanned", posture: "Posture") -> None:
    from nephoscope.cli.scan.findings import findings  # noqa: PLC0415 - as above
    from nephoscope.cli.scan.formats.table import WRITERS  # noqa: PLC0415 - as above
    from nephoscope.cli.scan.summary import show  # noqa: PLC0415 - as above

    if style is ScanFormat.TABLE:
        show(console_on(stream), posture)
    else:
        WRITERS[style](stream, findings(done), posture)


@contextmanager
def _destination(output: Path | None) -> Iterator[IO[str]]:
    """Stdout, or a file that appears under its name when it is whole, readable by its owner alone. SettingsError,
    before anything is scanned, for a place that cannot be written."""
    if output is None:
        yield sys.stdout
        return
    with written_whole(output) as file, TextIOWrapper(file, "utf-8", newline="") as text:
        yield text
