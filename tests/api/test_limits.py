"""Limits for each identity: what is refused, with which headers, and when it goes on."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World, basic
from nephoscope.api.limits import Limits
from nephoscope.errors import TooManyRequestsError
from nephoscope.model.identities import Identity

HEADERS = {
    "x-ratelimit-limit", "x-ratelimit-window-sec", "x-ratelimit-remaining", "x-ratelimit-towait-sec",
    "x-concurrency-limit-limit", "x-concurrency-limit-running",
}  # fmt: skip


def limited(world: World, **limits: int) -> TestClient[Any]:
    world.use(msgspec.structs.replace(world.settings, **limits))
    client = TestClient(world.application())
    client.headers.update(basic(f"{USER}:{PASSWORD}"))
    return client


def test_the_headers_are_there_without_limits(world: World) -> None:
    with limited(world) as client:
        answer = client.get(f"{BASE}/aws/connectors")
        assert answer.headers.keys() >= HEADERS
        assert int(answer.headers["x-ratelimit-remaining"]) > 1000


def test_more_than_the_rate_is_refused_with_all_that_clients_need(world: World) -> None:
    with limited(world, rate_limit=3) as client:
        remaining = [client.get(f"{BASE}/aws/connectors").headers["x-ratelimit-remaining"] for _ in range(3)]
        assert remaining == ["2", "1", "1"]
        refused = client.get(f"{BASE}/aws/connectors")
        assert refused.status_code == 429
        assert refused.headers.keys() >= HEADERS | {"retry-after"}
        assert (refused.headers["x-ratelimit-limit"], refused.headers["x-ratelimit-remaining"]) == ("3", "0")
        assert 1 <= int(refused.headers["x-ratelimit-towait-sec"]) <= 60
        assert refused.json()["errorCode"] == "TOO_MANY_REQUESTS"
        assert client.get("/healthz").status_code == 200


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(limits: Limits, name: str, app: Callable[..., Any]) -> Any:
    scope: Any = {"type": "http", "user": Identity(name)}

    async def sent(_message: Any) -> None:
        """Nobody listens."""

    async def received() -> Any:
        return {"type": "http.request"}

    return limits.handle(scope, received, sent, app)


async def nothing(_scope: Any, _receive: Any, _send: Any) -> None:
    """An application that answers at once."""


def test_a_minute_later_it_goes_on_and_others_were_never_stopped() -> None:
    clock = Clock()
    limits = Limits(2, 0, clock)

    async def story() -> None:
        await asked(limits, "a", nothing)
        await asked(limits, "a", nothing)
        with pytest.raises(TooManyRequestsError) as caught:
            await asked(limits, "a", nothing)
        assert caught.value.wait_seconds == 61
        await asked(limits, "b", nothing)
        clock.now += 60
        await asked(limits, "a", nothing)

    asyncio.run(story())


def test_programs_that_act_as_somebody_count_with_him() -> None:
    limits = Limits(2, 0, Clock())

    async def story() -> None:
        await asked(limits, "bob", nothing)
        await asked(limits, "bob (client:laptop)", nothing)
        for name in ("bob", "bob (client:laptop)", "bob (client:another)"):
            with pytest.raises(TooManyRequestsError):
                await asked(limits, name, nothing)
        await asked(limits, "client:x (client:y)", nothing)

    asyncio.run(story())


def test_so_many_at_the_same_time_and_no_more() -> None:
    limits = Limits(0, 2)

    async def story() -> None:
        release = asyncio.Event()

        async def waits(_scope: Any, _receive: Any, _send: Any) -> None:
            await release.wait()

        first = [asyncio.create_task(asked(limits, "a", waits)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequestsError):
            await asked(limits, "a", nothing)
        release.set()
        await asyncio.gather(*first)
        await asked(limits, "a", nothing)

    asyncio.run(story())


def test_what_fails_gives_its_place_back() -> None:
    limits = Limits(0, 1)

    async def fails(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ValueError("broken")

    async def story() -> None:
        for _ in range(3):
            with pytest.raises(ValueError, match="broken"):
                await asked(limits, "a", fails)

    asyncio.run(story())
