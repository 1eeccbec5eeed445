"""`nephoscope connector`: subscriptions of Azure, projects of Google Cloud, and the places where they come and go."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import clouds, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_detail, print_rows
from nephoscope.connectors.draft import Draft
from nephoscope.model.connectors import Connector, Followed
from nephoscope.model.providers import Provider

if TYPE_CHECKING:
    from nephoscope.connectors.following import Looked

_COLUMNS = ("provider", "within", "looked_on", "error", "uuid")
_Name = Annotated[str, typer.Option("--name", help="What people call it.")]
_Description = Annotated[str, typer.Option("--description")]
_Every = Annotated[
    int | None, typer.Option("--every", metavar="HOURS", min=1, help="Hours between runs; 4 by default.")
]
_Group = Annotated[
    str, typer.Option("--management-group", metavar="ID", help="Only what is below it; by default the whole tenant.")
]
_Folder = Annotated[str, typer.Option("--folder", metavar="NUMBER", help="What is below this folder.")]
_Organization = Annotated[str, typer.Option("--organization", metavar="NUMBER", help="What is below it, at any depth.")]


def add_to(group: typer.Typer, doors: Doors) -> None:
    _add_azure(group, doors)
    _add_gcp(group, doors)
    _add_follow_azure(group, doors)
    _add_follow_gcp(group, doors)
    _add_followed(group, doors)


def _add_azure(group: typer.Typer, doors: Doors) -> None:
    @group.command("add-azure")
    def add_azure(
        *,
        name: _Name,
        subscription: Annotated[str, typer.Option("--subscription", metavar="ID", help="The subscription.")],
        tenant: clouds.Tenant = "",
        client_id: clouds.Application = "",
        secret_file: clouds.SecretFile = "",
        sign_in: clouds.SignIn = "",
        cloud: clouds.Cloud = "",
        endpoint_url: clouds.AzureEndpoint = "",
        every: _Every = None,
        description: _Description = "",
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Connect an Azure subscription. `nephoscope permissions azure` prints the role that it needs.

        **Examples**

        - `nephoscope connector add-azure --name shop --subscription ID --tenant ID --client-id ID --secret-file key`
        - `nephoscope connector add-azure --name shop --subscription ID --sign-in managed_identity`
        """
        draft = Draft(
            name=name,
            description=description or None,
            account_id=subscription,
            tenant_id=tenant or None,
            application_id=client_id or None,
            secret=clouds.secret_of(secret_file) or None,
            sign_in=sign_in or None,
            partition=cloud or None,
            endpoint_url=endpoint_url or None,
            polling_minutes=every * 60 if every else None,
        )
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_shown(usecases.connectors.create(Provider.AZURE, draft, decider(by))), style)


def _add_gcp(group: typer.Typer, doors: Doors) -> None:
    @group.command("add-gcp")
    def add_gcp(
        *,
        name: _Name,
        project: clouds.Project = "",
        key_file: clouds.KeyFile = "",
        impersonate: clouds.Impersonated = "",
        endpoint_url: clouds.GcpEndpoint = "",
        every: _Every = None,
        description: _Description = "",
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Connect a Google Cloud project. `nephoscope permissions gcp` prints the role that it needs.

        **Examples**

        - `nephoscope connector add-gcp --name shop --key-file key.json`
        - `nephoscope connector add-gcp --name shop --project shop-prod`
        """
        draft = Draft(
            name=name,
            description=description or None,
            account_id=project or None,
            secret=clouds.secret_of(key_file) or None,
            impersonated=impersonate or None,
            endpoint_url=endpoint_url or None,
            polling_minutes=every * 60 if every else None,
        )
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_shown(usecases.connectors.create(Provider.GCP, draft, decider(by))), style)


def _add_follow_azure(group: typer.Typer, doors: Doors) -> None:
    @group.command("follow-azure")
    def follow_azure(
        *,
        management_group: _Group = "",
        tenant: clouds.Tenant = "",
        client_id: clouds.Application = "",
        secret_file: clouds.SecretFile = "",
        sign_in: clouds.SignIn = "",
        cloud: clouds.Cloud = "",
        endpoint_url: clouds.AzureEndpoint = "",
        every: _Every = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Connect every subscription of a tenant or a management group, now and as they come and go.

        **Examples**

        - `nephoscope connector follow-azure --tenant ID --client-id ID --secret-file key.txt`
        - `nephoscope connector follow-azure --management-group production --sign-in managed_identity`
        """
        draft = Draft(
            tenant_id=tenant or None,
            application_id=client_id or None,
            secret=clouds.secret_of(secret_file) or None,
            sign_in=sign_in or None,
            partition=cloud or None,
            endpoint_url=endpoint_url or None,
            polling_minutes=every * 60 if every else None,
        )
        with doors.open_usecases(settings_of(data, database)) as usecases:
            place, looked = usecases.following.create(Provider.AZURE, management_group, draft, decider(by))
        print_detail(_begun(place, looked), style)


def _add_follow_gcp(group: typer.Typer, doors: Doors) -> None:
    @group.command("follow-gcp")
    def follow_gcp(
        *,
        folder: _Folder = "",
        organization: _Organization = "",
        key_file: clouds.KeyFile = "",
        impersonate: clouds.Impersonated = "",
        endpoint_url: clouds.GcpEndpoint = "",
        every: _Every = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Connect every project of a folder or an organisation, now and as they come and go.

        **Examples**

        - `nephoscope connector follow-gcp --organization 123456789012 --key-file key.json`
        - `nephoscope connector follow-gcp --folder 998877665544`
        """
        if folder and organization:
            raise typer.BadParameter(
                "give one of them, or none for all that is seen.", param_hint="--folder / --organization"
            )
        draft = Draft(
            secret=clouds.secret_of(key_file) or None,
            impersonated=impersonate or None,
            endpoint_url=endpoint_url or None,
            polling_minutes=every * 60 if every else None,
        )
        within = f"folders/{folder}" if folder else f"organizations/{organization}" if organization else ""
        with doors.open_usecases(settings_of(data, database)) as usecases:
            place, looked = usecases.following.create(Provider.GCP, within, draft, decider(by))
        print_detail(_begun(place, looked), style)


def _add_followed(group: typer.Typer, doors: Doors) -> None:
    @group.command("followed")
    def followed(
        data: options.Data = None, database: options.Database = "", style: options.Format = ListFormat.TABLE
    ) -> None:
        """List the tenants, folders and organisations that are followed.

        **Example**: `nephoscope connector followed --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            places = usecases.following.every()
        print_rows(map(_place, places), _COLUMNS, style, total=len(places))

    @group.command("unfollow")
    def unfollow(
        uuid: Annotated[UUID, typer.Argument(metavar="UUID", help="As `connector followed` shows it.")],
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Follow a place no longer. The connectors that came of it stay.

        **Example**: `nephoscope connector unfollow 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.following.delete(uuid, decider(by))
        note("It is not followed any more; its connectors stay.")


def _shown(connector: Connector) -> dict[str, Any]:
    return {
        "name": connector.name,
        "account": connector.account_id,
        "provider": connector.provider,
        "state": connector.state,
        "next_sync": connector.due_on,
        "uuid": connector.uuid,
    }


def _begun(place: Followed, looked: "Looked") -> dict[str, Any]:
    return {**_place(place), "connected": looked.added, "have_their_own": looked.left}


def _place(place: Followed) -> dict[str, Any]:
    return {
        "provider": place.provider,
        "within": place.within or "everything that is seen",
        "looked_on": place.looked_on,
        "error": place.error,
        "created_by": place.created_by,
        "uuid": place.uuid,
    }
