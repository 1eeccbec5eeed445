"""The calls of one account: paced, repeated while that helps, shared where scopes ask the same, and counted."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

from nephoscope.clouds.aws.answers import CALL_ERRORS, Asked, trouble_of
from nephoscope.clouds.aws.collecting import Place, Raw
from nephoscope.clouds.aws.session import Clients
from nephoscope.clouds.pacing import Lanes
from nephoscope.clouds.sharing import Shared
from nephoscope.clouds.troubles import Tries, Trouble, pause
from nephoscope.errors import UnavailableError
from nephoscope.model.scopes import GLOBAL_REGION

Count = Callable[[], None]


def _uncounted() -> None:
    """For calls that belong to no scope."""


class Desk:
    """Where every call of an account goes through. Thread-safe."""

    def __init__(self, clients: Clients, lanes: Lanes, partition: str) -> None:
        self._clients = clients
        self._lanes = lanes
        self._partition = partition
        self._shared = Shared()
        self._lock = threading.Lock()
        self._calls: Counter[tuple[str, str]] = Counter()
        self._errors: Counter[str] = Counter()

    def call(
        self, service: str, operation: str, region: str, arguments: Mapping[str, Any], count: Count = _uncounted
    ) -> Raw:
        """The answer. `count` is told of every call that it takes."""
        method = getattr(self._client(service, region), operation, None)
        if method is None:
            raise UnavailableError(f"{service} {operation} is no call whose permission some resource type declares.")
        lane = self._lanes.lane(service, region)
        tries = Tries(self._lanes.pace.now())
        while True:
            trouble = None
            with self._lanes.place(lane):
                try:
                    answer: Raw = method(**arguments)
                except CALL_ERRORS as error:
                    trouble = trouble_of(error, self._asked(service, operation, region))
                except ValueError as error:  # botocore's own refusal of arguments before anything is sent
                    trouble = Trouble(UnavailableError(f"{service} {operation} cannot be asked like this: {error}"))
            count()
            self._count(service, operation, failed=trouble is not None)
            if trouble is None:
                lane.answered()
                answer.pop("ResponseMetadata", None)
                return answer
            pause(trouble, self._lanes, lane, tries)

    def pages(
        self, service: str, operation: str, region: str, arguments: Mapping[str, Any], count: Count
    ) -> Iterable[Raw]:
        """Every page of a listing."""

        def page(**given: Any) -> Raw:
            return self.call(service, operation, region, given, count)

        self._client(service, region)
        return self._clients.pages(service, region, operation, page, arguments)

    def once(self, key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
        """The answer of the first who asks, for all who ask the same; a CloudError too."""
        return self._shared.once(key, ask)

    def statistics(self) -> dict[str, tuple[int, int]]:
        """Service → (calls, those of them that failed)."""
        totals: Counter[str] = Counter()
        with self._lock:
            for (service, _), count in self._calls.items():
                totals[service] += count
            return {service: (count, self._errors[service]) for service, count in sorted(totals.items())}

    def operations(self) -> dict[tuple[str, str], int]:
        """(service, operation as in `get_bucket_policy`) → calls."""
        with self._lock:
            return dict(self._calls)

    def _client(self, service: str, region: str) -> Any:
        try:
            return self._clients.client(service, region)
        except (BotoCoreError, ValueError, RuntimeError) as error:  # the last: the account was closed meanwhile
            raise UnavailableError(f"{service} cannot be asked in {region}: {error}") from error

    def _asked(self, service: str, operation: str, region: str) -> Asked:
        name = self._clients.operation(service, region, operation)
        return Asked(service, name, region, lambda: self._clients.is_known(service, region, self._partition))

    def _count(self, service: str, operation: str, *, failed: bool) -> None:
        with self._lock:
            self._calls[service, operation] += 1
            self._errors[service] += failed


class ScopeCalls:
    """The calls of one scope, as collectors see them (`collecting.Calls`)."""

    def __init__(self, desk: Desk, place: Place, home: str) -> None:
        self._desk = desk
        self._place = place
        self._home = home
        self._region = self._at(place.region)
        self._lock = threading.Lock()
        self._made = 0

    @property
    def place(self) -> Place:
        return self._place

    @property
    def made(self) -> int:
        """Calls so far."""
        return self._made

    def call(self, service: str, operation: str, /, *, region: str = "", **arguments: Any) -> Raw:
        return self._desk.call(service, operation, self._at(region), arguments, self._count)

    def items(self, service: str, operation: str, path: str, /, *, region: str = "", **arguments: Any) -> Iterator[Raw]:
        for page in self._desk.pages(service, operation, self._at(region), arguments, self._count):
            yield from found_at(page, path)

    def shared(self, service: str, operation: str, path: str = "", /, *, region: str = "", **arguments: Any) -> Any:
        at = self._at(region)
        key = (service, at, operation, path, repr(sorted(arguments.items())))

        def ask() -> Any:
            if path:
                return list(self.items(service, operation, path, region=at, **arguments))
            return self.call(service, operation, region=at, **arguments)

        return self._desk.once(key, ask)

    def _at(self, region: str) -> str:
        """The region to ask: the scope's own when none is named, the home region for what is global."""
        return self._home if region == GLOBAL_REGION else region or self._region

    def _count(self) -> None:
        with self._lock:
            self._made += 1


def found_at(page: Raw, path: str) -> list[Any]:
    """What lies at a dotted path; lists on the way are passed through: `Reservations[].Instances`."""
    found: list[Any] = [page]
    for name in path.replace("[]", "").split("."):
        inner = [value[name] for value in found if value.get(name) is not None]
        found = []
        for value in inner:
            if isinstance(value, list):
                found.extend(value)
            else:
                found.append(value)
    return found
