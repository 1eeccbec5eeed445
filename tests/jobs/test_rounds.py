"""Duties come again, fail alone, and can be hurried."""

import threading

from jobs.job_world import wait_until
from nephoscope.jobs.rounds import Rounds


def test_every_duty_comes_at_once_and_again_when_it_is_time() -> None:
    often: list[int] = []
    seldom: list[int] = []

    def count() -> None:
        often.append(1)

    rounds = Rounds({count: 0.001, lambda: seldom.append(1): 3_600})
    rounds.start()
    wait_until(lambda: len(often) > 5)
    rounds.stop()
    assert seldom == [1]


def test_a_duty_that_fails_comes_again_and_disturbs_no_other() -> None:
    attempts: list[int] = []
    done = threading.Event()

    def fail() -> None:
        attempts.append(1)
        raise RuntimeError("the database is away")

    rounds = Rounds({fail: 0.001, done.set: 3_600})
    rounds.start()
    wait_until(lambda: len(attempts) > 2)
    rounds.stop()
    assert done.is_set()


def test_a_hurried_duty_does_not_wait_for_its_time() -> None:
    calls: list[int] = []

    def count() -> None:
        calls.append(1)

    rounds = Rounds({count: 3_600}, rest=1_000_000)
    rounds.start()
    wait_until(lambda: len(calls) == 1)
    rounds.hurry(count)
    wait_until(lambda: len(calls) == 2)
    rounds.stop()
