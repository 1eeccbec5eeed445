"""A rule is data. Its row says it in one of three ways; what comes out is always a prefilter and a confirming pattern.

* `token`: the secret has a shape of its own (`ghp_` and 36 characters). It must stand free of other word characters.
* `names` and `value`: the shape is common (32 hexadecimal digits), the name that it is assigned to says what it is.
* `prefilter` and `confirm`: everything else, spelled out; `confirm` has a group named `secret`.

Confirming is RE2 over bytes: linear in the length of what it is given, whatever the pattern and whatever the bytes.
"""

import re
from collections.abc import Callable, Sequence

import msgspec
import re2

from nephoscope.errors import CatalogueError
from nephoscope.model.secrets import SecretSeverity

REACH = 1024
"""Bytes behind a prefilter's hit that its confirming pattern may look at, unless its row says more."""
BACK = 512
"""Bytes before the end of a hit that it may look at."""
FURTHEST = 32_768
"""The most that a row may say."""
ANYWHERE = "/srv/app/settings.conf"
"""Where the examples of a rule lie that is not bound to certain files."""

_FREE_BEFORE = r"(?:^|[^0-9A-Za-z_-])"
_FREE_AFTER = r"(?:$|[^0-9A-Za-z_-])"
_NAME_REST = r"[\w. -]{0,30}[\"'`\])]{0,3}[ \t]{0,8}"
_ASSIGNED = r"(?:=>|:=|==|[=:,>])[ \t]{0,8}(?:[\"'`\\]{0,3})"
_AFTER_VALUE = r"(?:$|[\"'`\s;,<&)\]}\\])"
_OPTIONAL_END = re.compile(r"=\{0,2\}$|\(\?:[^()]*\)\?$")
_LAST_RANGE = re.compile(r"\{(\d+),\d*\}$")
_MEMORY = 8 << 20


class RuleRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a YAML file says of one rule. `hits` and `misses` are texts as `sampling` fills them in."""

    id: str
    title: str
    type: str
    """As the wire shows it and `secret.type` finds it; rules of one kind share it."""
    severity: SecretSeverity
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    token: str = ""
    names: str = ""
    value: str = ""
    prefilter: tuple[str, ...] = ()
    confirm: str = ""
    entropy: float = 0.0
    """Bits a character that the secret has at least."""
    stop: tuple[str, ...] = ()
    """Words, in lower case, that a real one never holds."""
    paths: str = ""
    """RE2 over the path: only there."""
    at: str = ANYWHERE
    """Where the examples lie."""
    check: str = ""
    """A row of `checks.CHECKS`: checksums, structure, expiry."""
    binary: bool = False
    """Also in files that are no text."""
    generic: bool = False
    """Gives way to any other rule that finds the same characters, and is asked for a value that looks random."""
    reach: int = REACH


class Rule:
    """A row, ready to be used. CatalogueError names the rule and what is wrong with it."""

    def __init__(self, row: RuleRow, category: str = "") -> None:
        self.row = row
        self.category = category
        for part in (row.token, row.names, row.value):
            _compiled(row, part.encode())  # alone: within the whole, a bracket left open could find another's end
        self.prefilters = _prefilters(row)
        self.pattern = _confirming(row).encode()
        self._confirm = _compiled(row, self.pattern)
        group = self._confirm.groupindex.get(b"secret")
        if group is None:
            raise CatalogueError(f"secret rule {row.id}: confirm has no group named secret.")
        self.group: int = group
        self._paths = _compiled(row, row.paths.encode()) if row.paths else None

    def matches(self, region: bytes, since: int = 0, until: int | None = None) -> list[tuple[int, int, int, int]]:
        """Start and end of every match that begins from `since` to before `until`, and of the secret in it. What
        follows a secret may be what stands before the next one, so the search goes on right behind the secret."""
        spans = []
        at = since
        while found := self._confirm.search(region, at):
            start, end = found.span()
            if until is not None and start >= until:
                break
            secret_start, secret_end = found.span(self.group)
            spans.append((start, end, secret_start, secret_end))
            at = max(secret_end, start + 1)
        return spans

    def lives_at(self, path: str) -> bool:
        return self._paths is None or self._paths.search(path.encode("utf-8", "surrogateescape")) is not None

    @property
    def is_assigned(self) -> bool:
        return bool(self.row.names)


def any_path(rules: Sequence[Rule]) -> Callable[[str], bool]:
    """Whether a path is one that any of these rules is bound to, by one look instead of one for each."""
    together = "|".join(f"(?:{rule.row.paths})" for rule in rules if rule.row.paths)
    if not together:
        return lambda _path: False
    search = re2.compile(together.encode()).search
    return lambda path: search(path.encode("utf-8", "surrogateescape")) is not None


def _prefilters(row: RuleRow) -> tuple[str, ...]:
    if row.token:
        # The shortest that can be one, so that a long one is reported once and not at each of its characters.
        return (_LAST_RANGE.sub(r"{\1}", _OPTIONAL_END.sub("", row.token)),)
    if row.names:
        return (f"(?i:{row.names}){_NAME_REST}[=:,>]",)
    return row.prefilter


def _confirming(row: RuleRow) -> str:
    if row.token:
        return f"{_FREE_BEFORE}(?P<secret>{row.token}){_FREE_AFTER}"
    if row.names:
        return f"(?i:{row.names}){_NAME_REST}{_ASSIGNED}(?P<secret>{row.value}){_AFTER_VALUE}"
    return row.confirm


def _compiled(row: RuleRow, pattern: bytes) -> re2._Regexp:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1  # bytes as they are
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise CatalogueError(f"secret rule {row.id}: {error.args[0]!r} in {pattern!r}") from None
