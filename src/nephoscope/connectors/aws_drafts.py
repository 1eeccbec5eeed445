"""What a draft says of entering an AWS account."""

import re
from collections.abc import Iterator

from nephoscope.connectors.arns import PARTITIONS, is_account, parse_role, partition_of_region
from nephoscope.connectors.draft import Draft, is_endpoint, said
from nephoscope.model.connectors import AwsAccess

_PROFILE_LENGTH = 255
_REGIONS = 100
_EXTERNAL_ID = re.compile(r"[0-9]{9,90}")


def merge(draft: Draft, before: AwsAccess) -> AwsAccess:
    arn = said(draft.arn, before.role_arn)
    role = parse_role(arn)
    return AwsAccess(
        role_arn=arn,
        external_id=before.external_id if draft.external_id is None else str(draft.external_id).strip(),
        profile=said(draft.profile, before.profile),
        endpoint_url=said(draft.endpoint_url, before.endpoint_url),
        regions=before.regions if draft.regions is None else tuple(dict.fromkeys(draft.regions)),
        partition=role.partition if role else said(draft.partition, before.partition),
    )


def account_of(draft: Draft, access: AwsAccess, before: str) -> str:
    """With a role, its account."""
    role = parse_role(access.role_arn)
    named = draft.account_id.strip() if draft.account_id else before
    return role.account_id if role else named


def problems(draft: Draft, access: AwsAccess, account_id: str) -> Iterator[str]:
    yield from _account_problems(draft, access, account_id)
    yield from _access_problems(draft, access)


def _account_problems(draft: Draft, access: AwsAccess, account_id: str) -> Iterator[str]:
    role = parse_role(access.role_arn)
    if access.role_arn and not role:
        yield (
            "arn: not the ARN of an IAM role; expected arn:aws:iam::<12 digits>:role/<name> "
            "(or the partition aws-us-gov or aws-cn)"
        )
    elif not account_id:
        yield "arn: a role ARN, or awsAccountId when the program's own credentials are used, is needed"
    elif not is_account(account_id):
        yield "awsAccountId: an AWS account has 12 digits"
    if role and draft.account_id and draft.account_id.strip() != role.account_id:
        yield f"awsAccountId: {draft.account_id.strip()[:40]} is not the account of the ARN, {role.account_id}"


def _access_problems(draft: Draft, access: AwsAccess) -> Iterator[str]:
    if access.external_id and not _EXTERNAL_ID.fullmatch(access.external_id):
        yield "externalId: 9 to 90 digits"
    if access.external_id and not access.role_arn:
        yield "externalId: only useful with the ARN of a role"
    if access.partition not in PARTITIONS:
        yield f"partition: one of {', '.join(PARTITIONS)}"
    elif draft.partition and draft.partition.strip() != access.partition:
        yield f"partition: the ARN lies in {access.partition}, not in {draft.partition.strip()[:40]}"
    if access.endpoint_url and not is_endpoint(access.endpoint_url):
        yield "endpointUrl: expected http://host[:port] or https://host[:port]"
    if len(access.profile) > _PROFILE_LENGTH or not access.profile.isprintable():
        yield f"profile: at most {_PROFILE_LENGTH} printable characters"
    yield from _region_problems(access)


def _region_problems(access: AwsAccess) -> Iterator[str]:
    if len(access.regions) > _REGIONS:
        yield f"regions: at most {_REGIONS}"
        return
    for region in access.regions:
        partition = partition_of_region(region)
        if partition is None:
            yield f"regions: {region[:40]!r} is not a region; expected a name such as eu-central-1"
        elif access.partition in PARTITIONS and partition != access.partition:
            yield f"regions: {region} lies in {partition}, not in {access.partition}"
