"""One table from route to permission. A route that is not in it does not start."""

from collections.abc import Iterator, Mapping

from litestar import Litestar
from litestar.routes import HTTPRoute

from nephoscope.api.addresses import BASE, OWN, V2
from nephoscope.model.identities import Identity, Permission

OPEN = "open"
"""Routes with `opt={OPEN: True}` ask for no identity at all, and stand in `OPEN_ROUTES` too."""

OPEN_ROUTES = frozenset(
    {
        "GET /",
        "GET /.well-known/jwks.json",
        "GET /api/sso/callback",
        "GET /api/sso/login",
        "GET /api/sso/providers",
        "POST /api/sessions",
        "GET /cloudview-api/rest/v1/controls/metadata/metadata.dtd",
        "GET /healthz",
        "GET /readyz",
        "GET /openapi",
        "GET /openapi/openapi.json",
        "GET /openapi/{path}",
        "POST /auth",
        "POST /auth/oauth",
        "POST /auth/oidc",
    }
)

_COMPATIBLE: Mapping[str, Permission] = {
    "GET /aws/connectors/awsBaseAccountId": Permission.CONNECTORS_READ,
    "GET /controls/metadata/list": Permission.CONTROLS_READ,
    "POST /exceptions/create": Permission.EXCEPTIONS_WRITE,
    "DELETE /exceptions/delete": Permission.EXCEPTIONS_WRITE,
    "POST /exceptions/delete": Permission.EXCEPTIONS_WRITE,
    "GET /exceptions/list": Permission.EXCEPTIONS_READ,
    "GET /exceptions/{exception_id}": Permission.EXCEPTIONS_READ,
    "GET /groups": Permission.CONNECTORS_READ,
    "GET /groups/{group_id}": Permission.CONNECTORS_READ,
    "GET /mandates": Permission.CONTROLS_READ,
    "GET /policies": Permission.CONTROLS_READ,
    "POST /reports": Permission.REPORTS_WRITE,
    "GET /reports/mandates": Permission.CONTROLS_READ,
    "GET /reports/policies": Permission.CONTROLS_READ,
    "PATCH /reports/{report_id}": Permission.REPORTS_WRITE,
    "GET /report/assessment": Permission.REPORTS_READ,
    "POST /report/assessment": Permission.REPORTS_WRITE,
    "POST /report/assessment/create": Permission.REPORTS_WRITE,
    "DELETE /report/assessment/delete": Permission.REPORTS_WRITE,
    "POST /report/assessment/delete": Permission.REPORTS_WRITE,
    "GET /report/assessment/download/{report_id}": Permission.REPORTS_READ,
    "GET /report/assessment/list": Permission.REPORTS_READ,
    "DELETE /report/assessment/{report_id}": Permission.REPORTS_WRITE,
    "GET /report/assessment/{report_id}": Permission.REPORTS_READ,
    "POST /report/assessment/{report_id}/cancel": Permission.REPORTS_WRITE,
    "GET /report/assessment/{report_id}/download": Permission.REPORTS_READ,
    "POST /report/assessment/{report_id}/rerun": Permission.REPORTS_WRITE,
    "GET /resource/{type_name}/uuid/{uuid}/{provider}": Permission.RESOURCES_READ,
    "POST /resource/{type_name}/uuid/{uuid}/{provider}": Permission.RESOURCES_READ,
    "GET /resource/{type_name}/{provider}": Permission.RESOURCES_READ,
    "POST /resource/{type_name}/{provider}": Permission.RESOURCES_READ,
    "DELETE /{provider}/connectors": Permission.CONNECTORS_WRITE,
    "GET /{provider}/connectors": Permission.CONNECTORS_READ,
    "POST /{provider}/connectors": Permission.CONNECTORS_WRITE,
    "POST /{provider}/connectors/run": Permission.CONNECTORS_RUN,
    "DELETE /{provider}/connectors/{connector_id}": Permission.CONNECTORS_WRITE,
    "GET /{provider}/connectors/{connector_id}": Permission.CONNECTORS_READ,
    "PUT /{provider}/connectors/{connector_id}": Permission.CONNECTORS_WRITE,
    "POST /{provider}/connectors/{connector_id}/run": Permission.CONNECTORS_RUN,
    "POST /{provider}/evaluations/applyTags": Permission.TAGS_WRITE,
    "POST /{provider}/evaluations/list/resources": Permission.EVALUATIONS_READ,
    "GET /{provider}/evaluations/stats/{cid}/{connector_id}": Permission.EVALUATIONS_READ,
    "GET /{provider}/evaluations/{account}": Permission.EVALUATIONS_READ,
    "GET /{provider}/evaluations/{account}/resources/{cid}": Permission.EVALUATIONS_READ,
}

_SECOND: Mapping[str, Permission] = {
    "GET /policies": Permission.CONTROLS_READ,
}

_OWN: Mapping[str, Permission] = {
    "GET /report-schedules": Permission.REPORTS_READ,
    "POST /report-schedules": Permission.REPORTS_WRITE,
    "GET /report-schedules/{schedule_id}": Permission.REPORTS_READ,
    "DELETE /report-schedules/{schedule_id}": Permission.REPORTS_WRITE,
    "GET /report-schedules/{schedule_id}/deliveries": Permission.REPORTS_READ,
    "POST /report-schedules/{schedule_id}/{change}": Permission.REPORTS_WRITE,
    "GET /audit": Permission.AUDIT_READ,
    "GET /audit/verify": Permission.AUDIT_READ,
    "GET /clients": Permission.CLIENTS_READ,
    "POST /clients": Permission.CLIENTS_WRITE,
    "DELETE /clients/{client_id}": Permission.CLIENTS_WRITE,
    "GET /clients/{client_id}": Permission.CLIENTS_READ,
    "PUT /clients/{client_id}": Permission.CLIENTS_WRITE,
    "POST /clients/{client_id}/disable": Permission.CLIENTS_WRITE,
    "POST /clients/{client_id}/enable": Permission.CLIENTS_WRITE,
    "POST /clients/{client_id}/rotate": Permission.CLIENTS_WRITE,
    "GET /disk-scans": Permission.FINDINGS_READ,
    "POST /disk-scans": Permission.FINDINGS_WRITE,
    "GET /disk-scans/costs": Permission.FINDINGS_READ,
    "POST /disk-scans/quote": Permission.FINDINGS_WRITE,
    "GET /disk-scans/{scan_id}": Permission.FINDINGS_READ,
    "POST /disk-scans/{scan_id}/cancel": Permission.FINDINGS_WRITE,
    "GET /disk-settings/{connector_id}": Permission.FINDINGS_READ,
    "PUT /disk-settings/{connector_id}": Permission.FINDINGS_WRITE,
    "GET /evaluations/explain": Permission.EVALUATIONS_READ,
    "GET /exceptions/expiring": Permission.EXCEPTIONS_READ,
    "POST /exceptions/preview": Permission.EXCEPTIONS_READ,
    "GET /exceptions/{exception_id}": Permission.EXCEPTIONS_READ,
    "POST /exceptions/{exception_id}/approve": Permission.EXCEPTIONS_APPROVE,
    "POST /exceptions/{exception_id}/reject": Permission.EXCEPTIONS_APPROVE,
    "POST /exceptions/{exception_id}/renew": Permission.EXCEPTIONS_WRITE,
    "GET /exports/evaluations": Permission.EVALUATIONS_READ,
    "GET /exports/exceptions": Permission.EXCEPTIONS_READ,
    "GET /exports/findings": Permission.FINDINGS_READ,
    "GET /exports/resources": Permission.RESOURCES_READ,
    "GET /exports/{noun}": Permission.PORTAL,
    "POST /findings/match": Permission.FINDINGS_WRITE,
    "GET /findings/secrets": Permission.FINDINGS_READ,
    "POST /findings/secrets/{secret_id}/preview": Permission.SECRETS_PREVIEW,
    "GET /findings/vulnerabilities": Permission.FINDINGS_READ,
    "GET /grants": Permission.USERS_READ,
    "PUT /grants/{kind}/{name}": Permission.USERS_WRITE,
    "GET /groups": Permission.CONNECTORS_READ,
    "POST /groups": Permission.CONNECTORS_WRITE,
    "DELETE /groups/{group_id}": Permission.CONNECTORS_WRITE,
    "GET /groups/{group_id}": Permission.CONNECTORS_READ,
    "PUT /groups/{group_id}": Permission.CONNECTORS_WRITE,
    "POST /groups/{group_id}/connectors/add": Permission.CONNECTORS_WRITE,
    "POST /groups/{group_id}/connectors/remove": Permission.CONNECTORS_WRITE,
    "GET /identity": Permission.PORTAL,
    "GET /me": Permission.PORTAL,
    "GET /me/clients": Permission.PORTAL,
    "POST /me/clients": Permission.PORTAL,
    "DELETE /me/clients/{client_id}": Permission.PORTAL,
    "POST /me/clients/{client_id}/rotate": Permission.PORTAL,
    "PUT /me/password": Permission.PORTAL,
    "DELETE /me/totp": Permission.PORTAL,
    "POST /me/totp": Permission.PORTAL,
    "POST /me/totp/confirm": Permission.PORTAL,
    "GET /policies": Permission.CONTROLS_READ,
    "POST /policies": Permission.CONTROLS_WRITE,
    "DELETE /policies/{policy_id}": Permission.CONTROLS_WRITE,
    "GET /policies/{policy_id}": Permission.CONTROLS_READ,
    "PUT /policies/{policy_id}": Permission.CONTROLS_WRITE,
    "GET /posture": Permission.EVALUATIONS_READ,
    "GET /resources/{resource_id}/sbom": Permission.FINDINGS_READ,
    "GET /roles": Permission.USERS_READ,
    "POST /roles": Permission.USERS_WRITE,
    "DELETE /roles/{role_name}": Permission.USERS_WRITE,
    "GET /roles/{role_name}": Permission.USERS_READ,
    "PUT /roles/{role_name}": Permission.USERS_WRITE,
    "GET /settings": Permission.SETTINGS_READ,
    "PUT /settings": Permission.SETTINGS_WRITE,
    "GET /settings/mine": Permission.PORTAL,
    "PUT /settings/mine": Permission.PORTAL,
    "GET /sessions": Permission.PORTAL,
    "GET /sessions/current": Permission.PORTAL,
    "DELETE /sessions/current": Permission.PORTAL,
    "DELETE /sessions/{session_id}": Permission.PORTAL,
    "GET /signing-keys": Permission.SETTINGS_READ,
    "POST /signing-keys/rotate": Permission.SETTINGS_WRITE,
    "GET /tag-rules": Permission.TAGS_READ,
    "POST /tag-rules": Permission.TAGS_WRITE,
    "DELETE /tag-rules/{rule_id}": Permission.TAGS_WRITE,
    "GET /tag-rules/{rule_id}": Permission.TAGS_READ,
    "GET /tag-rules/{rule_id}/resources": Permission.RESOURCES_READ,
    "GET /tags": Permission.TAGS_READ,
    "POST /tags/assign": Permission.TAGS_WRITE,
    "POST /tags/remove": Permission.TAGS_WRITE,
    "POST /tokens/revoke": Permission.PORTAL,
    "GET /users": Permission.USERS_READ,
    "POST /users": Permission.USERS_WRITE,
    "DELETE /users/{name}": Permission.USERS_WRITE,
    "GET /users/{name}": Permission.USERS_READ,
    "PUT /users/{name}": Permission.USERS_WRITE,
    "POST /users/{name}/password": Permission.USERS_WRITE,
    "DELETE /users/{name}/sessions": Permission.USERS_WRITE,
    "DELETE /users/{name}/totp": Permission.USERS_WRITE,
}

_PORTAL: Mapping[str, Permission] = {
    "GET /metrics": Permission.METRICS_READ,
    "GET /msp/about.php": Permission.PORTAL,
}


def _under(base: str, route: str) -> str:
    method, path = route.split(" ")
    return f"{method} {base}{path}"


PERMISSIONS: Mapping[str, Permission] = {
    **{_under(BASE, route): permission for route, permission in _COMPATIBLE.items()},
    **{_under(V2, route): permission for route, permission in _SECOND.items()},
    **{_under(OWN, route): permission for route, permission in _OWN.items()},
    **_PORTAL,
}
"""From `METHOD /path/{parameter}` to what it takes."""


UNSCOPED = frozenset(
    {
        *(_under(BASE, route) for route in ("POST /{provider}/evaluations/applyTags",)),
        *(
            _under(OWN, route)
            for route in (
                "GET /audit",
                "GET /audit/verify",
                "GET /clients",
                "POST /clients",
                "DELETE /clients/{client_id}",
                "GET /clients/{client_id}",
                "PUT /clients/{client_id}",
                "POST /clients/{client_id}/disable",
                "POST /clients/{client_id}/enable",
                "POST /clients/{client_id}/rotate",
                "POST /groups",
                "DELETE /groups/{group_id}",
                "PUT /groups/{group_id}",
                "POST /groups/{group_id}/connectors/add",
                "POST /groups/{group_id}/connectors/remove",
                "POST /policies",
                "DELETE /policies/{policy_id}",
                "PUT /policies/{policy_id}",
                "POST /roles",
                "DELETE /roles/{role_name}",
                "PUT /roles/{role_name}",
                "PUT /settings",
                "POST /signing-keys/rotate",
                "GET /tag-rules",
                "POST /tag-rules",
                "DELETE /tag-rules/{rule_id}",
                "GET /tag-rules/{rule_id}",
                "GET /tag-rules/{rule_id}/resources",
                "GET /users",
                "POST /users",
                "DELETE /users/{name}",
                "GET /users/{name}",
                "PUT /users/{name}",
                "POST /users/{name}/password",
                "DELETE /users/{name}/sessions",
                "DELETE /users/{name}/totp",
            )
        ),
        "GET /metrics",
    }
)
"""For identities that see everything alone: what these show or change has no parts. All others keep to the reach of
whoever asks."""


_ASKS_FOR_METHODS = "OPTIONS "


def refusal(identity: Identity, route: str) -> str:
    """Why an identity may not ask this; empty when it may. `route` is a row of `PERMISSIONS`, or asks with OPTIONS
    which methods there are: whoever is known may."""
    if route.startswith(_ASKS_FOR_METHODS):
        return ""
    if not identity.may(PERMISSIONS[route]):
        return f"{identity.name} may not do this: it takes the permission {PERMISSIONS[route]}."
    if identity.reach is not None and route in UNSCOPED:
        return f"{identity.name} may not do this: it takes somebody who sees everything, not a part."
    return ""


def check_routes(application: Litestar) -> None:
    """LookupError names every route without a permission, and every row without a route."""
    opened, closed = set[str](), set[str]()
    for name, is_open in _routes(application):
        (opened if is_open else closed).add(name)
    wrong = sorted((closed ^ PERMISSIONS.keys()) | (opened ^ OPEN_ROUTES) | (UNSCOPED - closed))
    if wrong:
        raise LookupError(f"Routes and their permissions do not match: {', '.join(wrong)}.")


def _routes(application: Litestar) -> Iterator[tuple[str, bool]]:
    for route in application.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                    yield f"{method} {route.path_format}", bool(handler.opt.get(OPEN))
