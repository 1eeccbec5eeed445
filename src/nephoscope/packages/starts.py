"""Which kernel a machine started with last: its diary of starts and logins (`wtmp`) names the release."""

import re

from nephoscope.packages.files import Files, OpenFile

_DIARIES = ("/var/log/wtmp", "/var/log/wtmp.1", "/var/log/wtmp-*")
"""The present one, and those that were put away, by either way of naming them."""
_START = b"~~\0\0reboot\0"
"""The id and the user of an entry about a start, which is of kind 2 and keeps the release where others keep a host.
What follows the host differs by processor, so entries are looked for and not counted."""
_KIND, _BEFORE, _HOST, _LONGEST = b"\2\0", 40, 36, 256
_RELEASE = re.compile(rb"\d+\.[\w.+~-]{1,120}")
_PIECE = 1 << 20
_MOST = 16
"""Pieces from the end that are looked at: some forty thousand entries."""


def started(files: Files) -> str:
    """As `uname -r` said after the last start; empty when no diary tells."""
    present, *others = _DIARIES
    older = sorted((entry.path for entry in files.find(*others)), key=lambda path: (path.endswith(".1"), path))
    for path in (*(entry.path for entry in files.find(present)), *reversed(older)):
        with files.open(path) as diary:
            found = _last_start(diary)
        if found:
            return found
    return ""


def _last_start(diary: OpenFile) -> str:
    """Backwards, in pieces that overlap by an entry."""
    end = diary.size
    for _ in range(_MOST):
        if end <= 0:
            break
        start = max(0, end - _PIECE)
        found = _in_piece(diary.read(start, end - start + _BEFORE + _HOST + _LONGEST))
        if found:
            return found
        end = start
    return ""


def _in_piece(content: bytes) -> str:
    at = content.rfind(_START)
    while at >= 0:
        host = content[at + _HOST : at + _HOST + _LONGEST].partition(b"\0")[0]
        if at >= _BEFORE and content[at - _BEFORE :].startswith(_KIND) and _RELEASE.fullmatch(host):
            return host.decode()
        at = content.rfind(_START, 0, at)
    return ""
