"""`nephoscope policy`: sets of controls, those that are shipped and those of one's own; and mandates."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import print_detail, print_rows
from nephoscope.errors import BadRequestError, NotFoundError, SettingsError
from nephoscope.model.policies import ControlPolicy, Mandate
from nephoscope.model.providers import Provider

if TYPE_CHECKING:
    from nephoscope.policies.policies import Draft
    from nephoscope.usecases.usecases import UseCases

_COLUMNS = ("title", "provider", "version", "is_own", "controls", "uuid")
_MANDATES = ("name", "title", "publisher", "requirements", "controls", "uuid")
_SECTIONS = ("number", "title", "controls", "control_ids")
_LARGEST = 10 * 1024 * 1024

_Named = Annotated[str, typer.Argument(metavar="POLICY", help='Its title, its framework ("CIS AWS 5.0") or its uuid.')]
_Cloud = Annotated[
    Provider | None, typer.Option("--provider", case_sensitive=False, help="Only those of one cloud; all by default.")
]
_Title = Annotated[str, typer.Option("--title", help="A title that no other policy has.")]
_Description = Annotated[str, typer.Option("--description", metavar="TEXT", help="What it is for.")]
_Cids = Annotated[list[int] | None, typer.Option("--cid", metavar="CID", help="A control in it; may be repeated.")]
_From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="Take what the options leave open from a YAML or JSON file, as `policy export` writes it; - is stdin.",
    ),
]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(
        help="Sets of controls: benchmarks, other sets that are shipped, and your own; and mandates.",
        no_args_is_help=True,
    )
    _add_list(group, doors)
    _add_show(group, doors)
    _add_export(group, doors)
    _add_create(group, doors)
    _add_change(group, doors)
    _add_delete(group, doors)
    _add_mandates(group, doors)
    return group


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        *,
        provider: _Cloud = None,
        limit: options.Limit = 1000,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the policies: the shipped ones first, then your own.

        **Examples**

        - `nephoscope policy list`
        - `nephoscope policy list --provider aws --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.policies.book().of_provider(provider)
        print_rows((_row(row) for row in found[:limit]), _COLUMNS, style, total=len(found))


def _add_show(group: typer.Typer, doors: Doors) -> None:
    @group.command("show")
    def show(
        policy: _Named,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show one policy with the controls in it.

        **Example**: `nephoscope policy show "CIS AWS 5.0"`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_whole(usecases.policies.find(policy)), style)


def _add_export(group: typer.Typer, doors: Doors) -> None:
    @group.command("export")
    def export(
        policy: _Named,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to stdout.")
        ] = None,
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Write one policy as YAML, with the name of each control beside its number.

        What it writes, `policy create --from` and `policy change --from` take: elsewhere, or after an editor.

        **Examples**

        - `nephoscope policy export "CIS AWS 5.0" -o mine.yaml`
        - `nephoscope policy export Payments | nephoscope policy create --from - --title "Payments, stricter"`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            text = _yaml(usecases, usecases.policies.find(policy))
        if output is None:
            sys.stdout.write(text)
            return
        try:
            output.write_text(text, "utf-8")
        except OSError as error:
            raise SettingsError(f"{output} cannot be written: {error.strerror}.") from error


def _add_create(group: typer.Typer, doors: Doors) -> None:
    @group.command("create")
    def create(
        *,
        title: _Title = "",
        cid: _Cids = None,
        description: _Description = "",
        provider: _Cloud = None,
        file: _From = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Make a policy of any controls of one cloud.

        It counts at once wherever a shipped policy does. The cloud follows from the controls when nobody says it.

        **Examples**

        - `nephoscope policy create --title Payments --cid 1 --cid 322`
        - `nephoscope policy create --from payments.yaml`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            said = {"cloudType": _cloud_of(usecases, cid)} | _said(file, title, description, provider, cid)
            print_detail(_whole(usecases.policies.create(_draft(said), decider(by))), style)


def _add_change(group: typer.Typer, doors: Doors) -> None:
    @group.command("change")
    def change(
        *,
        policy: _Named,
        title: _Title = "",
        cid: _Cids = None,
        description: _Description = "",
        file: _From = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Change a policy of your own; what is not said stays. Controls replace those that were in it.

        Each change makes a new version.

        **Examples**

        - `nephoscope policy change Payments --cid 1 --cid 2 --cid 322`
        - `nephoscope policy change Payments --from payments.yaml`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.policies.find(policy)
            draft = _draft(_said(file, title, description, None, cid))
            print_detail(_whole(usecases.policies.change(found.uuid, draft, decider(by))), style)


def _add_delete(group: typer.Typer, doors: Doors) -> None:
    @group.command("delete")
    def delete(
        *,
        policy: _Named,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Delete a policy of your own. Its controls, and what they found, stay.

        **Example**: `nephoscope policy delete Payments --yes`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.policies.find(policy)
            if not yes:
                typer.confirm(f"Delete {found.title}?", abort=True, err=True)
            usecases.policies.delete(found.uuid, decider(by))
        print_rows([{"deleted": found.title, "uuid": found.uuid}], ("deleted", "uuid"), style, total=1)


def _add_mandates(group: typer.Typer, doors: Doors) -> None:
    @group.command("mandates")
    def mandates(
        name: Annotated[str, typer.Argument(metavar="[MANDATE]", help='Such as "PCI DSS 4.0.1"; all by default.')] = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the mandates, or the requirements of one with the controls that say something about each.

        **Examples**

        - `nephoscope policy mandates`
        - `nephoscope policy mandates HIPAA --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            known = usecases.policies.mandates
        if not name:
            print_rows((_mandate(row) for row in known), _MANDATES, style, total=len(known))
            return
        found = next((row for row in known if name.strip().casefold() in (row.name.casefold(), str(row.uuid))), None)
        if found is None:
            raise NotFoundError(f"There is no mandate {name[:80]!r}; known: {', '.join(row.name for row in known)}.")
        sections = [
            {
                "number": row.number,
                "title": row.title,
                "controls": len(row.control_ids),
                "control_ids": row.control_ids,
            }
            for row in found.sections
        ]
        print_rows(sections, _SECTIONS[:3], style, total=len(sections))


def _said(
    file: Path | None, title: str, description: str, provider: Provider | None, cids: list[int] | None
) -> dict[str, Any]:
    """In the field names of the API."""
    said: dict[str, Any] = _read(file) if file else {}
    texts = {"title": title, "description": description, "cloudType": provider.value if provider else ""}
    said |= {name: text for name, text in texts.items() if text}
    if cids:
        said["controlIds"] = cids
    return said


def _draft(said: dict[str, Any]) -> "Draft":
    from nephoscope.policies.policies import draft_of  # noqa: PLC0415 - help does without the store

    return draft_of(said)


def _cloud_of(usecases: "UseCases", cids: list[int] | None) -> str | None:
    known = usecases.catalogue.controls
    clouds = {known[cid].provider.value for cid in cids or () if cid in known}
    return clouds.pop() if len(clouds) == 1 else None


def _read(file: Path) -> dict[str, Any]:
    from nephoscope.kit.plain_yaml import read_yaml  # noqa: PLC0415 - help does without it

    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise BadRequestError(f"{file} holds more than {_LARGEST >> 20} MB: no policy is that long.")
        body = read_yaml(content)
    except OSError as error:
        raise BadRequestError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadRequestError(f"{file} is not YAML: {error}.") from None
    if not isinstance(body, dict):
        raise BadRequestError(f"{file} must hold an object with title, cloudType, description and controlIds.")
    return body


def _row(policy: ControlPolicy) -> dict[str, Any]:
    return {
        "title": policy.title,
        "provider": policy.provider,
        "version": policy.version,
        "is_own": policy.is_own,
        "framework": policy.framework,
        "controls": len(policy.control_ids),
        "uuid": policy.uuid,
    }


def _whole(policy: ControlPolicy) -> dict[str, Any]:
    return {
        **_row(policy),
        "description": policy.description,
        "control_ids": policy.control_ids,
        "created_by": policy.created_by,
        "created_on": policy.created_on,
        "modified_by": policy.modified_by,
        "modified_on": policy.modified_on,
    }


def _mandate(row: Mandate) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title,
        "version": row.version,
        "publisher": row.publisher,
        "requirements": len(row.sections),
        "controls": len(row.control_ids),
        "uuid": row.uuid,
    }


def _yaml(usecases: "UseCases", policy: ControlPolicy) -> str:
    import yaml  # noqa: PLC0415 - likewise

    head = {
        "title": policy.title,
        "cloudType": policy.provider.value,
        "version": policy.version,
        "description": policy.description,
    }
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=120)
    names = usecases.catalogue.controls
    lines = [f"- {cid}  # {' '.join(names[cid].name.split())}\n" for cid in policy.control_ids]
    return f"{text}controlIds:\n{''.join(lines)}"
