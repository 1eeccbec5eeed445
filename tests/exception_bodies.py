"""Bodies of the seed's three creations, for the small estate of `apiworld`, and ways to bend them."""

from typing import Any

from apiworld import ACCOUNT

LEFT_OUT = object()
"""A field with this value is not in the body at all."""

RESOURCE: dict[str, Any] = {
    "cloudType": "AWS",
    "exceptionScope": "RESOURCE",
    "name": "AWS Resource Level Demo",
    "explanation": "AWS Exception",
    "startDate": "2026-01-01",
    "endDate": "2026-01-08",
    "exceptionReason": "False Positive",
    "resources": [{"resourceId": "i-0bbb", "accountId": ACCOUNT}],
    "controlIds": [322],
    "informationSecurityPolicy": "",
    "informationSecurityProcedure": "",
}
CONNECTOR: dict[str, Any] = {
    "cloudType": "AWS",
    "exceptionScope": "CONNECTOR",
    "name": "AWS Demo Connector Level",
    "explanation": "AWS Connector Level Exception",
    "startDate": "2026-01-01",
    "endDate": "2026-01-08",
    "exceptionReason": "False Positive",
    "accountIds": [ACCOUNT],
    "controlIds": [1],
    "informationSecurityPolicy": "",
    "informationSecurityProcedure": "",
}
QUALYSTAG: dict[str, Any] = {
    "cloudType": "AWS",
    "exceptionScope": "QUALYSTAG",
    "name": "AWS DEMO Exception",
    "explanation": "AWS PM Demo Exception",
    "startDate": "2026-01-01",
    "endDate": "2026-01-08",
    "resourceTagNames": ["DEMO_TAG"],
    "isAllConnector": "False",
    "accountIds": [ACCOUNT],
    "connectorTagNames": ["Test_TAG"],
    "controlIds": [322, 1, 2],
    "exceptionReason": "False Positive",
    "informationSecurityPolicy": "",
    "informationSecurityProcedure": "",
}
SCOPES = {"RESOURCE": RESOURCE, "CONNECTOR": CONNECTOR, "QUALYSTAG": QUALYSTAG}


def bent(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (body | changes).items() if value is not LEFT_OUT}
