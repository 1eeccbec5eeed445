"""The table of formats: how a document is recognised by its beginning, and who reads it."""

import re
from collections.abc import Callable, Iterator
from typing import IO

import msgspec

from nephoscope.advisories.feeds import csaf, debian, exploitation, osv, secdb, ubuntu_oval, updateinfo
from nephoscope.advisories.feeds.reading import Entry

HEAD = 8192
"""Bytes that recognition looks at."""


class Format(msgspec.Struct, frozen=True):
    """`mark` is searched in the first bytes; `suffixes` empty: by the mark alone."""

    name: str
    title: str
    mark: re.Pattern[bytes]
    read: Callable[[IO[bytes], str], Iterator[Entry]]
    suffixes: tuple[str, ...] = ()


FORMATS = (
    Format("updateinfo", "updateinfo.xml of yum and dnf", re.compile(rb"<updates?[\s>]"), updateinfo.read),
    Format("oval", "OVAL of Ubuntu", re.compile(rb"<(?:\w+:)?oval_definitions[\s>]"), ubuntu_oval.read),
    Format("kev", "KEV catalogue of CISA", re.compile(rb'"catalogVersion"\s*:'), exploitation.read_kev),
    Format("epss", "EPSS scores", re.compile(rb"\A(?:#[^\n]*\n)?cve,epss,percentile"), exploitation.read_epss),
    Format("csaf", "CSAF of Red Hat", re.compile(rb'"csaf_version"\s*:|"category"\s*:\s*"csaf_'), csaf.read),
    Format("secdb", "secdb of Alpine", re.compile(rb'"distroversion"\s*:|"secfixes"\s*:'), secdb.read),
    Format(
        "debian",
        "Debian security tracker",
        re.compile(rb'\A\s*\{\s*"[^"]+"\s*:\s*\{\s*"(?:CVE|TEMP)-[^"]+"\s*:'),
        debian.read,
    ),
    Format("osv-yaml", "OSV in YAML", re.compile(rb"(?m)^id: "), osv.read_yaml, (".yaml", ".yml")),
    Format(
        "osv",
        "OSV",
        re.compile(rb'"(?:schema_version|modified|affected|ecosystem)"\s*:'),
        osv.read_json,
        (".json",),
    ),
)
"""The first that recognises a document reads it."""


def recognise(name: str, head: bytes) -> Format | None:
    lowered = name.lower()
    return next(
        (row for row in FORMATS if (not row.suffixes or lowered.endswith(row.suffixes)) and row.mark.search(head)), None
    )
