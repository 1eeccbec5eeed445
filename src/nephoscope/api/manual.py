"""The OpenAPI document, and a page that shows it without a script or an outside address."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import MediaType, Request, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from nephoscope.api.documenting import complete
from nephoscope.api.permissions import OPEN
from nephoscope.api.wire.texts import html

VERSION = version("nephoscope")
"""Told to who has logged in alone."""
_WIRE_VERSION = "1"
"""What the manual, which anybody can read, is a manual of."""

PATH = "/openapi"

_INTRODUCTION = """\
An open cloud security posture platform, on the same wire as CloudView / TotalCloud: point an existing client at this
server and it works.

* Log in with HTTP Basic: `curl -u admin:… http://127.0.0.1:8000/cloudview-api/rest/v1/aws/connectors`
* Lists answer a page: `content`, `totalPages`, `totalElements`, `last`; ask with `pageNo` (from 0) and `pageSize`.
* Filters are `token:value` joined by `and`: `?filter=provider:AWS and control.criticality:HIGH`.
* Every refusal has the same body: `timestamp`, `status`, `error`, `errorCode`, `message`, `path`.
* The older base paths and spellings that clients use (`/cloudview-api/rest/1.5`, doubled slashes, …) work too.
"""

_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; color: #1b2733; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #c8d2dc; }
article { border: 1px solid #c8d2dc; border-radius: 6px; padding: .5rem 1rem; margin: 1rem 0; }
h3 { margin: .3rem 0; font-size: 1rem; } .verb { color: #0b6e4f; } code { font: .9em ui-monospace, monospace; }
pre { background: #f3f6f9; padding: .6rem; overflow-x: auto; } table { border-collapse: collapse; }
td { padding: .15rem .8rem .15rem 0; vertical-align: top; }
"""

_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; style-src 'sha256-{}'"
CONTENT_SECURITY_POLICY = _POLICY.format(b64encode(sha256(_STYLE.encode()).digest()).decode())


class ManualPage(OpenAPIRenderPlugin):
    """The document as one page of HTML."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - the framework's signature
        return "".join(_page(msgspec.to_builtins(openapi_schema))).encode()


class Document(JsonRenderPlugin):
    """The document as data, with every refusal in it."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        complete(openapi_schema)
        return super().render(request, openapi_schema)


def openapi_config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="nephoscope",
        version=_WIRE_VERSION,
        description=_INTRODUCTION,
        components=Components(security_schemes={"basic": SecurityScheme(type="http", scheme="basic")}),
        security=[{"basic": []}],
        use_handler_docstrings=False,
        render_plugins=[ManualPage(path="/", media_type=MediaType.HTML), Document()],
        openapi_router=Router(
            PATH,
            route_handlers=[],
            include_in_schema=False,
            opt={OPEN: True},
            response_headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
        ),
    )


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    yield f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style></head>"
    yield f"<body><h1>{title}</h1><p>The same as data: <a href='{PATH}/openapi.json'>openapi.json</a></p>"
    yield html(document["info"]["description"])
    tagged: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            if isinstance(operation, dict):
                tag = next(iter(operation.get("tags", ["Other"])))
                tagged.setdefault(tag, []).append("".join(_operation(verb, path, operation)))
    for tag, operations in tagged.items():
        yield f"<h2>{escape(tag)}</h2>"
        yield from operations
    yield "</body></html>"


def _operation(verb: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<article><h3><span class=verb>{verb.upper()}</span> <code>{escape(path)}</code></h3>"
    yield f"<p><strong>{escape(operation.get('summary') or '')}</strong></p>"
    yield html(operation.get("description") or "")
    queries = [row for row in operation.get("parameters") or () if row.get("in") == "query"]
    if queries:
        cells = [f"<tr><td><code>{escape(row['name'])}</code><td>{html(row['description'])}" for row in queries]
        yield f"<table>{''.join(cells)}</table>"
    for media in ((operation.get("requestBody") or {}).get("content") or {}).values():
        example = msgspec.json.format(msgspec.json.encode(media.get("example")), indent=2).decode()
        yield f"<pre>{escape(example)}</pre>"
    yield "</article>"
