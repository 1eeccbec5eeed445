"""What OPTIONS is answered with: every method of the path, HEAD wherever there is GET. Litestar's own answer knows but
those of the handler that it met first."""

from typing import Any

from litestar import Request, Response
from litestar.routes import HTTPRoute
from litestar.status_codes import HTTP_204_NO_CONTENT


async def tell_methods(request: Request[Any, Any, Any]) -> Response[None] | None:
    """Before each request; None for all but OPTIONS."""
    if request.method != "OPTIONS":
        return None
    path = request.scope["path_template"]
    methods = {
        str(method)
        for route in request.app.routes
        if isinstance(route, HTTPRoute) and route.path_format == path
        for method in route.methods
    }
    if "GET" in methods:
        methods.add("HEAD")
    return Response(None, status_code=HTTP_204_NO_CONTENT, headers={"Allow": ", ".join(sorted(methods))})
