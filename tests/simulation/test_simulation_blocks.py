"""Blocks of EBS snapshots, asked for as AWS documents it: sparse, in pages, behind tokens, with checksums."""

import hashlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nephoscope.simulation.aws import BlockConditions, Simulation, VolumeImage
from simulation.conftest import Clients

BLOCK = 512 * 1024
HELD = (0, 7, *range(1000, 1150))
"""The blocks of the image that hold something."""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return written(tmp_path / "first.img", dict.fromkeys(HELD, b"first"))


def written(path: Path, blocks: dict[int, bytes]) -> Path:
    with path.open("wb") as file:
        for index, content in blocks.items():
            file.seek(index * BLOCK + 11)
            file.write(content)
        file.truncate(1024**3)
    return path


@pytest.fixture
def volume(client: Clients) -> str:
    return str(client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"])


def snapshot(simulation: Simulation, client: Clients, volume: str, image: Path) -> str:
    simulation.tell(VolumeImage(volume, str(image)))
    return str(client("ec2").create_snapshot(VolumeId=volume)["SnapshotId"])


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def listed(ebs: Any, name: str, **arguments: Any) -> list[dict[str, Any]]:
    """Every page."""
    call, rows, more = getattr(ebs, name), list[dict[str, Any]](), dict[str, Any]()
    key = "ChangedBlocks" if name == "list_changed_blocks" else "Blocks"
    while True:
        page = call(**arguments, **more)
        assert page["BlockSize"] == BLOCK
        rows.extend(page[key])
        if "NextToken" not in page:
            return rows
        more = {"NextToken": page["NextToken"]}


def test_blocks_are_listed_in_pages(simulation: Simulation, client: Clients, volume: str, image: Path) -> None:
    ebs, made = client("ebs"), snapshot(simulation, client, volume, image)
    first = ebs.list_snapshot_blocks(SnapshotId=made, MaxResults=100)
    assert (len(first["Blocks"]), first["VolumeSize"], "NextToken" in first) == (100, 1, True)
    assert [row["BlockIndex"] for row in listed(ebs, "list_snapshot_blocks", SnapshotId=made, MaxResults=100)] == [
        *HELD
    ]
    later = listed(ebs, "list_snapshot_blocks", SnapshotId=made, StartingBlockIndex=1100)
    assert [row["BlockIndex"] for row in later] == [*range(1100, 1150)]
    with pytest.raises(ClientError) as refused:
        ebs.list_snapshot_blocks(SnapshotId=made, NextToken="bm9uc2Vuc2U=")
    assert code_of(refused) == "ValidationException"


def test_a_block_needs_its_token_and_fits_its_checksum(
    simulation: Simulation, client: Clients, volume: str, image: Path
) -> None:
    ebs, made = client("ebs"), snapshot(simulation, client, volume, image)
    zero, seven, *_ = ebs.list_snapshot_blocks(SnapshotId=made)["Blocks"]
    answer = ebs.get_snapshot_block(SnapshotId=made, BlockIndex=7, BlockToken=seven["BlockToken"])
    content = answer["BlockData"].read()
    assert (len(content), content[11:16], answer["DataLength"]) == (BLOCK, b"first", BLOCK)
    assert (answer["ChecksumAlgorithm"], b64decode(answer["Checksum"])) == ("SHA256", hashlib.sha256(content).digest())
    with pytest.raises(ClientError) as refused:
        ebs.get_snapshot_block(SnapshotId=made, BlockIndex=7, BlockToken=zero["BlockToken"])
    assert code_of(refused) == "ValidationException"


def test_two_snapshots_differ_where_they_were_written(
    simulation: Simulation, client: Clients, volume: str, image: Path, tmp_path: Path
) -> None:
    ebs, first = client("ebs"), snapshot(simulation, client, volume, image)
    blocks = {**dict.fromkeys(HELD[1:], b"first"), 1001: b"other", 1500: b"new"}
    second = snapshot(simulation, client, volume, written(tmp_path / "second.img", blocks))
    rows = {
        row["BlockIndex"]: row
        for row in listed(ebs, "list_changed_blocks", FirstSnapshotId=first, SecondSnapshotId=second)
    }
    assert {index: ("FirstBlockToken" in row, "SecondBlockToken" in row) for index, row in rows.items()} == {
        0: (True, False),
        1001: (True, True),
        1500: (False, True),
    }
    other = str(client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"])
    with pytest.raises(ClientError) as refused:
        ebs.list_changed_blocks(FirstSnapshotId=first, SecondSnapshotId=snapshot(simulation, client, other, image))
    assert code_of(refused) == "ValidationException"


def test_what_was_deleted_has_no_blocks(simulation: Simulation, client: Clients, volume: str, image: Path) -> None:
    ebs, made = client("ebs"), snapshot(simulation, client, volume, image)
    client("ec2").delete_snapshot(SnapshotId=made)
    with pytest.raises(ClientError) as refused:
        ebs.list_snapshot_blocks(SnapshotId=made)
    assert code_of(refused) == "ResourceNotFoundException"


def test_blocks_are_throttled_and_corrupted_when_told(
    simulation: Simulation, client: Clients, volume: str, image: Path
) -> None:
    ebs, made = client("ebs"), snapshot(simulation, client, volume, image)
    row = ebs.list_snapshot_blocks(SnapshotId=made)["Blocks"][0]
    asked = {"SnapshotId": made, "BlockIndex": 0, "BlockToken": row["BlockToken"]}
    whole = ebs.get_snapshot_block(**asked)["BlockData"].read()
    simulation.tell(BlockConditions(corrupted_every=1))
    assert ebs.get_snapshot_block(**asked)["BlockData"].read() != whole
    simulation.tell(BlockConditions())
    simulation.tell(BlockConditions(throttled_every=2))
    assert ebs.get_snapshot_block(**asked)["BlockData"].read() == whole
    with pytest.raises(ClientError) as refused:
        ebs.get_snapshot_block(**asked)
    simulation.tell(BlockConditions())
    assert code_of(refused) == "RequestThrottledException"
