"""Short forms in which the tests of exports speak."""

from typing import Any

import msgspec

from apiworld import World
from nephoscope.model.identities import Reach
from nephoscope.reports.exports.exports import Export, Wanted


def opened(world: World, noun: str, style: str = "jsonl", *, reach: Reach | None = None, **more: Any) -> Export:
    return world.usecases.exports.open(Wanted(noun=noun, format=style, **more), reach)


def content(world: World, noun: str, style: str = "jsonl", **more: Any) -> bytes:
    return b"".join(opened(world, noun, style, **more).pieces)


def lines(text: bytes) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in text.splitlines()]


def told(world: World, noun: str, **more: Any) -> tuple[list[dict[str, Any]], str]:
    """The rows of an export, and its cursor."""
    export = opened(world, noun, **more)
    return lines(b"".join(export.pieces)), export.cursor
