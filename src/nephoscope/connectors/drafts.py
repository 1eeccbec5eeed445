"""The rules that what people say of a connector is held to. Every problem is found before any is reported."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from nephoscope.connectors import aws_drafts, azure_drafts, gcp_drafts
from nephoscope.connectors.draft import Draft, said
from nephoscope.errors import refuse
from nephoscope.model.connectors import (
    MINIMUM_POLLING_MINUTES,
    Access,
    AwsAccess,
    AzureAccess,
    Connector,
)
from nephoscope.model.providers import Provider

__all__ = ["Draft", "apply", "reschedule"]

_NAME_LENGTH = 255
_DESCRIPTION_LENGTH = 2_000
_MAXIMUM_POLLING_MINUTES = 366 * 24 * 60

_ACCOUNT_FIELD = {Provider.AWS: "arn", Provider.AZURE: "subscriptionId", Provider.GCP: "projectId"}


def apply(draft: Draft, before: Connector, *, has_secret: bool = False) -> Connector:
    """The connector as the draft wants it; `has_secret` says that one was sealed before. BadRequestError lists every
    problem, each under the caller's field name."""
    after = _merge(draft, before)
    problems = [*_text_problems(after), *_account_problems(draft, before, after, has_secret=has_secret)]
    refuse("The connector cannot be accepted", problems)
    return after


def reschedule(before: Connector, after: Connector, now: datetime) -> Connector:
    """When the next run is due after a change: a new frequency counts from the last run."""
    if after.last_synced_on is None:
        return msgspec.structs.replace(after, next_sync_on=before.next_sync_on or now)
    if after.polling_minutes == before.polling_minutes and before.next_sync_on:
        return after
    due = after.last_synced_on + timedelta(minutes=after.polling_minutes)
    return msgspec.structs.replace(after, next_sync_on=due)


def _merge(draft: Draft, before: Connector) -> Connector:
    access, account_id = _entered(draft, before)
    return msgspec.structs.replace(
        before,
        name=said(draft.name, before.name),
        description=said(draft.description, before.description),
        account_id=account_id,
        access=access,
        polling_minutes=before.polling_minutes if draft.polling_minutes is None else draft.polling_minutes,
        is_disabled=before.is_disabled if draft.is_disabled is None else draft.is_disabled,
        is_portal_connector=(
            before.is_portal_connector if draft.is_portal_connector is None else draft.is_portal_connector
        ),
    )


def _entered(draft: Draft, before: Connector) -> tuple[Access, str]:
    """How the account is entered, and which it is."""
    match before.access:
        case AwsAccess():
            aws = aws_drafts.merge(draft, before.access)
            return aws, aws_drafts.account_of(draft, aws, before.account_id)
        case AzureAccess():
            return azure_drafts.merge(draft, before.access), azure_drafts.account_of(draft, before.account_id)
        case _:
            return gcp_drafts.merge(draft, before.access), gcp_drafts.account_of(draft, before.account_id)


def _text_problems(after: Connector) -> Iterator[str]:
    if not after.name:
        yield "name: a connector needs a name"
    elif len(after.name) > _NAME_LENGTH or not after.name.isprintable():
        yield f"name: at most {_NAME_LENGTH} printable characters"
    if len(after.description) > _DESCRIPTION_LENGTH:
        yield f"description: at most {_DESCRIPTION_LENGTH:,} characters"
    if not MINIMUM_POLLING_MINUTES <= after.polling_minutes <= _MAXIMUM_POLLING_MINUTES:
        yield f"pollingFrequency: between {MINIMUM_POLLING_MINUTES} minutes and a year"


def _account_problems(draft: Draft, before: Connector, after: Connector, *, has_secret: bool) -> Iterator[str]:
    match after.access:
        case AwsAccess():
            yield from aws_drafts.problems(draft, after.access, after.account_id)
        case AzureAccess():
            yield from azure_drafts.problems(draft, after.access, after.account_id, has_secret=has_secret)
        case _:
            yield from gcp_drafts.problems(draft, after.access, after.account_id)
    if before.account_id and after.account_id != before.account_id:
        yield (
            f"{_ACCOUNT_FIELD[after.provider]}: a connector keeps its account ({before.account_id}); create another "
            f"connector for {after.account_id[:40]}"
        )
