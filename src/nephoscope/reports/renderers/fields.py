"""The fields of a row, by the names that the API has for them, in the order of all formats."""

from functools import lru_cache

from nephoscope.kit.dates import compact
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control
from nephoscope.model.evaluations import EvaluationDates
from nephoscope.model.reports import ReportRequest
from nephoscope.model.resources import Resource
from nephoscope.model.scopes import GLOBAL_REGION
from nephoscope.reports.content import ResultRow

OF_CONTROL = ("controlId", "controlName", "criticality", "service")
POLICIES = "policyNames"
RESULT = "result"
OF_RESOURCE = ("resourceId", "resourceName", "resourceType", "region")
OF_CONNECTOR = ("connectorName", "connectorId")
OF_DATES = ("evaluatedOn", "firstEvaluated", "dateReopen", "dateFixed")
EVIDENCES, ARN = "evidences", "resourceArn"
OF_COUNTS = ("passedResources", "failedResources", "passWithExceptionResources", "notEvaluatedResources")
REQUIREMENTS, OF_REQUIREMENT = "requirements", ("requirement", "title")
OF_UNREAD = ("connectorName", "resourceType", "region", "reason")

spelled = lru_cache(maxsize=4_096)(compact)
"""A moment; most rows share theirs with many others."""


def header(request: ReportRequest) -> tuple[str, ...]:
    account = request.provider.account_key
    arn = (ARN,) if request.has_arns else ()
    by_mandate = (REQUIREMENTS,) if request.mandate_id else ()
    of_resource = (*OF_RESOURCE, account, *OF_CONNECTOR)
    return (*OF_CONTROL, POLICIES, RESULT, *of_resource, *OF_DATES, EVIDENCES, *arn, *by_mandate)


def of_control(control: Control) -> tuple[int, str, str, str]:
    """But for the names of its policies."""
    return control.cid, control.name, control.criticality.value, control.service_type


def of_resource(resource: Resource, connector: Connector) -> tuple[str | None, ...]:
    """With the account and the connector."""
    region = None if resource.region == GLOBAL_REGION else resource.region
    identity = resource.resource_id, resource.name, resource.resource_type, region
    return (*identity, connector.account_id, connector.name, str(connector.uuid))


def of_dates(dates: EvaluationDates) -> tuple[str | None, ...]:
    moments = dates.last_evaluated, dates.first_evaluated, dates.reopened, dates.fixed
    return tuple(None if moment is None else spelled(moment) for moment in moments)


def of_evidence(row: ResultRow) -> dict[str, str]:
    """Setting → value."""
    return {one.setting_name: one.actual_value for one in row.evidence}
