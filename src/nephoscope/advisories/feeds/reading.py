"""What all formats share: bounded reading, and careful looks into documents of any shape."""

import re
from typing import IO, Any

from nephoscope.errors import BadRequestError

Entry = Any
"""An `Advisory`, an `Exploited` or a `Likelihood`."""

CVE = re.compile(r"CVE-\d{4}-\d{4,12}")
LARGEST_DOCUMENT = 128 << 20
"""Bytes of a document that is decoded as a whole."""
_LONGEST = 300


def whole(stream: IO[bytes], name: str) -> bytes:
    content = stream.read(LARGEST_DOCUMENT + 1)
    if len(content) > LARGEST_DOCUMENT:
        raise BadRequestError(f"{name} has more than {LARGEST_DOCUMENT >> 20} MB, too much for one document.")
    return content


def wrong(name: str, why: str) -> BadRequestError:
    return BadRequestError(f"{name}: {why}.")


def text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[str]:
    return [row for row in value if isinstance(row, str)] if isinstance(value, list) else []


def cves(*words: str) -> tuple[str, ...]:
    """Those named, in order, each once."""
    return tuple(dict.fromkeys(found for word in words for found in CVE.findall(word)))
