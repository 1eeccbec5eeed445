"""`nephoscope exception`: failures that are accepted for a time, and the decisions about them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.exception import drafting
from nephoscope.cli.exception.drafting import Covering
from nephoscope.cli.exception.explaining import add_explain
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_detail, print_json, print_rows
from nephoscope.cli.rewording import in_words_of_options
from nephoscope.errors import NotFoundError
from nephoscope.model.exceptions import PolicyException

if TYPE_CHECKING:
    from nephoscope.exceptions.answers import Preview
    from nephoscope.exceptions.exceptions import Draft
    from nephoscope.usecases.usecases import UseCases

_COLUMNS = ("name", "scope", "state", "reason", "starts", "ends", "uuid")
_COUNTS = ("account", "cid", "failing", "already")
_EXAMPLES = ("status", "cid", "account", "region", "resource_type", "resource_id")

_Named = Annotated[str, typer.Argument(metavar="EXCEPTION", help="Its name or its uuid.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(
        help="Failures that are accepted for a time: they show and count as PASSE until it is over.",
        no_args_is_help=True,
    )
    _add_create(group, doors)
    _add_preview(group, doors)
    _add_list(group, doors)
    _add_show(group, doors)
    _add_delete(group, doors)
    _add_renew(group, doors)
    _add_expiring(group, doors)
    _add_approve(group, doors)
    _add_reject(group, doors)
    add_explain(group, doors)
    return group


def _add_create(group: typer.Typer, doors: Doors) -> None:
    @group.command("create")
    def create(
        *,
        name: drafting.Name = "",
        explanation: drafting.Explanation = "",
        reason: drafting.Reason = "",
        start: drafting.Start = "",
        end: drafting.End = "",
        cid: drafting.Cid = None,
        account: drafting.AccountId = None,
        resource: drafting.ResourceId = None,
        region: drafting.RegionName = "",
        resource_tag: drafting.ResourceTag = None,
        connector_tag: drafting.ConnectorTag = None,
        all_connectors: drafting.AllConnectors = False,
        provider: drafting.ProviderName = "",
        policy: drafting.SecurityPolicy = "",
        procedure: drafting.Procedure = "",
        file: drafting.From = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Accept failures for a time.

        It covers resources (--resource with --account), whole accounts (--account alone), or what wears a tag
        (--resource-tag, with --all-connectors, --connector-tag or --account). Days are days in the time zone of
        NEPHOSCOPE_TIME_ZONE (UTC by default); the last one still counts. Everything that is wrong is said at once.

        **Examples**

        - `nephoscope exception create --name "Bastion keeps IMDSv1" --cid 322 --account 123456789012 --resource
          i-0123456789abcdef0 --reason "Risk Accepted" --explanation "Agent v2 comes in May" --end 2027-05-31`
        - `nephoscope exception create --name Sandbox --cid 1 --cid 2 --account 123456789012 --reason Other
          --explanation "No data in it" --end 2027-12-31`
        - `nephoscope exception create --from exception.json` – the body that the API takes
        """
        covering = Covering(account, resource, region, resource_tag, connector_tag, all_connectors)
        texts = {
            "name": name,
            "explanation": explanation,
            "exceptionReason": reason,
            "startDate": start,
            "endDate": end,
            "cloudType": provider,
            "informationSecurityPolicy": policy,
            "informationSecurityProcedure": procedure,
        }
        body = drafting.said(file, covering, texts, cid or ())
        with doors.open_usecases(settings_of(data, database)) as usecases:
            body.setdefault("startDate", _today(usecases).isoformat())
            with in_words_of_options("The exception cannot be accepted", drafting.OPTIONS, has_file=file is not None):
                made = usecases.exceptions.create(_draft(body), decider(by))
            print_detail(_whole(made, usecases.clock()), style)


def _add_preview(group: typer.Typer, doors: Doors) -> None:
    @group.command("preview")
    def preview(
        *,
        cid: drafting.Cid = None,
        account: drafting.AccountId = None,
        resource: drafting.ResourceId = None,
        region: drafting.RegionName = "",
        resource_tag: drafting.ResourceTag = None,
        connector_tag: drafting.ConnectorTag = None,
        all_connectors: drafting.AllConnectors = False,
        provider: drafting.ProviderName = "",
        file: drafting.From = None,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show what an exception would cover, without creating it.

        Counts what fails now, how much of it other exceptions cover already, and names what does not exist yet.

        **Examples**

        - `nephoscope exception preview --cid 322 --account 123456789012`
        - `nephoscope exception preview --cid 322 --resource-tag legacy --all-connectors --format json`
        - `nephoscope exception preview --from exception.json`
        """
        covering = Covering(account, resource, region, resource_tag, connector_tag, all_connectors)
        body = drafting.said(file, covering, {"cloudType": provider}, cid or ())
        with doors.open_usecases(settings_of(data, database)) as usecases:
            with in_words_of_options("The exception cannot be accepted", drafting.OPTIONS, has_file=file is not None):
                found = usecases.exceptions.preview(_draft(body))
            _print_preview(found, style)


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        *,
        query: Annotated[
            str, typer.Option("--filter", metavar="QUERY", help='Such as "exception.status:ACTIVE and cid:322".')
        ] = "",
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the exceptions.

        **Examples**

        - `nephoscope exception list --filter "exception.status:ACTIVE"`
        - `nephoscope exception list --filter "account.id:123456789012 and endingDate:[now..now+30d]" --format json`
        """
        from nephoscope.kit.pages import PageRequest  # noqa: PLC0415 - help does without the store
        from nephoscope.qql.binder import bind  # noqa: PLC0415 - likewise
        from nephoscope.qql.parser import parse  # noqa: PLC0415 - likewise
        from nephoscope.qql.tokens import EXCEPTION_TOKENS  # noqa: PLC0415 - likewise

        with doors.open_usecases(settings_of(data, database)) as usecases:
            now = usecases.clock()
            bound = bind(parse(query), EXCEPTION_TOKENS, now)
            page = usecases.exceptions.list(bound, PageRequest(0, limit))
            print_rows((_row(row, now) for row in page.rows), _COLUMNS, style, total=page.total)


def _add_show(group: typer.Typer, doors: Doors) -> None:
    @group.command("show")
    def show(
        exception: _Named,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show one exception, by its name or uuid, with all that it names and what was decided about it.

        **Examples**

        - `nephoscope exception show Sandbox`
        - `nephoscope exception show Sandbox --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.exceptions.get(_find(usecases, exception).uuid)
            print_detail(_whole(found, usecases.clock()), style)


def _add_delete(group: typer.Typer, doors: Doors) -> None:
    @group.command("delete")
    def delete(
        *,
        exceptions: Annotated[list[str], typer.Argument(metavar="EXCEPTION…", help="Names or uuids.")],
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Delete exceptions, by name or uuid: all of them or, if one is unknown, none.

        What they covered fails again at once.

        **Example**: `nephoscope exception delete Sandbox --yes`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = [_find(usecases, one) for one in exceptions]
            if not yes:
                typer.confirm(f"Delete {', '.join(row.name for row in found)}?", abort=True, err=True)
            usecases.exceptions.delete([row.uuid for row in found], decider(by))
        gone = [{"deleted": row.name, "uuid": row.uuid} for row in found]
        print_rows(gone, ("deleted", "uuid"), style, total=len(gone))


def _add_renew(group: typer.Typer, doors: Doors) -> None:
    @group.command("renew")
    def renew(
        *,
        exception: _Named,
        end: Annotated[str, typer.Option("--end", metavar="DAY", help="The new last day, YYYY-MM-DD.")],
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Give an exception another last day, later or earlier.

        EXCEPTION is its name or uuid. The old day is kept in its history. One that has expired is not renewed: the
        days between were not covered.

        **Example**: `nephoscope exception renew "Bastion keeps IMDSv1" --end 2027-08-31`
        """
        from nephoscope.usecases.moments import day_of  # noqa: PLC0415 - help does without the query language

        day = day_of(end, "--end")
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.exceptions.renew(_find(usecases, exception).uuid, day, decider(by))
            print_detail(_whole(found, usecases.clock()), style)


def _add_expiring(group: typer.Typer, doors: Doors) -> None:
    @group.command("expiring")
    def expiring(
        *,
        days: Annotated[int, typer.Option("--days", metavar="N", min=0, max=3660, help="Within so many days.")] = 30,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the exceptions in force that end soon, the soonest first.

        **Example**: `nephoscope exception expiring --days 14`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            rows, now = usecases.exceptions.expiring(days), usecases.clock()
        shown = [_row(row, now) | {"days_left": (row.ends - now).days} for row in rows]
        print_rows(shown, ("days_left", *_COLUMNS), style, total=len(shown))


def _add_approve(group: typer.Typer, doors: Doors) -> None:
    @group.command("approve")
    def approve(
        exception: _Named,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Approve an exception that waits for it: from now on it takes effect.

        EXCEPTION is its name or uuid. Exceptions wait where NEPHOSCOPE_APPROVAL is `required`; whoever created one may
        not approve it.

        **Example**: `nephoscope exception approve Sandbox --by bob`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.exceptions.approve(_find(usecases, exception).uuid, decider(by))
            print_detail(_whole(found, usecases.clock()), style)


def _add_reject(group: typer.Typer, doors: Doors) -> None:
    @group.command("reject")
    def reject(
        exception: _Named,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Reject an exception that waits for approval.

        EXCEPTION is its name or uuid. It stays listed, without effect.

        **Example**: `nephoscope exception reject Sandbox --by bob`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.exceptions.reject(_find(usecases, exception).uuid, decider(by))
            print_detail(_whole(found, usecases.clock()), style)


def _find(usecases: "UseCases", named: str) -> PolicyException:
    """By uuid or name, in any case. NotFoundError when there is none."""
    from nephoscope.kit.pages import PageRequest  # noqa: PLC0415 - kept with the store
    from nephoscope.qql.bound import Condition, Operator  # noqa: PLC0415 - likewise

    try:
        return usecases.exceptions.get(UUID(named))
    except ValueError:
        named_so = (Condition("name", Operator.EQUALS, (named,)),)
    page = usecases.exceptions.list(named_so, PageRequest(0, 1))
    if not page.rows:
        raise NotFoundError(f"There is no exception {named!r}; see nephoscope exception list.")
    return page.rows[0]


def _draft(body: Mapping[str, Any]) -> "Draft":
    from nephoscope.exceptions.exceptions import draft_of  # noqa: PLC0415 - help does without the store

    return draft_of(body)


def _today(usecases: "UseCases") -> date:
    return usecases.clock().astimezone(usecases.preferences.tenant().zone).date()


def _print_preview(found: "Preview", style: ListFormat) -> None:
    counts = [
        {"account": row.account_id, "cid": row.cid, "failing": row.failing, "already": row.already}
        for row in found.counts
    ]
    examples = [
        {
            "status": row.status,
            "cid": row.cid,
            "account": row.account_id,
            "region": row.resource.region,
            "resource_type": row.resource.resource_type,
            "resource_id": row.resource.resource_id,
            "resource_uuid": row.resource.uuid,
        }
        for row in found.examples
    ]
    missing = {
        "absent_resources": found.absent_resources,
        "unknown_accounts": found.unknown_accounts,
        "unknown_tags": found.unknown_tags,
    }
    if style is ListFormat.JSON:
        print_json(
            {"failing": found.failing, "already": found.already, "counts": counts, "examples": examples, **missing}
        )
        return
    print_rows(counts, _COUNTS, style, total=len(counts))
    if examples:
        print_rows(examples, _EXAMPLES, style, total=len(examples))
    note(f"Failing evaluations that it would cover: {found.failing}; others cover {found.already} of them already.")
    _note_missing(found)


def _note_missing(found: "Preview") -> None:
    if found.absent_resources:
        names = ", ".join(row.resource_id for row in found.absent_resources)
        note(f"Not seen yet, covered once they are: {names}")
    if found.unknown_tags:
        note(f"Nothing wears these tags yet: {', '.join(found.unknown_tags)}")
    if found.unknown_accounts:
        note(f"No connector enters these accounts, it would be refused: {', '.join(found.unknown_accounts)}")


def _row(exception: PolicyException, now: datetime) -> dict[str, Any]:
    return {
        "name": exception.name,
        "provider": exception.provider,
        "scope": exception.scope,
        "state": exception.state(now),
        "reason": exception.reason,
        "explanation": exception.explanation,
        "starts": exception.starts,
        "ends": exception.ends,
        "cids": exception.control_ids,
        "accounts": exception.account_ids,
        "resource_tags": exception.resource_tags,
        "connector_tags": exception.connector_tags,
        "all_connectors": exception.is_for_all_connectors,
        "policy": exception.security_policy,
        "procedure": exception.security_procedure,
        "approval": exception.approval,
        "decided_by": exception.decided_by,
        "decided_on": exception.decided_on,
        "created_by": exception.created_by,
        "created_on": exception.created_on,
        "updated_by": exception.updated_by,
        "updated_on": exception.updated_on,
        "renewals": exception.renewals,
        "uuid": exception.uuid,
    }


def _whole(exception: PolicyException, now: datetime) -> dict[str, Any]:
    return _row(exception, now) | {"resources": exception.resources}
