"""What a machine format is."""

from collections.abc import Callable, Iterator
from typing import IO

from nephoscope.cli.scan.findings import Finding
from nephoscope.cli.scan.posture import Posture

Writer = Callable[[IO[str], Iterator[Finding], Posture], None]
