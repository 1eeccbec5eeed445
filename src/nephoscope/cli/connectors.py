"""`nephoscope connector`: which accounts are looked at, and how they are entered."""

import time
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import cloud_connectors, codes, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import complain, note, print_detail, print_json, print_rows
from nephoscope.errors import ConflictError, NotFoundError
from nephoscope.model.connectors import Access, AwsAccess, AzureAccess, Connector
from nephoscope.model.providers import Provider
from nephoscope.model.runs import Run, RunState
from nephoscope.model.scopes import Outcome

if TYPE_CHECKING:
    from nephoscope.settings import Settings
    from nephoscope.usecases.usecases import UseCases

_GAP_COLUMNS = ("resource_type", "region", "outcome", "why", "last_read_whole")
_COLUMNS = ("name", "account", "state", "assets", "last_synced", "next_sync", "uuid")
_POLL_SECONDS = 0.5
_OPEN = (RunState.QUEUED, RunState.RUNNING)

_Name = Annotated[str, typer.Argument(metavar="CONNECTOR", help="Its name, its account or its uuid.")]
_Account = Annotated[
    str, typer.Option("--account", metavar="ID", help="The account; by default the one that the credentials lead into.")
]
_Every = Annotated[
    int | None, typer.Option("--every", metavar="HOURS", min=1, help="Hours between runs; 4 by default.")
]
_NoWait = Annotated[bool, typer.Option("--no-wait", help="Only queue it, for whoever serves the same store.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Which accounts are looked at, and how they are entered.", no_args_is_help=True)
    _add_add(group, doors)
    _add_reading(group, doors)
    _add_remove(group, doors)
    _add_run(group, doors)
    cloud_connectors.add_to(group, doors)
    return group


def _add_add(group: typer.Typer, doors: Doors) -> None:
    @group.command("add")
    def add(
        *,
        name: Annotated[str, typer.Option("--name", help="What people call the account.")],
        role_arn: options.RoleArn = "",
        external_id: options.ExternalId = "",
        account: _Account = "",
        profile: options.Profile = "",
        endpoint_url: options.EndpointUrl = "",
        region: options.Region = None,
        every: _Every = None,
        description: Annotated[str, typer.Option("--description")] = "",
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Connect an AWS account.

        **Examples**

        - `nephoscope connector add --name production --role-arn arn:aws:iam::123456789012:role/audit`
        - `nephoscope connector add --name mine --region eu-central-1` – with the credentials of this process
        """
        from nephoscope.connectors.connectors import Draft  # noqa: PLC0415 - help does without the store

        regions = tuple(region or ())
        if not role_arn and not account:
            account = _own_account(AwsAccess(profile=profile, endpoint_url=endpoint_url, regions=regions))
        draft = Draft(
            name=name,
            description=description or None,
            arn=role_arn or None,
            external_id=external_id or None,
            account_id=account or None,
            profile=profile or None,
            endpoint_url=endpoint_url or None,
            regions=regions or None,
            polling_minutes=every * 60 if every else None,
        )
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_shown(usecases.connectors.create(Provider.AWS, draft, decider(by))), style)


def _add_reading(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the connectors and how their last run went.

        **Examples**

        - `nephoscope connector list`
        - `nephoscope connector list --format json`
        """
        from nephoscope.kit.pages import PageRequest  # noqa: PLC0415 - kept with the store

        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = usecases.connectors.list(None, (), PageRequest(0, limit))
            print_rows(map(_shown, page.rows), _COLUMNS, style, total=page.total)

    @group.command("show")
    def show(
        connector: _Name,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show one connector, and what the last runs could not read of its account.

        **Examples**

        - `nephoscope connector show production`
        - `nephoscope connector show 123456789012 --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = find(usecases, connector)
            gaps = _gaps(usecases, found)
        if style is ListFormat.JSON:
            print_json({**_shown(found), "not_read": gaps})
            return
        print_detail({**_shown(found), "not_read": len(gaps)}, style)
        if gaps:
            print_rows(gaps, _GAP_COLUMNS, style, total=len(gaps))


def _add_remove(group: typer.Typer, doors: Doors) -> None:
    @group.command("remove")
    def remove(
        connector: _Name,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Forget an account, with its inventory and evaluations.

        **Examples**

        - `nephoscope connector remove production`
        - `nephoscope connector remove 123456789012 --yes`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = find(usecases, connector)
            if not yes:
                typer.confirm(
                    f"Forget {found.name} ({found.account_id}) and everything known of it?", abort=True, err=True
                )
            usecases.connectors.delete([found.uuid], decider(by))
        note(f"{found.name} is forgotten.")


def _add_run(group: typer.Typer, doors: Doors) -> None:
    @group.command("run")
    def run(
        connector: _Name,
        no_wait: _NoWait = False,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Look at an account now, and wait until it is done.

        A server or worker on the same store carries the run; where nobody serves, this process does.

        **Examples**

        - `nephoscope connector run production`
        - `nephoscope connector run production --no-wait`
        """
        settings = settings_of(data, database)
        opened = doors.open_usecases if no_wait or is_served(settings) else doors.carry_runs
        with opened(settings) as usecases:
            found = find(usecases, connector)
            run = usecases.runs.request(found.uuid) if no_wait else wait(usecases, requested(usecases, found))
            print_detail(_shown_run(run, found), style)
        if run.state in (RunState.FAILED, RunState.CANCELLED):
            complain(f"The run ended as {run.state}: {run.error or 'no reason given'}")
            raise typer.Exit(codes.REFUSED)


def requested(usecases: "UseCases", connector: Connector) -> Run:
    """A run to wait for: a new one, or the one that is under way (a new connector is due at once)."""
    from nephoscope.store import runs  # noqa: PLC0415 - help does without the store

    try:
        return usecases.runs.request(connector.uuid)
    except ConflictError:
        with usecases.store.read() as reader:
            running = runs.latest(reader, connector.uuid)
        if running is None:
            raise
        return running


def wait(usecases: "UseCases", run: Run) -> Run:
    """Until the run has ended. Another process may be carrying it: its state is read twice a second."""
    from nephoscope.cli.progress import run_progress  # noqa: PLC0415 - rich's bars are for those who wait

    with run_progress() as hear:
        while run.state in _OPEN:
            hear(run)
            time.sleep(_POLL_SECONDS)
            run = usecases.runs.get(run.uuid)
    return run


def find(usecases: "UseCases", named: str) -> Connector:
    """By uuid, account (a subscription looks like a uuid) or name. NotFoundError when there is none."""
    from nephoscope.kit.pages import PageRequest  # noqa: PLC0415 - kept with the store
    from nephoscope.qql.bound import Condition, Operator  # noqa: PLC0415 - likewise

    try:
        return usecases.connectors.get(UUID(named))
    except (ValueError, NotFoundError):
        pass
    for provider in Provider:
        try:
            return usecases.connectors.find_account(provider, named)
        except NotFoundError:
            pass
    named_so = (Condition("name", Operator.EQUALS, (named,)),)
    page = usecases.connectors.list(None, named_so, PageRequest(0, 1))
    if not page.rows:
        raise NotFoundError(f"There is no connector {named!r}; see nephoscope connector list.")
    return page.rows[0]


def _own_account(access: AwsAccess) -> str:
    from contextlib import closing  # noqa: PLC0415 - with what needs it

    from nephoscope.clouds.table import open_account  # noqa: PLC0415 - only here a cloud is asked

    with closing(open_account(Provider.AWS, access)) as account:
        return account.account_id


def is_served(settings: "Settings") -> bool:
    """Whether another process carries what is asked for in this data directory."""
    from nephoscope.jobs import lock  # noqa: PLC0415 - only who waits asks

    return not settings.database_url and settings.data is not None and lock.is_served(settings.data)


def _shown(connector: Connector) -> dict[str, Any]:
    return {
        "name": connector.name,
        "account": connector.account_id,
        "provider": connector.provider,
        "state": connector.state,
        "error": connector.error,
        "assets": connector.total_assets,
        "last_synced": connector.last_synced_on,
        "next_sync": connector.due_on,
        **_entering(connector.access),
        "is_disabled": connector.is_disabled,
        "uuid": connector.uuid,
    }


def _gaps(usecases: "UseCases", connector: Connector) -> list[dict[str, Any]]:
    """The scopes whose last reading was not complete: what would pass in them is UNKNOWN."""
    from nephoscope.store import scopes  # noqa: PLC0415 - help does without the store

    with usecases.store.read() as reader:
        stored = scopes.of_connector(reader, connector.key)
    return [
        {
            "resource_type": row.report.scope.resource_type,
            "region": row.report.scope.region,
            "outcome": row.report.outcome,
            "why": row.report.permission or row.report.message,
            "last_read_whole": row.evaluated_on,
        }
        for row in stored
        if row.report.outcome is not Outcome.COMPLETE
    ]


def _entering(access: Access) -> dict[str, Any]:
    """How the account is entered, in the words of its cloud; never with what."""
    match access:
        case AwsAccess():
            return {"role_arn": access.role_arn, "regions": access.regions}
        case AzureAccess():
            named = {"tenant": access.tenant_id, "application": access.application_id}
            return {**named, "sign_in": access.sign_in, "cloud": access.cloud}
        case _:
            return {"sign_in": access.sign_in, "service_account": access.client_email, "acts_as": access.impersonated}


def _shown_run(run: Run, connector: Connector) -> dict[str, Any]:
    return {
        "connector": connector.name,
        "state": run.state,
        "error": run.error,
        "scopes": run.progress.scopes_done,
        "resources": run.progress.resources,
        "calls": run.progress.calls,
        "problems": run.progress.problems,
        "uuid": run.uuid,
    }
