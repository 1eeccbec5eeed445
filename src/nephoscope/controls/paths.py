"""Which fields an expression looks at: a scan over its tokens that follows the variables of CEL's macros.

`resource.rules.exists(r, r.port == 22)` reads `resource.rules` and `resource.rules.port`. A list that is handed on
whole (to a function, say) reads everything below it, which the path `related.trails.*` says.
"""

import re
from collections.abc import Iterator

import msgspec

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<chain>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"""
    r"""|(?P<follow>\.[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|(?P<mark>[()\[\],])|(?P<other>\S)""",
)
_MACROS = frozenset({"exists", "all", "filter", "map", "exists_one"})
_METHODS = frozenset({*_MACROS, "size", "startsWith", "endsWith", "contains", "matches"})
_ROOTS = frozenset({"resource", "related", "params", "now"})


class Token(msgspec.Struct, frozen=True):
    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    return [Token(str(match.lastgroup), match.group()) for match in _TOKEN.finditer(text)]


def paths(text: str) -> frozenset[str]:
    """Dotted paths under `resource.` and `related.` that the expression reads, and `now` when it looks at the clock."""
    return frozenset(_Scan(tokens(text)).run())


class _Scan:
    """One pass. `names` maps a macro's variable to the path of the list it walks; `open` remembers, for each open
    parenthesis, what a chain that follows its closing continues (the source list of a filter, else nothing)."""

    def __init__(self, stream: list[Token]) -> None:
        self._stream = stream
        self._names: dict[str, str] = {}
        self._open: list[str] = []
        self._closed = ""
        self._binders: set[int] = set()

    def run(self) -> Iterator[str]:
        for index, token in enumerate(self._stream):
            if index in self._binders:
                continue
            if token.kind == "chain":
                yield from self._chain(token.text, index)
            elif token.kind == "follow":
                yield from self._continue(self._closed + token.text if self._closed else "", index)
            elif token.text in "([":
                if not (index and self._stream[index - 1].kind in ("chain", "follow")) or token.text == "[":
                    self._open.append("")
            elif token.text in ")]":
                self._closed = self._open.pop() if self._open else ""

    def _chain(self, text: str, index: int) -> Iterator[str]:
        root, _, rest = text.partition(".")
        if root in self._names:
            text = f"{self._names[root]}.{rest}" if rest else self._names[root]
        elif root not in _ROOTS:
            text = ""
        yield from self._continue(text, index)

    def _continue(self, path: str, index: int) -> Iterator[str]:
        called = self._text(index + 1) == "("
        source, _, method = path.rpartition(".")
        if not called:
            if path:
                yield path if path.count(".") != 1 or not path.startswith("related.") else f"{path}.*"
            return
        if method in _METHODS and source:
            yield source
            if method in _MACROS and self._text(index + 3) == ",":
                self._names[self._text(index + 2)] = source
                self._binders.add(index + 2)
        self._open.append(source if method == "filter" else "")

    def _text(self, index: int) -> str:
        return self._stream[index].text if index < len(self._stream) else ""
