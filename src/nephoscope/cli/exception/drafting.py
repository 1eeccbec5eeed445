"""How an exception is described on the command line: options, or a file with the body that the API takes. Both become
the API's field names, so that one set of rules judges them; what is wrong is then said in the words of the options."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from nephoscope.cli.files import read_object

Name = Annotated[str, typer.Option("--name", help="A name that no other exception has.")]
Explanation = Annotated[str, typer.Option("--explanation", metavar="TEXT", help="Why the failures are accepted.")]
Reason = Annotated[str, typer.Option("--reason", metavar="WORD", help='"False Positive", "Risk Accepted" or Other.')]
Start = Annotated[str, typer.Option("--start", metavar="DAY", help="Its first day, YYYY-MM-DD; today by default.")]
End = Annotated[str, typer.Option("--end", metavar="DAY", help="Its last day, YYYY-MM-DD, which still counts.")]
Cid = Annotated[
    list[int] | None, typer.Option("--cid", metavar="CID", help="A control that it is for; may be repeated.")
]
AccountId = Annotated[
    list[str] | None,
    typer.Option("--account", metavar="ID", help="All of this account, or the resources of it; may be repeated."),
]
ResourceId = Annotated[
    list[str] | None,
    typer.Option("--resource", metavar="ID", help="Only this resource of the one account; may be repeated."),
]
RegionName = Annotated[
    str, typer.Option("--region", metavar="REGION", help="Only where the resources lie there; any region by default.")
]
ResourceTag = Annotated[
    list[str] | None,
    typer.Option("--resource-tag", metavar="TAG", help="Resources that wear this tag; may be repeated."),
]
ConnectorTag = Annotated[
    list[str] | None,
    typer.Option("--connector-tag", metavar="TAG", help="… in connectors that wear this one; may be repeated."),
]
AllConnectors = Annotated[bool, typer.Option("--all-connectors", help="… in every connector.")]
ProviderName = Annotated[str, typer.Option("--provider", metavar="CLOUD", help="aws (the default), azure or gcp.")]
SecurityPolicy = Annotated[str, typer.Option("--policy", metavar="TEXT", help="The security policy that it touches.")]
Procedure = Annotated[str, typer.Option("--procedure", metavar="TEXT", help="The procedure that was followed.")]
From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="Take what the options leave open from a JSON file, as the API has it; - is stdin.",
    ),
]

OPTIONS = {
    "cloudType": "--provider",
    "exceptionScope": "--resource, --account or --resource-tag",
    "name": "--name",
    "explanation": "--explanation",
    "exceptionReason": "--reason",
    "startDate": "--start",
    "endDate": "--end",
    "controlIds": "--cid",
    "resources": "--resource",
    "accountIds": "--account",
    "resourceTagNames": "--resource-tag",
    "connectorTagNames": "--connector-tag",
    "isAllConnector": "--all-connectors",
    "informationSecurityPolicy": "--policy",
    "informationSecurityProcedure": "--procedure",
}


class Covering(msgspec.Struct, frozen=True):
    """The options that say what an exception covers."""

    accounts: list[str] | None
    resources: list[str] | None
    region: str
    resource_tags: list[str] | None
    connector_tags: list[str] | None
    is_for_all: bool


def said(file: Path | None, covering: Covering, texts: Mapping[str, str], cids: Sequence[int]) -> dict[str, Any]:
    """The body of the API. `texts` are its plain fields; empty ones are left to the file."""
    body: dict[str, Any] = read_object(file, "POST /exceptions/create") if file else {"cloudType": "AWS"}
    body |= {name: text for name, text in texts.items() if text}
    if cids:
        body["controlIds"] = list(cids)
    return body | _covering(covering)


def _covering(said_so: Covering) -> dict[str, Any]:
    """The scope follows from what is named."""
    if said_so.resources:
        if said_so.accounts is None or len(said_so.accounts) != 1:
            raise typer.BadParameter("resources need the one account that they lie in.", param_hint="--account")
        where = {"accountId": said_so.accounts[0], "region": said_so.region}
        named = [{"resourceId": one, **where} for one in said_so.resources]
        return {"exceptionScope": "RESOURCE", "resources": named, **_tags(said_so)}
    if said_so.region:
        raise typer.BadParameter("a region only narrows --resource.", param_hint="--region")
    fields = _tags(said_so)
    if said_so.accounts:
        fields["accountIds"] = said_so.accounts
    if fields:
        fields["exceptionScope"] = "CONNECTOR" if set(fields) == {"accountIds"} else "QUALYSTAG"
    return fields


def _tags(said_so: Covering) -> dict[str, Any]:
    if not (said_so.resource_tags or said_so.connector_tags or said_so.is_for_all):
        return {}
    return {
        "resourceTagNames": said_so.resource_tags or [],
        "connectorTagNames": said_so.connector_tags or [],
        "isAllConnector": said_so.is_for_all,
    }
