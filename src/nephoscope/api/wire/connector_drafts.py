"""What people send of a connector (contract §7.1): one reader for each cloud. Wrong fields are in `body.problems`
afterwards, and not in the draft. Endpoint and profile are the operator's business and cannot be set here.

Read-only keys that clients send back (`connectorId`, `state`, `totalAssets`) are ignored; an empty account counts as
not given.
"""

from nephoscope.api.wire.reading import Reading
from nephoscope.connectors.connectors import Draft
from nephoscope.model.providers import Provider

_ACCOUNT_DIGITS = 12
_GOV, _CHINA = "isGovCloud", "isChinaRegion"


def read_draft(provider: Provider, body: Reading) -> Draft:
    match provider:
        case Provider.AWS:
            return _aws(body)
        case Provider.AZURE:
            return _azure(body)
        case _:
            return _gcp(body)


def _aws(body: Reading) -> Draft:
    account = body.text("awsAccountId", digits=True)
    regions = body.texts("regions")
    if body.flag("allRegions"):
        regions = ()
    return Draft(
        name=body.text("name"),
        description=body.text("description"),
        polling_minutes=_polling_minutes(body),
        is_disabled=body.flag("isDisabled", "disabled"),
        is_portal_connector=body.flag("isPortalConnector"),
        partition=_one_of(body, "aws-us-gov", "aws-cn"),
        arn=body.text("arn") or None,
        external_id=body.text("externalId", digits=True),
        account_id=account.zfill(_ACCOUNT_DIGITS) if account else None,
        regions=regions,
    )


def _azure(body: Reading) -> Draft:
    """`tenantId` and `key` are the older spellings of `directoryId` and `authenticationKey`."""
    return Draft(
        name=body.text("name"),
        description=body.text("description"),
        polling_minutes=_polling_minutes(body),
        is_disabled=body.flag("isDisabled", "disabled"),
        is_portal_connector=body.flag("isPortalConnector"),
        partition=_one_of(body, "AzureUSGovernment", "AzureChinaCloud"),
        account_id=body.text("subscriptionId") or None,
        tenant_id=body.text("directoryId") or body.text("tenantId") or None,
        application_id=body.text("applicationId") or None,
        secret=body.text("authenticationKey") or body.text("key") or None,
        sign_in=body.text("signIn") or None,
    )


def _gcp(body: Reading) -> Draft:
    """`configFile` is the part of the form, `credentials` its name in JSON."""
    return Draft(
        name=body.text("name"),
        description=body.text("description"),
        polling_minutes=_polling_minutes(body),
        is_disabled=body.flag("isDisabled", "disabled"),
        is_portal_connector=body.flag("isPortalConnector"),
        account_id=body.text("projectId") or None,
        secret=body.document("configFile") or body.document("credentials") or None,
        impersonated=body.text("impersonated") or None,
    )


def _one_of(body: Reading, gov_name: str, china_name: str) -> str | None:
    """None when neither flag is set: then the rest says it."""
    gov, china = body.flag(_GOV, "isGovCloudConfigured"), body.flag(_CHINA)
    if gov and china:
        body.problems.append("isGovCloud: a connector is for GovCloud or for China, not for both")
    if gov:
        return gov_name
    return china_name if china else None


def _polling_minutes(body: Reading) -> int | None:
    frequency = body.inner("pollingFrequency")
    if frequency is None:
        return None
    hours, minutes = frequency.number("hours"), frequency.number("minutes")
    return None if hours is None and minutes is None else (hours or 0) * 60 + (minutes or 0)
