"""XML as a stream: one element at a time, without entities or documents from elsewhere, and forgotten after use."""

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from nephoscope.advisories.feeds.reading import wrong


def elements(stream: IO[bytes], name: str, *tags: str) -> Iterator[Element]:
    """Every element with one of the names (without its namespace), whole. It is emptied when the next is asked for."""
    open_elements: list[Element] = []
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=False):
            if event == "start":
                open_elements.append(element)
                continue
            open_elements.pop()
            if local_name(element) in tags:
                yield element
            if not any(local_name(one) in tags for one in open_elements):
                element.clear()
                if open_elements:
                    open_elements[-1].remove(element)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise wrong(name, f"no XML that we read ({type(error).__name__}: {error})") from None


def local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
