"""How requests get to a cloud: one pool of connections, bounded answers, no redirects."""

import ssl
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import msgspec
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout, make_headers

from nephoscope.clouds.pacing import Limits
from nephoscope.errors import UnavailableError

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A page of a listing has a few megabytes at most."""
_HOSTS = 256


class Answer(msgspec.Struct, frozen=True):
    """`headers` have their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """ValueError when the body is no JSON; null for an empty one."""
        return msgspec.json.decode(self.body) if self.body.strip() else None


class Http:
    """Thread-safe. Answers of any status are answers; what never arrives raises an error of urllib3."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._proxied: dict[str, ProxyManager] = {}

    @cached_property
    def _direct(self) -> PoolManager:
        return PoolManager(_HOSTS, **self._options())

    def _options(self) -> dict[str, Any]:
        timeout = Timeout(connect=self._limits.connect_timeout, read=self._limits.read_timeout)
        return {
            "maxsize": self._limits.workers,
            "timeout": timeout,
            "retries": False,
            "ssl_context": self._trust,
        }

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """What the system trusts (SSL_CERT_FILE included), and the usual authorities where a machine has none."""
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        return context

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """UnavailableError for an answer larger than anything that a cloud sends."""
        raw = self._pools(url).request(
            method,
            url,
            headers={"Accept-Encoding": "gzip", "User-Agent": "nephoscope", **headers},
            body=body,
            redirect=False,
            preload_content=False,
        )
        try:
            return Answer(raw.status, {name.lower(): value for name, value in raw.headers.items()}, _whole(raw, url))
        finally:
            raw.release_conn()

    def close(self) -> None:
        for pools in (*self._proxied.values(), *([self._direct] if "_direct" in vars(self) else [])):
            pools.clear()

    def _pools(self, url: str) -> PoolManager:
        parts = urlsplit(url)
        proxy = getproxies().get(parts.scheme, "")
        if not proxy or proxy_bypass(parts.netloc):
            return self._direct
        if proxy not in self._proxied:
            user = urlsplit(proxy)
            told = make_headers(proxy_basic_auth=f"{user.username}:{user.password}") if user.username else None
            self._proxied[proxy] = ProxyManager(proxy, num_pools=_HOSTS, proxy_headers=told, **self._options())
        return self._proxied[proxy]


def _whole(raw: BaseHTTPResponse, url: str) -> bytes:
    body = raw.read(LARGEST_ANSWER + 1, decode_content=True)
    if len(body) > LARGEST_ANSWER:
        raise UnavailableError(f"{urlsplit(url).hostname} sent an answer of more than {LARGEST_ANSWER:,} bytes.")
    return body
