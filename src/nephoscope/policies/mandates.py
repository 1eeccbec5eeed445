"""From the YAML files beside this module to mandates over the controls there are. Half-written data does not load.

Requirements name topics, and topics find controls by the words of their names: a control that is new, of whatever
cloud, has its place in every mandate from the start.
"""

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import TypeVar

import msgspec
import yaml

from nephoscope.errors import CatalogueError
from nephoscope.kit.folding import fold
from nephoscope.kit.ids import stable_uuid
from nephoscope.model.controls import Control
from nephoscope.model.policies import Mandate, Section

_Row = TypeVar("_Row")


class _Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the head of the file."""

    topic: str
    words: tuple[str, ...]
    but: tuple[str, ...] = ()
    cids: tuple[int, ...] = ()

    def find(self, names: Mapping[int, str]) -> frozenset[int]:
        """Cids, from folded names of controls."""
        wanted, unwanted = re.compile("|".join(self.words)), re.compile("|".join(self.but) or "(?!)")
        found = (cid for cid, name in names.items() if wanted.search(name) and not unwanted.search(name))
        return frozenset(found) | (names.keys() & set(self.cids))


class _SectionRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: str
    title: str
    topics: tuple[str, ...] = ()
    cids: tuple[int, ...] = ()


class _MandateRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    title: str
    version: str
    publisher: str
    description: str
    sections: tuple[_SectionRow, ...]


def load_mandates(controls: Mapping[int, Control]) -> tuple[Mandate, ...]:
    """The mandates that the program ships, over these controls. CatalogueError names the first flaw."""
    topics = topics_of(controls)
    return tuple(_mandate(row, topics, controls) for row in _read("mandates.yaml", tuple[_MandateRow, ...]))


def topics_of(controls: Mapping[int, Control]) -> dict[str, frozenset[int]]:
    """Topic → cids of the controls that are about it."""
    names = {cid: fold(control.name) for cid, control in controls.items()}
    return {row.topic: row.find(names) for row in _read("topics.yaml", tuple[_Topic, ...])}


def _mandate(row: _MandateRow, topics: Mapping[str, frozenset[int]], controls: Mapping[int, Control]) -> Mandate:
    return Mandate(
        uuid=stable_uuid("mandate", row.name),
        name=row.name,
        title=row.title,
        version=row.version,
        publisher=row.publisher,
        description=row.description,
        sections=tuple(_section(row.name, part, topics, controls) for part in row.sections),
    )


def _section(mandate: str, row: _SectionRow, topics: Mapping[str, frozenset[int]], controls: Iterable[int]) -> Section:
    unknown = [name for name in row.topics if name not in topics]
    if unknown or not (row.topics or row.cids):
        raise CatalogueError(f"mandates.yaml: {mandate} {row.number}: topics: {', '.join(unknown) or 'missing'}.")
    own = set(row.cids).intersection(controls)
    return Section(row.number, row.title, tuple(sorted(own.union(*(topics[name] for name in row.topics)))))


def _read(name: str, kind: type[_Row]) -> _Row:
    text = (resources.files("nephoscope.policies") / "catalogue" / name).read_text("utf-8")
    try:
        return msgspec.convert(yaml.load(text, Loader=yaml.CSafeLoader), kind)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise CatalogueError(f"{name}: {error}") from error
