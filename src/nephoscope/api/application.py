"""The ASGI application: every route, and what stands around them."""

import asyncio

from litestar import Litestar, Router
from litestar.datastructures import State

from nephoscope.api.addresses import BASE, OWN, V2
from nephoscope.api.asked_methods import tell_methods
from nephoscope.api.asking import Services
from nephoscope.api.authentication import Authentication, Hashing
from nephoscope.api.edge import EdgeMiddleware
from nephoscope.api.failures import failure_handler
from nephoscope.api.library import Libraries
from nephoscope.api.limits import Limits
from nephoscope.api.manual import openapi_config
from nephoscope.api.meters import Meters
from nephoscope.api.permissions import check_routes
from nephoscope.api.routes import (
    auth,
    clients,
    connectors,
    controls,
    decisions,
    disk_scans,
    evaluations,
    exceptions,
    exports,
    findings,
    groups,
    me,
    metrics,
    people,
    policies,
    portal,
    reports,
    resources,
    roles,
    schedules,
    settings,
    sso,
    tags,
    trails,
)
from nephoscope.api.routes.metrics import MetricsMiddleware
from nephoscope.api.streaming import SLOTS
from nephoscope.evaluation.regexes import Regexes
from nephoscope.usecases.usecases import UseCases


def build_api(usecases: UseCases) -> Litestar:
    """One for each process. It owns nothing that `usecases` does not."""
    api = Router(
        BASE,
        route_handlers=[
            *connectors.ROUTES,
            *controls.ROUTES,
            *evaluations.ROUTES,
            *exceptions.ROUTES,
            *groups.ROUTES,
            *policies.ROUTES,
            *reports.ROUTES,
            *resources.ROUTES,
            *tags.ROUTES,
        ],
    )
    second = Router(V2, route_handlers=[*policies.V2_ROUTES])
    own = Router(
        OWN,
        route_handlers=[
            *clients.ROUTES,
            *decisions.ROUTES,
            *disk_scans.ROUTES,
            *exports.ROUTES,
            *findings.ROUTES,
            *me.ROUTES,
            *people.ROUTES,
            *sso.ROUTES,
            *groups.OWN_ROUTES,
            *policies.OWN_ROUTES,
            *roles.ROUTES,
            *schedules.ROUTES,
            *settings.ROUTES,
            *tags.OWN_ROUTES,
            *trails.ROUTES,
        ],
    )
    meters, hashing = Meters(usecases.store), Hashing()
    application = Litestar(
        route_handlers=[api, second, own, *auth.ROUTES, *metrics.ROUTES, *portal.ROUTES],
        middleware=[
            Authentication(usecases.access, usecases.roles, hashing),
            Limits(usecases.settings.rate_limit, usecases.settings.concurrency_limit),
        ],
        before_request=tell_methods,
        exception_handlers={Exception: failure_handler(usecases.clock)},
        openapi_config=openapi_config(),
        request_max_body_size=usecases.settings.request_body_limit,
        state=State({"services": _services(usecases, meters, hashing)}),
        logging_config=None,
    )
    check_routes(application)
    # Litestar's own middleware runs after routing, too late for addresses and for the answers to unknown ones.
    inner = MetricsMiddleware(application.asgi_handler, meters, usecases.settings.metrics_networks)
    application.asgi_handler = EdgeMiddleware(inner, meters)
    return application


def _services(usecases: UseCases, meters: Meters, hashing: Hashing) -> Services:
    return Services(
        usecases=usecases,
        libraries=Libraries(usecases.catalogue, usecases.policies),
        regexes=Regexes(usecases.store, usecases.catalogue),
        meters=meters,
        slots=asyncio.Semaphore(SLOTS),
        hashing=hashing,
    )
