"""Where resources of AWS stand and what they are called, by what Terraform tells."""

from collections.abc import Callable

from nephoscope.clouds.exported.terraform.blocks import Block
from nephoscope.clouds.exported.terraform.rows import Known
from nephoscope.model.scopes import GLOBAL_REGION

_ARN_PARTS = 6


def known(key: str, name: str = "", *, arn: str = "arn") -> Callable[[Block], Known]:
    """In the region of its ARN, called as its tag Name says where `name` is not given. `arn`: where the ARN stands."""

    def told(block: Block) -> Known:
        account, region = _arn(block, arn)
        region = region or str(block.get("region") or "") or str(block.get("availability_zone") or "")[:-1]
        account = account or str(block.get("owner_id") or "")
        called = block.get(name) if name else (block.get("tags") or {}).get("Name")
        identity = str(block[key])
        return Known(account, region, identity, str(called or identity), str(block.get(arn) or ""))

    return told


def within_of(outer: str, inner: str, *, arn: str = "arn") -> Callable[[Block], Known]:
    """Called by two names: `cluster/service`. Of the outer one, which may be an ARN, the last part."""

    def told(block: Block) -> Known:
        account, region = _arn(block, arn)
        name = str(block[inner])
        place = str(block[outer]).rpartition("/")[2]
        return Known(account, region or str(block.get("region") or ""), f"{place}/{name}", name, str(block[arn]))

    return told


def itself(block: Block) -> Known:
    """A setting of the account or of a region: it is called as that is."""
    return Known("", str(block.get("region") or ""), "", "")


def bucket(block: Block) -> Known:
    """A bucket's ARN names no account."""
    name = str(block["bucket"])
    return Known("", GLOBAL_REGION, name, name, f"arn:aws:s3:::{name}")


def _arn(block: Block, key: str) -> tuple[str, str]:
    """Account and region of a resource, empty where its ARN has none."""
    parts = str(block.get(key) or "").split(":", _ARN_PARTS - 1)
    return (parts[4], parts[3]) if len(parts) == _ARN_PARTS else ("", "")
