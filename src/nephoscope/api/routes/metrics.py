"""What Prometheus scrapes. `/metrics` takes a permission, or no identity at all from the networks that the operator
named."""

import asyncio
from ipaddress import ip_address, ip_network

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from nephoscope.api.asking import Asked, services
from nephoscope.api.documenting import described
from nephoscope.api.meters import Meters
from nephoscope.errors import SettingsError

PATH = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@get(
    PATH,
    tags=["Portal"],
    summary="Metrics for Prometheus",
    description="Takes the permission `metrics:read`, or comes from a network of NEPHOSCOPE_METRICS_NETWORKS.",
    operation_class=described(files=("text/plain",)),
    sync_to_thread=True,
)
def get_metrics(request: Asked) -> Response[bytes]:
    return Response(services(request).meters.text(), media_type=CONTENT_TYPE)


class MetricsMiddleware:
    """In front of everything: who asks from a named network needs no identity for the metrics."""

    def __init__(self, app: ASGIApp, meters: Meters, networks: tuple[str, ...]) -> None:
        """SettingsError for what is no network."""
        self._app = app
        self._meters = meters
        try:
            self._networks = tuple(ip_network(text, strict=False) for text in networks)
        except ValueError as error:
            raise SettingsError(f"NEPHOSCOPE_METRICS_NETWORKS: {error}; expected such as 10.0.0.0/24.") from None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._networks and scope["path"] == PATH and self._is_known(scope):
            body = await asyncio.to_thread(self._meters.text)
            headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})
            return
        await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        client = scope.get("client")
        try:
            address = ip_address(client[0] if client else "")
        except ValueError:
            return False
        return any(address in network for network in self._networks)


ROUTES: tuple[HTTPRouteHandler, ...] = (get_metrics,)
