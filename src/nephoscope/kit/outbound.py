"""Requests to addresses that people name: webhooks, identity providers. They go to the public internet and to networks
that the operator allowed, and nowhere else.

The name is resolved once and the connection goes to that very address, so that a DNS answer that changes in between
leads nowhere; every redirect is checked anew. TLS is for the name, not the address.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Self
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
import msgspec
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from nephoscope.errors import BadRequestError, SettingsError, UnavailableError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Iterable[str]]

LARGEST_ANSWER = 4 * 1024 * 1024
_MOST_REDIRECTS = 3
_LONGEST_URL = 2_000
_PORTS = {"http": 80, "https": 443}
_METADATA = frozenset(
    map(
        ip_address,
        (
            *("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192"),
            *("169.254.170.2", "169.254.170.23", "fd00:ec2::23"),
            "168.63.129.16",
        ),
    )
)
"""Where clouds hand out the credentials of a machine, of a container, and (on Azure, at an address that looks public)
what a machine is set up with: only allowed when named as a single address."""
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL = (IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))
"""Inside by definition, whatever the library says: translation of one's own, and what was called site-local."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Target(msgspec.Struct, frozen=True):
    """Where a URL leads, checked. `path` has the query."""

    scheme: str
    host: str
    port: int
    address: str
    path: str


class Reply(msgspec.Struct, frozen=True):
    """`headers` have their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_INSIDE = "not on the public internet; the operator can allow its network with NEPHOSCOPE_ALLOWED_NETWORKS."


def resolved(host: str, port: int) -> Iterable[str]:
    """As the system resolves names. OSError when it cannot."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Outbound:
    """The only way out to addresses that were not written by us or by a cloud. Thread-safe."""

    def __init__(
        self,
        allowed: Iterable[str] = (),
        resolve: Resolve = resolved,
        seconds: float = 10.0,
        most_seconds: float = 30.0,
    ) -> None:
        """`allowed` are networks in CIDR notation, or single addresses. SettingsError for what is neither. `seconds`
        may pass without a byte, `most_seconds` for one answer in all."""
        try:
            self._allowed = tuple(ip_network(text.strip(), strict=False) for text in allowed if text.strip())
        except ValueError as error:
            raise SettingsError(f"NEPHOSCOPE_ALLOWED_NETWORKS: {error}; expected such as 10.0.0.0/8.") from None
        self._resolve = resolve
        self._seconds = seconds
        self._most_seconds = most_seconds

    def check(self, url: str) -> Target:
        """Where the URL leads. BadRequestError for what is no http(s) URL, or leads where nothing may go;
        UnavailableError when its name does not resolve."""
        parts = _parts(url)
        host = parts.hostname or ""
        port = parts.port or _PORTS[parts.scheme]
        try:
            found = list(self._resolve(host, port))
        except (OSError, UnicodeError):
            raise UnavailableError(f"The name {host} does not resolve.") from None
        if not found:
            raise UnavailableError(f"The name {host} does not resolve.")
        for address in found:
            if not self.allows(address):
                raise BadRequestError(f"{host} leads to {address}, which is {_INSIDE}")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host, port, found[0], path)

    def refusal(self, url: str) -> str:
        """Why nothing will ever be sent there; empty as far as the URL itself can say. Where a name leads is looked at
        when something is sent: it may lead elsewhere by then."""
        try:
            host = _parts(url).hostname or ""
        except BadRequestError as error:
            return error.message
        address = _address_in(host)
        return "" if not address or self.allows(address) else f"{host} is {_INSIDE}"

    def allows(self, address: str) -> bool:
        """Whether a connection to the address may be made."""
        try:
            seen = _inner(ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        holding = [network for network in self._allowed if seen in network]
        if seen in _METADATA:
            return any(network.num_addresses == 1 for network in holding)
        return bool(holding) or (seen.is_global and not seen.is_multicast and not any(seen in one for one in _LOCAL))

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Reply:
        """The answer, after redirects of a GET. See `check`; UnavailableError when no answer comes, or one without
        end."""
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self._sent(method, self.check(url), headers or {}, body)
            location = reply.headers.get("location", "")
            if method != "GET" or reply.status not in _REDIRECTS or not location:
                return reply
            url = urljoin(url, location)
            headers = {name: value for name, value in (headers or {}).items() if name.lower() != "authorization"}
        raise UnavailableError(f"{urlsplit(url).hostname} redirects without end.")

    def _sent(self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None) -> Reply:
        host = f"[{target.host}]" if ":" in target.host else target.host
        named = host if target.port == _PORTS[target.scheme] else f"{host}:{target.port}"
        try:
            with _Deadline(self._most_seconds) as deadline, self._pool(target, deadline) as pool:
                raw = pool.urlopen(
                    method,
                    target.path,
                    body=body,
                    headers={"Host": named, "User-Agent": "nephoscope", "Accept-Encoding": "identity", **headers},
                    redirect=False,
                    preload_content=False,
                    assert_same_host=False,
                )
                content = raw.read(LARGEST_ANSWER + 1, decode_content=False)
                raw.close()
                deadline.check(target.host)
        except HTTPError as error:
            raise UnavailableError(f"{target.host} does not answer: {type(error).__name__}.") from None
        if len(content) > LARGEST_ANSWER:
            raise UnavailableError(f"{target.host} sent more than {LARGEST_ANSWER:,} bytes.")
        return Reply(raw.status, {name.lower(): value for name, value in raw.headers.items()}, content)

    @contextmanager
    def _pool(self, target: Target, deadline: "_Deadline") -> Iterator[HTTPConnectionPool]:
        timeout = Timeout(connect=self._seconds, read=self._seconds)
        if target.scheme == "https":
            pool: HTTPConnectionPool = HTTPSConnectionPool(
                target.address,
                target.port,
                timeout=timeout,
                retries=False,
                ssl_context=self._trust,
                server_hostname=target.host,
                assert_hostname=target.host,
                deadline=deadline,
            )
            pool.ConnectionCls = _SecureConnection
        else:
            pool = HTTPConnectionPool(target.address, target.port, timeout=timeout, retries=False, deadline=deadline)
            pool.ConnectionCls = _PlainConnection
        try:
            yield pool
        finally:
            pool.close()

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        return context


class _Deadline:
    """Ends a connection that took too long in all: whoever sends a byte now and then would hold us for days."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._socket: socket.socket | None = None
        self._is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, connected: socket.socket | None) -> None:
        self._socket = connected
        if self._is_over:
            self._end()

    def check(self, host: str) -> None:
        """An answer that was cut off may look like one that is whole."""
        if self._is_over:
            raise UnavailableError(f"{host} took too long to answer.")

    def _end(self) -> None:
        self._is_over = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class _PlainConnection(HTTPConnection):
    def __init__(self, *arguments: Any, deadline: _Deadline, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline = deadline

    def connect(self) -> None:
        super().connect()
        self._deadline.watch(self.sock)


class _SecureConnection(HTTPSConnection):
    def __init__(self, *arguments: Any, deadline: _Deadline, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline = deadline

    def connect(self) -> None:
        super().connect()
        self._deadline.watch(self.sock)


def _parts(url: str) -> SplitResult:
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadRequestError("A URL of printable characters is expected.")
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        raise BadRequestError(f"{url[:80]!r} is not a URL.") from None
    if parts.scheme not in _PORTS or not parts.hostname or not has_port:
        raise BadRequestError(f"{url[:80]!r} is not an address such as https://example.com/hook.")
    if parts.username is not None or parts.password is not None:
        raise BadRequestError("A URL must not hold a user name or a password.")
    return parts


def _address_in(host: str) -> str:
    """The address that a host's name is, in whatever way systems read one: 2130706433 and 0x7f.1 are loopback. Empty
    for a name that has to be asked for."""
    plain = host.partition("%")[0]
    with suppress(ValueError):
        return str(ip_address(plain))
    with suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(plain))
    return ""


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address only wraps."""
    if isinstance(address, IPv4Address):
        return address
    wrapped = address.ipv4_mapped or address.sixtofour
    if wrapped is None and (address in _NAT64 or int(address) >> 32 == 0):
        wrapped = IPv4Address(int(address) & 0xFFFFFFFF)
    return wrapped or address
