"""`nephoscope tag`: tags on resources and connectors, by hand and by rules that stand."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_detail, print_rows
from nephoscope.errors import BadRequestError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.providers import Provider
from nephoscope.model.tags import RuleKind, TagRule

if TYPE_CHECKING:
    from nephoscope.tags.tags import Moved

_RULES = ("tag_names", "kind", "text", "resource_type", "matched", "uuid")
_TAGS = ("name", "resources", "connectors")
_MATCHED = ("resource_type", "region", "resource_id", "name", "uuid")

_Names = Annotated[list[str], typer.Option("--tag", metavar="NAME", help="The tag; may be repeated.")]
_Resources = Annotated[
    list[UUID] | None, typer.Option("--resource", metavar="UUID", help="A resource; may be repeated.")
]
_Cloud = Annotated[Provider, typer.Option("--provider", case_sensitive=False, help="Of which cloud.")]
_Rule = Annotated[UUID, typer.Argument(metavar="RULE", help="Its uuid, as `tag rules` lists it.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Tags on resources and connectors, by hand and by rules that stand.", no_args_is_help=True)
    _add_list(group, doors)
    _add_apply(group, doors)
    _add_rules(group, doors)
    _add_matched(group, doors)
    _add_remove_rule(group, doors)
    _add_assign(group, doors)
    _add_remove(group, doors)
    return group


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the tags, and how many resources and connectors wear each.

        **Example**: `nephoscope tag list --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = usecases.tags.list(PageRequest(0, limit))
        print_rows([_fields(row, _TAGS) for row in page.rows], _TAGS, style, total=page.total)


def _add_apply(group: typer.Typer, doors: Doors) -> None:
    @group.command("apply")
    def apply(
        *,
        tag: _Names,
        regex: Annotated[str, typer.Option("--regex", help="Whole resource ids that match (RE2).")] = "",
        cloud_tag: Annotated[
            str, typer.Option("--cloud-tag", metavar="KEY=VALUE", help="What the cloud has tagged so, or with KEY.")
        ] = "",
        qql: Annotated[str, typer.Option("--qql", metavar="FILTER", help="What a filter finds.")] = "",
        resource_type: Annotated[
            str, typer.Option("--type", metavar="TYPE", help="With --qql: resources of this type, and its own tokens.")
        ] = "",
        provider: _Cloud = Provider.AWS,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Tag what matches, now and from now on: the rule stands until it is removed.

        **Examples**

        - `nephoscope tag apply --tag legacy --regex ".*-legacy-.*"`
        - `nephoscope tag apply --tag payments --cloud-tag team=payments`
        - `nephoscope tag apply --tag small --type EC2_INSTANCE --qql "instance.type:t2*"`
        """
        from nephoscope.tags.drafts import RuleDraft  # noqa: PLC0415 - help does without the store

        kind, text = _said(regex, cloud_tag, qql)
        draft = RuleDraft(provider, kind, text, tuple(tag), resource_type)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            done = usecases.tags.apply(draft, decider(by))
        found = _rule(done.rule) | {"evaluations": done.evaluations, "controls": len(done.control_ids)}
        print_detail(found | {"is_new": done.is_new}, style)


def _said(regex: str, cloud_tag: str, qql: str) -> tuple[RuleKind, str]:
    given = [
        (kind, text)
        for kind, text in ((RuleKind.REGEX, regex), (RuleKind.CLOUD_TAG, cloud_tag), (RuleKind.QQL, qql))
        if text
    ]
    if len(given) != 1:
        raise BadRequestError("Say what is tagged with one of --regex, --cloud-tag and --qql.")
    return given[0]


def _add_rules(group: typer.Typer, doors: Doors) -> None:
    @group.command("rules")
    def rules(
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the rules that stand, and how many resources each matches now.

        **Example**: `nephoscope tag rules --limit 20`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = usecases.tags.rules(None, PageRequest(0, limit))
        print_rows([_rule(row) for row in page.rows], _RULES, style, total=page.total)


def _add_matched(group: typer.Typer, doors: Doors) -> None:
    @group.command("matched")
    def matched(
        rule: _Rule,
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the resources that RULE (its uuid) matches now.

        **Example**: `nephoscope tag matched 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = usecases.tags.matched(rule, PageRequest(0, limit))
        print_rows([_fields(row, _MATCHED) for row in page.rows], _MATCHED, style, total=page.total)


def _add_remove_rule(group: typer.Typer, doors: Doors) -> None:
    @group.command("remove-rule")
    def remove_rule(
        *,
        rule: _Rule,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Remove RULE (its uuid), with the tags that only it gave.

        **Example**: `nephoscope tag remove-rule 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            gone = usecases.tags.remove_rule(rule, decider(by))
        if style is ListFormat.JSON:
            print_detail(_rule(gone), style)
        else:
            note(f"Removed: {gone.kind} {gone.text}")


def _add_assign(group: typer.Typer, doors: Doors) -> None:
    @group.command("assign")
    def assign(
        *,
        tag: _Names,
        resource: _Resources = None,
        connector: options.Connectors = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Put tags on resources and connectors, by hand.

        **Example**: `nephoscope tag assign --tag crown-jewels --connector 27bc108b-3356-4a3a-9ef0-d1047eb0d5eb`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            moved = usecases.tags.assign(tag, resource or [], connector or [], decider(by))
        _tell("Tagged", moved, style)


def _add_remove(group: typer.Typer, doors: Doors) -> None:
    @group.command("remove")
    def remove(
        *,
        tag: _Names,
        resource: _Resources = None,
        connector: options.Connectors = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Take tags off resources and connectors that were put on by hand; what a rule gives stays.

        **Example**: `nephoscope tag remove --tag crown-jewels --resource 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            moved = usecases.tags.remove(tag, resource or [], connector or [], decider(by))
        _tell("Untagged", moved, style)


def _tell(what: str, moved: "Moved", style: ListFormat) -> None:
    if style is ListFormat.JSON:
        print_detail(_fields(moved, ("resources", "connectors", "kept")), style)
        return
    kept = f" {moved.kept} resources keep a tag that a rule gives them." if moved.kept else ""
    note(f"{what}: {moved.resources} resources, {moved.connectors} connectors.{kept}")


def _rule(rule: TagRule) -> dict[str, Any]:
    return {
        "uuid": rule.uuid,
        "tag_names": ", ".join(rule.tag_names),
        "provider": rule.provider,
        "kind": rule.kind,
        "text": rule.text,
        "resource_type": rule.resource_type or "-",
        "matched": rule.matched,
        "created_by": rule.created_by,
        "created_on": rule.created_on,
    }


def _fields(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
