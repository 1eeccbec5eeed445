"""`nephoscope serve` as people start it: a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_ADDRESS = re.compile(r"nephoscope answers on (http://127\.0\.0\.1:\d+)\n")
_OURS = ("AWS_", "AZURE_", "GOOGLE_", "NEPHOSCOPE_", "OTEL_")


@contextmanager
def serving(data: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Its address and itself; killed when the block ends, if it still runs then."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    arguments = [sys.executable, "-m", "nephoscope", "serve", "--port", "0", "--data", str(data)]
    process = subprocess.Popen(  # noqa: S603 - ours
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**kept, **environment}
    )
    try:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            address = _ADDRESS.fullmatch(line)
            if address is not None:
                break
        else:
            raise AssertionError(said)
        yield address[1], process
    finally:
        process.kill()
        process.communicate()
