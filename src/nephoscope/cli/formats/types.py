"""What a machine format is."""

from collections.abc import Callable, Iterator
from typing import IO

from nephoscope.cli.findings import Finding
from nephoscope.cli.posture import Posture

Writer = Callable[[IO[str], Iterator[Finding], Posture], None]
