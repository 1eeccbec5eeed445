"""How requests get to AWS: one pool of connections for all clients of an account.

botocore's own sender has a pool for each client and reads the bundle of certificate authorities anew for each
connection: 12 ms of CPU, a thousand times in a scan of every region. It is still used where a proxy stands in between.
"""

import ssl
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
    SSLError,
)
from urllib3 import PoolManager, Timeout
from urllib3 import exceptions as http

from nephoscope.clouds.pacing import Limits

_HOSTS = 4096
"""Every service in every region has one."""


class Transport:
    """Sends what botocore prepared and signed (its `before-send` event). Thread-safe."""

    def __init__(self, ca_bundle: str, limits: Limits) -> None:
        """`ca_bundle` is a file; it is read when the first connection is one with TLS."""
        self._ca_bundle = ca_bundle
        self._limits = limits

    @cached_property
    def _plain(self) -> PoolManager:
        return self._pools()

    @cached_property
    def _secure(self) -> PoolManager:
        return self._pools(ssl_context=ssl.create_default_context(cafile=self._ca_bundle))

    def _pools(self, **more: Any) -> PoolManager:
        timeout = Timeout(connect=self._limits.connect_timeout, read=self._limits.read_timeout)
        return PoolManager(_HOSTS, maxsize=self._limits.workers, timeout=timeout, retries=False, **more)

    def send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Raises the errors that botocore's own sender raises."""
        url = urlsplit(request.url)
        pools = self._secure if url.scheme == "https" else self._plain
        sent: Any = {"body": request.body, "headers": request.headers}  # botocore's own kinds of both
        try:
            raw: Any = pools.connection_from_host(url.hostname, url.port, url.scheme).urlopen(
                request.method,
                (url.path or "/") + (f"?{url.query}" if url.query else ""),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
                **sent,
            )
            response = AWSResponse(request.url, raw.status, raw.headers, raw)
            if not request.stream_output:
                response.content  # noqa: B018 - reads it, and gives the connection back
        except http.HTTPError as error:
            raise _told(error, request) from error
        return response

    def close(self) -> None:
        for pools in ("_plain", "_secure"):
            if pools in vars(self):
                vars(self)[pools].clear()


def _told(error: http.HTTPError, request: AWSPreparedRequest) -> BotoCoreError:
    """The same in botocore's words."""
    match error:
        case http.SSLError():
            told: BotoCoreError = SSLError(endpoint_url=request.url, error=error)
        case http.NewConnectionError():
            told = EndpointConnectionError(endpoint_url=request.url, error=error)
        case http.ConnectTimeoutError():
            told = ConnectTimeoutError(endpoint_url=request.url, error=error)
        case http.ReadTimeoutError():
            told = ReadTimeoutError(endpoint_url=request.url, error=error)
        case http.ProtocolError():
            told = ConnectionClosedError(error=error, request=request, endpoint_url=request.url)
        case _:
            told = HTTPClientError(error=error)
    return told
