"""Lanes, the crew, and how many calls are under way at once."""

import itertools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_aws import Ask, FakeAws, FakePace, Reply
from nephoscope.clouds.aws.calling import found_at
from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Raw, listing
from nephoscope.clouds.aws.engine import AwsAccount
from nephoscope.clouds.crew import Crew
from nephoscope.clouds.pacing import Lane, Limits
from nephoscope.errors import UnavailableError
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope

Enter = Callable[..., AwsAccount]
NEEDS = {"KEYS": frozenset({"policy"})}


def policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    return {"policy": calls.call("kms", "get_key_policy", KeyId=raw["KeyId"])["Policy"]}


KEYS = Collector(
    "KEYS",
    listing("kms", "list_keys", "Keys"),
    lambda raw, _: Observed(raw["KeyId"], "", "", {}),
    (Detail(("policy",), ("kms:GetKeyPolicy",), policy),),
)


def answers(aws: FakeAws, keys: int, together: int) -> None:
    """A number of keys in every region; the first details are answered only when so many have been asked for."""
    barrier = threading.Barrier(together, timeout=20)
    turns = itertools.count()

    def detail(_: Ask) -> Reply:
        if next(turns) < together:
            barrier.wait()
        return 200, {"Policy": "{}"}

    rows = [{"KeyId": f"{number:03d}"} for number in range(keys)]
    aws.answers |= {"ListKeys": lambda _: (200, {"Keys": rows, "Truncated": False}), "GetKeyPolicy": detail}


def test_the_details_of_one_scope_run_sixteen_at_a_time(aws: FakeAws, enter: Enter) -> None:
    answers(aws, 32, together=16)
    collected = enter(KEYS).collect(Scope("KEYS", "us-east-1"), NEEDS)
    assert collected.report.outcome is Outcome.COMPLETE
    assert [one.document for one in collected.resources] == [{"policy": "{}"}] * 32
    assert aws.most == 16


def test_many_scopes_use_all_workers_and_no_more(aws: FakeAws, enter: Enter) -> None:
    regions = ("ap-south-1", "eu-west-1", "us-east-1", "us-west-2")
    answers(aws, 24, together=24)
    account = enter(KEYS, limits=Limits(workers=24), regions=regions)
    with ThreadPoolExecutor(4) as threads:
        collected = list(threads.map(lambda scope: account.collect(scope, NEEDS), account.plan(NEEDS)))
    assert [one.report.message for one in collected] == [""] * 4
    assert aws.most == 24


def test_a_service_in_a_region_is_asked_no_more_than_its_share(aws: FakeAws, enter: Enter) -> None:
    answers(aws, 40, together=4)
    account = enter(KEYS, limits=Limits(lane=4))
    scope = Scope("KEYS", "us-east-1")
    with ThreadPoolExecutor(3) as threads:
        collected = list(threads.map(lambda _: account.collect(scope, NEEDS), range(3)))
    assert [len(one.resources) for one in collected] == [40] * 3
    assert aws.most == 4


def test_a_throttled_lane_shrinks_once_for_a_burst_and_grows_back(pace: FakePace) -> None:
    lane = Lane(Limits(lane=16, first_wait=0.25), pace.pace)
    for _ in range(10):
        lane.throttled()
    assert lane.width == 8
    pace.sleep(0.25)
    lane.throttled()
    assert lane.width == 4
    for _ in range(200):
        lane.answered()
    assert lane.width == 16


def test_a_lane_stays_open_for_one_call_however_often_it_is_throttled(pace: FakePace) -> None:
    lane = Lane(Limits(), pace.pace)
    for _ in range(50):
        pace.sleep(1)
        lane.throttled()
    with lane.place():
        assert lane.width == 1


def test_how_long_nothing_went_through_is_told(pace: FakePace) -> None:
    lane = Lane(Limits(), pace.pace)
    assert lane.throttled() == 0
    pace.sleep(7)
    assert lane.throttled() == 7
    lane.answered()
    assert lane.throttled() == 0


def test_closing_a_lane_wakes_who_waits_for_it(pace: FakePace) -> None:
    lane = Lane(Limits(lane=1), pace.pace)
    told: list[str] = []

    def wait() -> None:
        try:
            with lane.place():
                told.append("in")
        except UnavailableError as error:
            told.append(error.message)

    with lane.place():
        threads = [threading.Thread(target=wait) for _ in range(3)]
        for thread in threads:
            thread.start()
        lane.close(UnavailableError("dead"))
        for thread in threads:
            thread.join(10)
    assert told == ["dead"] * 3


@given(st.integers(0, 1000), st.floats(0, 1, exclude_max=True))
def test_pauses_are_bounded(attempt: int, draw: float) -> None:
    limits = Limits(first_wait=0.5, longest_wait=4)
    pause = limits.wait(attempt, FakePace().pace_drawing(draw))
    assert 0.25 <= pause <= 4


@pytest.mark.parametrize("size", [0, 1, 5, 500])
def test_a_crew_does_every_piece_once(size: int) -> None:
    crew = Crew(4, 4)
    done: list[int] = []
    crew.run([lambda number=number: done.append(number) for number in range(size)])  # type: ignore[misc]  # bound now
    crew.close()
    assert sorted(done) == list(range(size))


def test_work_that_brings_work_does_not_lock_the_crew() -> None:
    crew = Crew(2, 2)
    done: list[int] = []

    def deep(level: int) -> None:
        if level:
            crew.run([lambda: deep(level - 1)] * 3)
        else:
            done.append(1)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(deep, [4] * 4))
    crew.close()
    assert len(done) == 4 * 3**4


def test_what_a_piece_raises_reaches_who_brought_it() -> None:
    crew = Crew(4, 4)
    done: list[int] = []

    def work(number: int) -> None:
        done.append(number)
        if number == 7:
            raise LookupError("seven")

    with pytest.raises(LookupError, match="seven"):
        crew.run([lambda number=number: work(number) for number in range(8)])  # type: ignore[misc]  # bound now
    crew.close()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Reservations[].Instances", ["a", "b", "c"]),
        ("Reservations[].Instances[]", ["a", "b", "c"]),
        ("Reservations[].Owner", ["me", "you"]),
        ("Page.Items", [1]),
        ("Page", [{"Items": [1]}]),
        ("Nothing", []),
        ("Page.Nothing.Below", []),
        ("Null", []),
    ],
)
def test_paths_pass_through_lists(path: str, found: list[Any]) -> None:
    page = {
        "Reservations": [{"Instances": ["a", "b"], "Owner": "me"}, {"Instances": ["c"], "Owner": "you"}, {}],
        "Page": {"Items": [1]},
        "Null": None,
    }
    assert found_at(page, path) == found
