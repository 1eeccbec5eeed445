"""Everything that files and folders say, whatever their formats: what is recognised is read, what is not is counted."""

from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import cast

from nephoscope.advisories.feeds.reading import Entry
from nephoscope.advisories.feeds.table import HEAD, recognise
from nephoscope.advisories.opening import Document, documents, files_in

Tell = Callable[[str, str], None]
"""Hears of each document: its name and its format, which is empty for one that is passed over."""


def entries(paths: Iterable[Path], tell: Tell) -> Iterator[Entry]:
    """BadRequestError for what is damaged: half a feed would make vulnerabilities vanish."""
    for path in files_in(paths):
        for document in documents(path):
            yield from _of(document, tell)


def _of(document: Document, tell: Tell) -> Iterator[Entry]:
    stream = document.stream
    buffered = (
        stream if isinstance(stream, BufferedReader) else BufferedReader(cast("BufferedReader", stream), HEAD * 4)
    )
    head = buffered.peek(HEAD)[:HEAD]
    found = recognise(document.name, head)
    tell(document.name, found.name if found else "")
    if found is not None:
        yield from found.read(buffered, document.name)
