"""What the declarations of types and details say that reading them takes, in any cloud."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nephoscope.clouds.collecting import Collector
from nephoscope.clouds.doors import Needs
from nephoscope.resource_types.types import ResourceType


def permissions(
    types: Mapping[str, ResourceType], collectors: Iterable[Collector[Any]], needs: Needs | None = None
) -> Iterator[str]:
    """What a scan of `needs` (of everything, without them) asks for; a permission may come several times."""
    for collector in collectors:
        if needs is not None and collector.resource_type not in needs:
            continue
        yield from types[collector.resource_type].permissions
        for detail in collector.details:
            if needs is None or needs[collector.resource_type].intersection(detail.fields):
                yield from detail.permissions
