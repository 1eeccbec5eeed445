"""Controls over what lies on disks: findings fail them, and what was not looked at passes none."""

from pathlib import Path

import pytest

from nephoscope.kit.pages import PageRequest
from nephoscope.model.resources import Resource
from nephoscope.model.secrets import SecretNote, SecretSeverity
from nephoscope.store import disks, evaluations, found_secrets
from nephoscope.store.found_secrets import AWS_KEY, AWS_SECRET
from snapshots.disk_world import KEY_ID, NEW, DiskWorld, credentials, debian, image

EXPLOITED, LIVE, CRITICAL, SECRET = 30800, 30801, 30802, 30803


def verdicts(world: DiskWorld, resource: Resource) -> dict[int, tuple[str, str]]:
    world.judge()
    with world.store.read() as reader:
        page = evaluations.page(reader, world.connector.key, None, (), PageRequest(0, 10_000))
    cids = (EXPLOITED, LIVE, CRITICAL, SECRET)
    return {
        row.cid: (row.status, row.reason) for row in page.rows if row.cid in cids and row.resource.key == resource.key
    }


def statuses(world: DiskWorld, resource: Resource) -> list[str]:
    return [status for _, (status, _) in sorted(verdicts(world, resource).items())]


def test_they_say_nothing_about_disks_that_nobody_looked_into(world: DiskWorld, root: Path) -> None:
    assert verdicts(world, world.launch(root)) == {}


def test_findings_fail_them_and_a_mended_disk_passes(world: DiskWorld, root: Path, tmp_path: Path) -> None:
    world.user("ann", KEY_ID)
    instance = world.launch(root)
    world.scan(instance)
    assert statuses(world, instance) == ["FAIL"] * 4
    mended = {**debian(NEW), "var/lib/dpkg/status": debian(NEW)["var/lib/dpkg/status"].replace("1.0-1", "2.0-1")}
    world.hold(instance, image(tmp_path / "mended.img", mended))
    world.scan(instance)
    assert statuses(world, instance) == ["PASS"] * 4


def test_what_was_not_read_passes_nothing(world: DiskWorld, tmp_path: Path) -> None:
    clean = {**debian(NEW), "var/lib/dpkg/status": debian(NEW)["var/lib/dpkg/status"].replace("1.0-1", "2.0-1")}
    instance = world.launch(image(tmp_path / "clean.img", clean))
    world.scan(instance, with_secrets=False)
    found = verdicts(world, instance)
    assert found[EXPLOITED][0] == "PASS"
    assert found[SECRET] == ("UNKNOWN", "its disks were never searched for secrets")
    broken = tmp_path / "broken.img"
    broken.write_bytes(b"\x11" * 4_000_000)
    world.hold(instance, broken)
    world.scan(instance)
    status, reason = verdicts(world, instance)[EXPLOITED]
    assert status == "UNKNOWN"
    assert "could not be read the last time" in reason


@pytest.mark.parametrize("status", ["Inactive", "Active"])
def test_a_key_is_live_while_its_user_has_it(world: DiskWorld, tmp_path: Path, status: str) -> None:
    instance = world.launch(image(tmp_path / "root.img", {**debian(), **credentials()}))
    world.scan(instance)
    assert verdicts(world, instance)[LIVE][0] == "PASS"
    world.user("ann", KEY_ID, status)
    assert world.disks.relink() == 1
    assert world.disks.relink() == 0
    assert verdicts(world, instance)[LIVE][0] == ("FAIL" if status == "Active" else "PASS")


def lying(world: DiskWorld, instance: Resource) -> dict[str, tuple[SecretSeverity, tuple[SecretNote, ...], bool]]:
    with world.store.read() as reader:
        rows = found_secrets.of_resources(reader, [instance.key])[instance.key]
    found = [row.secret.found for row in rows]
    return {one.type: (one.severity, one.notes, bool(one.owner and one.owner.is_active)) for one in found}


def test_a_key_and_its_secret_follow_the_user(world: DiskWorld, tmp_path: Path) -> None:
    """They are one key; switched off later, both are worth little; gone from the account, both are as they were."""
    world.user("ann", KEY_ID)
    instance = world.launch(image(tmp_path / "root.img", {**debian(), **credentials()}))
    world.scan(instance)
    live = lying(world, instance)
    for name in (AWS_KEY, AWS_SECRET):
        assert live[name] == (SecretSeverity.CRITICAL, (SecretNote.PAIRED, SecretNote.LIVE), True)
    with world.store.read() as reader:
        state = disks.get(reader, instance.key)
    assert state is not None
    assert (state.tallies.live_keys, state.tallies.secrets) == (1, 2)
    assert world.disks.relink() == 0
    world.user("ann", KEY_ID, "Inactive")
    assert world.disks.relink() == 1
    for name in (AWS_KEY, AWS_SECRET):
        off = (SecretSeverity.LOW, (SecretNote.PAIRED, SecretNote.INACTIVE), False)
        assert lying(world, instance)[name] == off
    found = verdicts(world, instance)
    assert (found[LIVE][0], found[SECRET][0]) == ("PASS", "PASS")
    world.user("ann", "AKIAQ" + "A" * 15)
    assert world.disks.relink() == 1
    assert lying(world, instance)[AWS_KEY][:2] == (SecretSeverity.HIGH, (SecretNote.PAIRED,))
    assert lying(world, instance)[AWS_SECRET][:2] == (SecretSeverity.CRITICAL, (SecretNote.PAIRED,))
    world.user("ann", KEY_ID)
    assert world.disks.relink() == 1
    assert lying(world, instance) == live
