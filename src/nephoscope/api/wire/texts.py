"""Texts of the catalogue as the wire carries them: Markdown to HTML, references to links."""

from functools import lru_cache
from html import escape

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@lru_cache(maxsize=4096)
def html(markdown: str) -> str:
    """HTML written in the source comes out as text."""
    return str(_MARKDOWN.render(markdown)).strip()


def links(addresses: tuple[str, ...]) -> str:
    """A list of links; what is no web address stays text."""
    if not addresses:
        return ""
    return "<ul>" + "".join(f"<li>{_link(address)}</li>" for address in addresses) + "</ul>"


def _link(address: str) -> str:
    shown = escape(address)
    return f'<a href="{shown}">{shown}</a>' if address.startswith(("https://", "http://")) else shown
