"""What a person says of a connector, and the rules it is held to. Every problem is found before any is reported."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from nephoscope.connectors.arns import PARTITIONS, is_account, parse_role, partition_of_region
from nephoscope.errors import BadRequestError
from nephoscope.model.connectors import MINIMUM_POLLING_MINUTES, Access, Connector

_NAME_LENGTH = 255
_DESCRIPTION_LENGTH = 2_000
_PROFILE_LENGTH = 255
_REGIONS = 100
_MAXIMUM_POLLING_MINUTES = 366 * 24 * 60
_EXTERNAL_ID = re.compile(r"[0-9]{9,90}")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of a connector; None means not said (on update: as it was)."""

    name: str | None = None
    description: str | None = None
    arn: str | None = None
    external_id: str | int | None = None
    """Digits; some clients send them as a number."""
    account_id: str | None = None
    """For credentials of the process itself; with `arn`, taken from it."""
    profile: str | None = None
    endpoint_url: str | None = None
    regions: tuple[str, ...] | None = None
    partition: str | None = None
    polling_minutes: int | None = None
    is_disabled: bool | None = None
    is_portal_connector: bool | None = None


def apply(draft: Draft, before: Connector) -> Connector:
    """The connector as the draft wants it. BadRequestError lists every problem, each under the caller's field name."""
    after = _merge(draft, before)
    problems = [*_text_problems(after), *_account_problems(draft, before, after), *_access_problems(draft, after)]
    if problems:
        raise BadRequestError("The connector cannot be accepted: " + "; ".join(problems), problems)
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
    access = _merge_access(draft, before.access)
    role = parse_role(access.role_arn)
    said = draft.account_id.strip() if draft.account_id else before.account_id
    return msgspec.structs.replace(
        before,
        name=_said(draft.name, before.name),
        description=_said(draft.description, before.description),
        account_id=role.account_id if role else said,
        access=access,
        polling_minutes=before.polling_minutes if draft.polling_minutes is None else draft.polling_minutes,
        is_disabled=before.is_disabled if draft.is_disabled is None else draft.is_disabled,
        is_portal_connector=(
            before.is_portal_connector if draft.is_portal_connector is None else draft.is_portal_connector
        ),
    )


def _merge_access(draft: Draft, before: Access) -> Access:
    arn = _said(draft.arn, before.role_arn)
    role = parse_role(arn)
    return Access(
        role_arn=arn,
        external_id=before.external_id if draft.external_id is None else str(draft.external_id).strip(),
        profile=_said(draft.profile, before.profile),
        endpoint_url=_said(draft.endpoint_url, before.endpoint_url),
        regions=before.regions if draft.regions is None else tuple(dict.fromkeys(draft.regions)),
        partition=role.partition if role else _said(draft.partition, before.partition),
    )


def _said(said: str | None, before: str) -> str:
    return before if said is None else said.strip()


def _text_problems(after: Connector) -> Iterator[str]:
    if not after.name:
        yield "name: a connector needs a name"
    elif len(after.name) > _NAME_LENGTH or not after.name.isprintable():
        yield f"name: at most {_NAME_LENGTH} printable characters"
    if len(after.description) > _DESCRIPTION_LENGTH:
        yield f"description: at most {_DESCRIPTION_LENGTH:,} characters"
    if not MINIMUM_POLLING_MINUTES <= after.polling_minutes <= _MAXIMUM_POLLING_MINUTES:
        yield f"pollingFrequency: between {MINIMUM_POLLING_MINUTES} minutes and a year"


def _account_problems(draft: Draft, before: Connector, after: Connector) -> Iterator[str]:
    role = parse_role(after.access.role_arn)
    if after.access.role_arn and not role:
        yield (
            "arn: not the ARN of an IAM role; expected arn:aws:iam::<12 digits>:role/<name> "
            "(or the partition aws-us-gov or aws-cn)"
        )
    elif not after.account_id:
        yield "arn: a role ARN, or awsAccountId when the program's own credentials are used, is needed"
    elif not is_account(after.account_id):
        yield "awsAccountId: an AWS account has 12 digits"
    if role and draft.account_id and draft.account_id.strip() != role.account_id:
        yield f"awsAccountId: {draft.account_id.strip()[:40]} is not the account of the ARN, {role.account_id}"
    if before.account_id and after.account_id != before.account_id:
        yield (
            f"arn: a connector keeps its account ({before.account_id}); create another connector for "
            f"{after.account_id[:40]}"
        )


def _access_problems(draft: Draft, after: Connector) -> Iterator[str]:
    access = after.access
    if access.external_id and not _EXTERNAL_ID.fullmatch(access.external_id):
        yield "externalId: 9 to 90 digits"
    if access.external_id and not access.role_arn:
        yield "externalId: only useful with the ARN of a role"
    if access.partition not in PARTITIONS:
        yield f"partition: one of {', '.join(PARTITIONS)}"
    elif draft.partition and draft.partition.strip() != access.partition:
        yield f"partition: the ARN lies in {access.partition}, not in {draft.partition.strip()[:40]}"
    if access.endpoint_url and not _is_endpoint(access.endpoint_url):
        yield "endpointUrl: expected http://host[:port] or https://host[:port]"
    if len(access.profile) > _PROFILE_LENGTH or not access.profile.isprintable():
        yield f"profile: at most {_PROFILE_LENGTH} printable characters"
    yield from _region_problems(access)


def _region_problems(access: Access) -> Iterator[str]:
    if len(access.regions) > _REGIONS:
        yield f"regions: at most {_REGIONS}"
        return
    for region in access.regions:
        partition = partition_of_region(region)
        if partition is None:
            yield f"regions: {region[:40]!r} is not a region; expected a name such as eu-central-1"
        elif access.partition in PARTITIONS and partition != access.partition:
            yield f"regions: {region} lies in {partition}, not in {access.partition}"


def _is_endpoint(url: str) -> bool:
    if len(url) > 2_000 or not url.isascii() or not url.isprintable() or " " in url:  # noqa: PLR2004 - a sane bound
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment
