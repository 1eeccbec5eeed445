"""Options that say how to enter Azure and Google Cloud. Secrets come from files, from stdin or from what the process
has; never from arguments, which others on the machine can read."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from nephoscope.cli.rewording import reworded
from nephoscope.errors import SettingsError
from nephoscope.model.connectors import AzureAccess, AzureSignIn, GcpAccess, GcpSignIn

_LARGEST = 64 * 1024

Subscription = Annotated[
    str, typer.Option("--subscription", metavar="ID", help="The subscription; by default the only one that is seen.")
]
Tenant = Annotated[str, typer.Option("--tenant", metavar="ID", help="The directory of the application.")]
Application = Annotated[
    str, typer.Option("--client-id", metavar="ID", help="The application, or the managed identity when it has several.")
]
SecretFile = Annotated[
    str,
    typer.Option(
        "--secret-file",
        metavar="FILE",
        help="The application's secret, or its certificate with the key in PEM; - reads stdin.",
    ),
]
SignIn = Annotated[
    str,
    typer.Option(
        "--sign-in",
        metavar="HOW",
        help="key, certificate, workload_identity, managed_identity, cli or ambient: by default what was given.",
    ),
]
Cloud = Annotated[
    str, typer.Option("--cloud", metavar="NAME", help="AzureCloud, AzureUSGovernment or AzureChinaCloud.")
]
AzureEndpoint = Annotated[
    str, typer.Option("--endpoint-url", metavar="URL", help="Ask this address instead of Azure, for simulations.")
]
Project = Annotated[str, typer.Option("--project", metavar="ID", help="The project; by default the one of the key.")]
KeyFile = Annotated[
    str,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="The key of a service account, or the configuration of a workload identity federation; - reads stdin.",
    ),
]
Impersonated = Annotated[str, typer.Option("--impersonate", metavar="EMAIL", help="Act as this service account.")]
GcpEndpoint = Annotated[
    str, typer.Option("--endpoint-url", metavar="URL", help="Ask this address instead of Google, for simulations.")
]


def secret_of(place: str) -> str:
    """What a file holds, without line ends around it; empty for no file. SettingsError when it cannot be read, and when
    there is nothing in it: the identity of this machine must not stand in for it."""
    if not place:
        return ""
    try:
        text = sys.stdin.read(_LARGEST + 1) if place == "-" else Path(place).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{place} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from None
    if len(text) > _LARGEST:
        raise SettingsError(f"{place} has more than {_LARGEST:,} characters.")
    if not text.strip():
        raise SettingsError(f"{'stdin' if place == '-' else place} is empty.")
    return text.strip()


def azure_access(
    *, tenant: str, client_id: str, sign_in: str, cloud: str, endpoint_url: str, secret: str
) -> AzureAccess:
    """SettingsError for a way to sign in that does not exist, and for one that lacks something."""
    from nephoscope.connectors import azure_drafts  # noqa: PLC0415 - help does without it
    from nephoscope.connectors.draft import Draft  # noqa: PLC0415 - likewise

    words = {kind.value for kind in AzureSignIn}
    if sign_in and sign_in.lower() not in words:
        raise SettingsError(f"--sign-in is {sign_in[:40]!r}; expected one of {', '.join(sorted(words))}.")
    kind = AzureSignIn(sign_in.lower()) if sign_in else _kind_of(secret)
    access = AzureAccess(tenant.lower(), client_id.lower(), kind, cloud or "AzureCloud", endpoint_url)
    said = Draft(
        tenant_id=tenant or None, application_id=client_id or None, sign_in=sign_in or None, secret=secret or None
    )
    wrong = list(azure_drafts.problems(said, access, _ANY_SUBSCRIPTION, has_secret=False))
    if wrong:
        raise _refusal("The subscription cannot be entered so", wrong)
    return access


def _kind_of(secret: str) -> AzureSignIn:
    if not secret:
        return AzureSignIn.AMBIENT
    return AzureSignIn.CERTIFICATE if "-----BEGIN" in secret else AzureSignIn.KEY


def gcp_access(*, impersonated: str, endpoint_url: str, secret: str) -> GcpAccess:
    """SettingsError for a file that is none of those that enter, and for an address that is none."""
    from nephoscope.connectors import gcp_drafts  # noqa: PLC0415 - help does without it
    from nephoscope.connectors.draft import Draft  # noqa: PLC0415 - likewise

    said = Draft(secret=secret or None, impersonated=impersonated or None, endpoint_url=endpoint_url or None)
    access = gcp_drafts.merge(said, GcpAccess(sign_in=GcpSignIn.AMBIENT))
    wrong = list(gcp_drafts.problems(said, access, _ANY_PROJECT))
    if wrong:
        raise _refusal("The project cannot be entered so", wrong)
    return access


_ANY_PROJECT, _ANY_SUBSCRIPTION = "any-project", "00000000-0000-0000-0000-000000000000"
"""Which it is, is looked at elsewhere."""
_OPTIONS = {
    "configFile": "--key-file",
    "impersonated": "--impersonate",
    "endpointUrl": "--endpoint-url",
    "directoryId": "--tenant",
    "applicationId": "--client-id",
    "authenticationKey": "--secret-file",
    "signIn": "--sign-in",
    "cloud": "--cloud",
}


def _refusal(message: str, problems: Iterable[str]) -> SettingsError:
    return SettingsError(f"{message}: {'; '.join(reworded(problem, _OPTIONS) for problem in problems)}.")


def only_subscription(access: AzureAccess, secret: str) -> str:
    """SettingsError, naming them, when there is not just one."""
    from nephoscope.clouds.table import discover  # noqa: PLC0415 - only here a cloud is asked
    from nephoscope.model.providers import Provider  # noqa: PLC0415 - likewise

    found = discover(Provider.AZURE, access, secret=secret)
    if len(found) == 1:
        return found[0].account_id
    named = ", ".join(f"{row.account_id} ({row.name})" for row in found[:10])
    raise SettingsError(f"{len(found)} subscriptions are seen; choose one with --subscription: {named or 'none'}.")


def project_of(project: str, secret: str) -> str:
    """SettingsError when neither says it."""
    from nephoscope.connectors import gcp_drafts  # noqa: PLC0415 - help does without it
    from nephoscope.connectors.draft import Draft  # noqa: PLC0415 - likewise

    found = gcp_drafts.account_of(Draft(account_id=project or None, secret=secret or None), "")
    if not found:
        raise SettingsError("Say which project: --project ID.")
    return found
