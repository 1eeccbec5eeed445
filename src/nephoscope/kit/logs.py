"""Log lines as JSON, one object a line, for whoever collects them; or as text, for people.

What is logged are identifiers, routes and numbers. Query strings, bodies and headers are never logged: that is where
filters with names in them, passwords and tokens are. A path is what a stranger makes of it: it makes no second line.
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nephoscope.kit.printable import one_line, plain

_OWN = "nephoscope_facts"


def told(**facts: Any) -> Mapping[str, Mapping[str, Any]]:
    """Facts beside a message: `log.info("request", extra=told(status=200))`."""
    return {_OWN: facts}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, _OWN, {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        facts = " ".join(f"{name}={value}" for name, value in getattr(record, _OWN, {}).items())
        line = one_line(f"{when} {record.levelname.lower():<7} {record.getMessage()} {facts}".rstrip())
        return f"{line}\n{plain(self.formatException(record.exc_info))}" if record.exc_info else line


def configure(style: str) -> None:
    """`json` or `text`: everything of ours from INFO on to stderr. Anything else leaves logging as it is: warnings and
    errors alone."""
    if style not in {"json", "text"}:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    own = logging.getLogger("nephoscope")
    own.handlers[:] = [handler]
    own.setLevel(logging.INFO)
    own.propagate = False
