"""Who counts as dead, and who may serve a directory."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nephoscope.errors import SettingsError
from nephoscope.jobs.housekeeping import Silence
from nephoscope.jobs.lock import exclusive, is_served

BEAT = datetime(2026, 1, 1, tzinfo=UTC)


class Watch:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_worker_is_dead_when_its_heartbeat_stands_still() -> None:
    watch = Watch()
    silence = Silence(20, watch)
    assert silence.living({"a": BEAT, "b": BEAT}) == {"a", "b"}
    watch.now = 15
    assert silence.living({"a": BEAT + timedelta(seconds=15), "b": BEAT}) == {"a", "b"}
    watch.now = 21
    assert silence.living({"a": BEAT + timedelta(seconds=15), "b": BEAT}) == {"a"}


def test_a_worker_that_wakes_up_lives_again() -> None:
    watch = Watch()
    silence = Silence(20, watch)
    silence.living({"a": BEAT})
    watch.now = 60
    assert silence.living({"a": BEAT}) == frozenset()
    assert silence.living({"a": BEAT + timedelta(seconds=1)}) == {"a"}


def test_a_worker_without_a_heartbeat_is_dead_at_once() -> None:
    silence = Silence(20, Watch())
    assert silence.living({"a": BEAT}) == {"a"}
    assert silence.living({}) == frozenset()


def test_clocks_of_other_machines_do_not_matter() -> None:
    watch = Watch()
    silence = Silence(20, watch)
    slow, fast = BEAT - timedelta(days=1), BEAT + timedelta(days=1)
    assert silence.living({"slow": slow, "fast": fast}) == {"slow", "fast"}
    watch.now = 21
    assert silence.living({"slow": slow + timedelta(seconds=5), "fast": fast}) == {"slow"}


def test_a_directory_has_one_server_at_a_time(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert not is_served(data)
    with exclusive(data):
        assert is_served(data)
        with pytest.raises(SettingsError, match=str(data)), exclusive(data):
            raise AssertionError
    assert not is_served(data)
