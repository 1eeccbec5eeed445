"""`nephoscope disk`, as somebody tries it."""

import json
from pathlib import Path

import pytest

import virtual_disks
from cli.cli_world import Invoke


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("disk")
    folder = tmp_path / "tree"
    (folder / "etc").mkdir(parents=True)
    (folder / "etc" / "os-release").write_bytes(b"ID=debian\n\xff\x00")
    (folder / "os").symlink_to("etc/os-release")
    (folder / "evil\x1b[31m").write_text("red")
    inner = virtual_disks.ext(tmp_path / "inner.img", folder, 8 * virtual_disks.MIB, "ext4", "-L", "rootfs")
    data = tmp_path / "data"
    data.mkdir()
    other = virtual_disks.ext(tmp_path / "other.img", data, 8 * virtual_disks.MIB)
    return virtual_disks.gpt(tmp_path / "disk.img", [(inner, "8300"), (other, "8300")])


def test_scan_shows_volumes_and_how_complete_it_is(invoke: Invoke, image: Path) -> None:
    answer = invoke("disk", "scan", str(image))
    assert answer.code == 0
    assert "disk partition 1  ext4" in answer.out
    assert "rootfs" in answer.out
    assert "PARTIAL: No packages were found on a root disk" in answer.err
    told = json.loads(invoke("disk", "scan", str(image), "--format", "json").out)
    assert (told["state"], told["consistency"], told["disks"][0]["table"]) == ("PARTIAL", "UNKNOWN", "gpt")
    assert [row["state"] for row in told["volumes"]] == ["READ", "READ"]


def test_ls_and_cat_take_the_volume_with_the_system(invoke: Invoke, image: Path) -> None:
    listed = invoke("disk", "ls", str(image), "/")
    assert (listed.code, listed.err) == (0, "")
    assert "/os → etc/os-release" in listed.out
    assert "\x1b" not in listed.out
    assert invoke("disk", "cat", str(image), "/etc/../os-release").code == 2
    rows = json.loads(invoke("disk", "ls", str(image), "/os", "--format", "json").out)
    assert [(row["path"], row["size"], row["mode"]) for row in rows] == [("/etc/os-release", 12, "-rw-r--r--")]
    other = invoke("disk", "ls", str(image), "--volume", "disk partition 2")
    assert "/lost+found" in other.out


def test_cat_writes_the_very_bytes(image: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    from nephoscope.app.doors import DOORS  # noqa: PLC0415 - beside the fixture that reads text
    from nephoscope.cli.main import build, run  # noqa: PLC0415 - likewise

    assert run(build(DOORS), ("disk", "cat", str(image), "/os")) == 0
    assert capfdbinary.readouterr().out == b"ID=debian\n\xff\x00"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("scan", "nowhere.img"), "nowhere.img cannot be opened: No such file"),
        (("scan", "/dev/null"), "neither a file nor a block device"),
        (("cat", "IMAGE", "/nowhere"), "There is no /nowhere on this volume."),
        (("cat", "IMAGE", "/etc"), "/etc is no file."),
        (("ls", "IMAGE", "/nowhere"), "There is no /nowhere on this volume."),
        (("ls", "IMAGE", "/", "--volume", "C:"), "No volume that can be read is called 'C:'"),
        (("ls", "IMAGE", "/", "--with", "nowhere.img"), "nowhere.img cannot be opened"),
        (("scan",), "Missing argument"),
    ],
)
def test_refusals_are_one_line(invoke: Invoke, image: Path, arguments: tuple[str, ...], said: str) -> None:
    answer = invoke("disk", *(str(image) if word == "IMAGE" else word for word in arguments))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert said in answer.err


def test_a_disk_of_which_nothing_can_be_read(invoke: Invoke, tmp_path: Path) -> None:
    broken = virtual_disks.blank(tmp_path / "broken.img", virtual_disks.MIB)
    virtual_disks.write(broken, 0, b"LUKS\xba\xbe")
    answer = invoke("disk", "scan", str(broken))
    assert answer.code == 3
    assert answer.err == "FAILED: disk: The volume is encrypted (LUKS).\n"
    told = json.loads(invoke("disk", "scan", str(broken), "--format", "json").out)
    assert [told[name] for name in ("packages", "vulnerabilities", "secrets")] == [None, None, None]
    assert "--volume" in invoke("disk", "ls", str(broken)).err


def test_the_policy_for_disks_is_printed_apart(invoke: Invoke) -> None:
    printed = json.loads(invoke("permissions", "aws", "--disks").out)
    actions = [action for row in printed["Statement"] for action in row["Action"]]
    assert {"ec2:CreateSnapshots", "ec2:DeleteSnapshot", "ebs:GetSnapshotBlock", "kms:Decrypt"} <= set(actions)
    (delete,) = [row for row in printed["Statement"] if "ec2:DeleteSnapshot" in row["Action"]]
    assert delete["Condition"] == {"StringLike": {"aws:ResourceTag/nephoscope:scan": "*"}}
    reading = json.loads(invoke("permissions", "aws").out)
    assert not any(action.startswith("ebs:") for row in reading["Statement"] for action in row["Action"])
    assert invoke("permissions", "aws", "--disks", "--benchmark", "x").code == 2


def test_the_role_for_disks_in_azure_is_printed_apart(invoke: Invoke) -> None:
    printed = json.loads(invoke("permissions", "azure", "--disks", "--subscription", "s1").out)
    assert {"Microsoft.Compute/snapshots/write", "Microsoft.Compute/snapshots/delete"} <= set(printed["Actions"])
    assert printed["AssignableScopes"] == ["/subscriptions/s1"]
    reading = json.loads(invoke("permissions", "azure").out)
    assert all(name.endswith(("/read", "/action")) for name in reading["Actions"])
    assert not any("snapshots" in name for name in reading["Actions"])
    assert invoke("permissions", "azure", "--disks", "--benchmark", "x").code == 2
