"""YAML of strangers: no anchors, so that a small text cannot become a large document, and a bounded depth."""

from typing import Any

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

_DEEPEST = 64


def read_yaml(content: bytes | str) -> Any:
    """The one document of `content`. Raises ValueError with what is wrong, on one line. Bound the content before."""
    try:
        _check(content)
        return yaml.load(content, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from None


def _check(content: bytes | str) -> None:
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if wrong := _wrong(event, depth):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ValueError(f"line {line}: {wrong}")


def _wrong(event: Any, depth: int) -> str | None:
    if isinstance(event, AliasEvent):
        return f"aliases (*{event.anchor}) are not read, write it out"
    return f"more than {_DEEPEST} levels deep" if depth > _DEEPEST else None
