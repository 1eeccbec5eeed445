"""Reading a filter from left to right, one piece at a time, never twice: what the grammar is made of."""

import re

from nephoscope.errors import QuerySyntaxError
from nephoscope.qql.tree import Form, Value

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*:\S")
_PLAIN = re.compile(r"[^\[\]()\"'`]*")
_KEYWORD = re.compile(r"(?:and|or|not)(?=[\s(]|\Z)", re.IGNORECASE)
_QUOTES = {'"': Form.PHRASE, "'": Form.PHRASE, "`": Form.EXACT}


class Reader:
    """A place in the text. `peek_*` look, `take_*` move on or raise, `skip_*` move on if they can."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def is_at_end(self) -> bool:
        return self.at >= len(self.text)

    def sees(self, piece: str) -> bool:
        return self.text.startswith(piece, self.at)

    def skip(self, piece: str) -> bool:
        if self.sees(piece):
            self.at += len(piece)
            return True
        return False

    def sees_keyword(self) -> bool:
        return _KEYWORD.match(self.text, self.at) is not None

    def skip_keyword(self, word: str) -> bool:
        """A whole word, in any case, with the space behind it."""
        end = self.at + len(word)
        if self.text[self.at : end].lower() != word or self.text[end : end + 1].isalnum():
            return False
        if self.text[end : end + 1] in (".", "_", ":"):
            return False
        self.at = end
        self.skip_space()
        return True

    def skip_name(self) -> str:
        """A token name, or nothing."""
        match = _NAME.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def sees_token(self) -> bool:
        """A word that looks like the next token, as in `a:b c:d`."""
        return _TOKEN.match(self.text, self.at) is not None

    def take_range(self) -> tuple[str, str, bool] | None:
        """`[low .. high]` or `(low .. high)`: both ends and whether they are included; None when it is no range."""
        opening = self.text[self.at]
        inner = _PLAIN.match(self.text, self.at + 1)
        if inner is None or ".." not in inner.group() or _TOKEN.match(inner.group().lstrip()):
            return None
        end = inner.end()
        if self.text[end : end + 1] != ("]" if opening == "[" else ")"):
            return None
        low, _, high = inner.group().partition("..")
        self.at = end + 1
        return low.strip(), high.removeprefix(".").strip(), opening == "["

    def sees_quote(self) -> bool:
        return self.text[self.at : self.at + 1] in _QUOTES and not self.is_at_end()

    def take_quoted(self) -> Value:
        """A value in quotes or backticks. A quote inside it is doubled by nobody: use another kind of quote."""
        start, mark = self.at, self.text[self.at]
        end = self.text.find(mark, start + 1)
        if end < 0:
            raise self.expected(f"a closing {mark}", start)
        self.at = end + 1
        text = self.text[start + 1 : end]
        if not text.strip():
            raise self.expected("a value between the quotes", start)
        return Value(text, _QUOTES[mark])

    def skip_word(self, stops: str = "") -> str:
        """Up to white space, a bracket that was not opened inside it, or one of `stops`."""
        depth, start = 0, self.at
        while not self.is_at_end():
            mark = self.text[self.at]
            if mark.isspace() or mark in stops or (mark in ")]" and depth == 0):
                break
            depth += (mark in "([") - (mark in ")]")
            self.at += 1
        return self.text[start : self.at]

    def expected(self, what: str, at: int | None = None) -> QuerySyntaxError:
        position = self.at if at is None else at
        found = self.text[position : position + 20]
        seen = f", found {found!r}" if found else " before the end"
        return QuerySyntaxError(f"Expected {what} at position {position}{seen}.", position)
