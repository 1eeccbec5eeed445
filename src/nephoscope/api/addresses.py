"""Many spellings, one address: every alias of contract §1 becomes the path that the routes are written for."""

import re

BASE = "/cloudview-api/rest/v1"
V2 = "/cloudview-api/rest/v2"
"""Of what the first version answers in another way."""
OWN = "/api"
"""What the compatible API has no address for."""

_SLASHES = re.compile("/{2,}")
_ALIASES = (
    (re.compile(r"/cloudview-api/rest/1\.5(?=/)"), BASE),
    (re.compile(r"/cloudview/rest/1\.0(?=/)"), BASE),
    (re.compile(r"/cloudview-api/rest/v2(?=/(?:resource|exceptions|report)/)"), BASE),
    (re.compile(r"/cloudview-api/rest/v2(?=/(?:mandates|reports/mandates|reports/policies)$)"), BASE),
    (re.compile(r"/cloudview-ap/rest/v1(?=/resource/)"), BASE),
    (re.compile(r"/cloudview-api/swagger-ui\.html$"), "/openapi"),
)
_PROVIDER = re.compile(rf"({re.escape(BASE)}/)(aws|azure|gcp)(?=/)", re.IGNORECASE)


def canonical(path: str) -> str:
    """Slashes collapsed, none at the end, the version and the provider in the spelling of the routes."""
    path = _SLASHES.sub("/", path).rstrip("/") or "/"
    for pattern, target in _ALIASES:
        path, hits = pattern.subn(target, path, count=1) if pattern.match(path) else (path, 0)
        if hits:
            break
    return _PROVIDER.sub(lambda match: match[1] + match[2].lower(), path, count=1) if _PROVIDER.match(path) else path
