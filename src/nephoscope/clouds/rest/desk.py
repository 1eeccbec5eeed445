"""The calls of one account: signed with a token, paced, repeated while that helps, shared where scopes ask the same,
and counted."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
from urllib3 import exceptions as http

from nephoscope.clouds.pacing import Lanes
from nephoscope.clouds.rest.http import Answer, Http
from nephoscope.clouds.sharing import Shared
from nephoscope.clouds.troubles import Remedy, Tries, Trouble, pause
from nephoscope.errors import CloudError, UnavailableError

Count = Callable[[], None]

_JSON = "application/json"


class Request(msgspec.Struct, frozen=True):
    """`service` is what is paced together and named to people (`Resource Graph`, `compute`); `permission` is the
    cloud's own name for what the call takes; `audience` says which token opens it, empty for none."""

    service: str
    method: str
    url: str
    permission: str = ""
    audience: str = ""
    body: Any = None
    """Sent as JSON when there is one."""
    headers: Mapping[str, str] = {}

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path[:120]}"


class Dialect(Protocol):
    """How one cloud says that something is wrong."""

    def trouble(self, request: Request, answer: Answer) -> Trouble | None:
        """None for an answer that is what was asked for."""
        ...


class Tokens(Protocol):
    """Where tokens come from. Thread-safe; keeps them until shortly before they expire."""

    def token(self, audience: str) -> str:
        """CloudError when nobody gives one."""
        ...

    def forget(self, audience: str, token: str) -> None:
        """The cloud refused this one: the next call of `token` asks for another."""
        ...


def _uncounted() -> None:
    """For calls that belong to no scope."""


class Desk:
    """Where every call of an account goes through. Thread-safe."""

    def __init__(self, sender: Http, lanes: Lanes, tokens: Tokens, dialect: Dialect) -> None:
        self._sender = sender
        self._lanes = lanes
        self._tokens = tokens
        self._dialect = dialect
        self._shared = Shared()
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._permissions: set[str] = set()

    def ask(self, request: Request, count: Count = _uncounted) -> Answer:
        """The answer. `count` is told of every call that it takes. Raises the CloudError that fits."""
        lane = self._lanes.lane(request.service, urlsplit(request.url).netloc)
        tries = Tries(self._lanes.pace.now())
        body = None if request.body is None else msgspec.json.encode(request.body)
        while True:
            token = self._tokens.token(request.audience) if request.audience else ""
            with self._lanes.place(lane):
                found = self._sent(request, body, token)
            count()
            trouble = found if isinstance(found, Trouble) else self._dialect.trouble(request, found)
            self._count(request, failed=trouble is not None)
            if trouble is None and isinstance(found, Answer):
                lane.answered()
                return found
            if trouble is not None:
                if trouble.remedy is Remedy.RENEW:
                    self._tokens.forget(request.audience, token)
                pause(trouble, self._lanes, lane, tries)

    def json(self, request: Request, count: Count = _uncounted) -> Any:
        """The answer's document. UnavailableError when it is no JSON: a page of a proxy is never "there is none"."""
        answer = self.ask(request, count)
        try:
            return answer.json()
        except ValueError:
            raise UnavailableError(f"{request} was answered with something that is not JSON.") from None

    def once(self, key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
        """The answer of the first who asks, for all who ask the same; a CloudError too."""
        return self._shared.once(key, ask)

    def statistics(self) -> dict[str, tuple[int, int]]:
        """Service → (calls, those of them that failed)."""
        with self._lock:
            return {service: (count, self._errors[service]) for service, count in sorted(self._calls.items())}

    def permissions_used(self) -> frozenset[str]:
        """What the calls so far took, whether they were allowed or not."""
        with self._lock:
            return frozenset(self._permissions - {""})

    def _sent(self, request: Request, body: bytes | None, token: str) -> Answer | Trouble:
        headers = {"Accept": _JSON, **request.headers}
        if body is not None:
            headers.setdefault("Content-Type", _JSON)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            return self._sender.send(request.method, request.url, headers, body)
        except http.HTTPError as error:
            return unreached(request, error)
        except CloudError as error:
            return Trouble(error)

    def _count(self, request: Request, *, failed: bool) -> None:
        with self._lock:
            self._calls[request.service] += 1
            self._errors[request.service] += failed
            self._permissions.add(request.permission)


def unreached(request: Request, error: http.HTTPError) -> Trouble:
    """What it means that no answer came. A refusal may be a moment's, a timeout has taken its time already."""
    match error:
        case http.NameResolutionError():
            unknown = UnavailableError(f"The name of {request.service} ({_host(request)}) does not resolve.")
            trouble = Trouble(unknown, is_dead=True)
        case http.SSLError():
            untrusted = UnavailableError(f"The certificate of {_host(request)} cannot be verified.")
            trouble = Trouble(untrusted, is_dead=True)
        case http.ConnectTimeoutError() | http.NewConnectionError():
            remedy = Remedy.REPEAT if isinstance(error, http.NewConnectionError) else Remedy.NONE
            trouble = Trouble(UnavailableError(f"{_host(request)} cannot be reached."), remedy, is_dead=True)
        case http.ReadTimeoutError():
            trouble = Trouble(UnavailableError(f"{request} did not answer in time."), Remedy.SILENT)
        case http.ProtocolError():
            closed = UnavailableError(f"{request}: the connection was closed without an answer.")
            trouble = Trouble(closed, Remedy.REPEAT)
        case _:
            trouble = Trouble(UnavailableError(f"{request} failed: {type(error).__name__}."))
    return trouble


def _host(request: Request) -> str:
    return urlsplit(request.url).netloc.rpartition("@")[2]
