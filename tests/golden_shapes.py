"""The shape of a seed sample, and whether an answer has it, key by key."""

import json
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "api" / "golden"
KINDS = {str: "string", bool: "boolean", int: "integer", dict: "object", list: "list", type(None): "null"}


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text())


def check(shape: Any, value: Any, *, at: str = "$", ordered: bool = True) -> None:
    """A null stands for anything that the sample leaves out of an instance without the feature (lists and objects)."""
    match shape:
        case dict():
            assert isinstance(value, dict), at
            wanted, got = list(shape), list(value)
            assert got == wanted if ordered else set(got) == set(wanted), (at, set(got) ^ set(wanted))
            for key, inner in shape.items():
                check(inner, value[key], at=f"{at}.{key}", ordered=ordered)
        case list():
            assert value is None or isinstance(value, list), at
            for index, row in enumerate(value or ()):
                check(shape[0], row, at=f"{at}[{index}]", ordered=ordered)
        case str():
            assert KINDS[type(value)] in shape.split("|"), (at, value)
