"""(i) Searching text for secrets: MB for each second of one core, and memory, beside detect-secrets on a part of the
same text.

The text is what stands around here: the Python, JSON, Markdown and other text files of the installed packages.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import Row
from nephoscope.secrets.loading import load_rules
from nephoscope.secrets.sampling import sample
from nephoscope.secrets.searching import Limits, Searcher

COMMAND = "make bench ONLY=secrets_search"
MEGABYTE = 1_000_000
TEXT = 100 * MEGABYTE
PART = 400_000
"""Bytes for detect-secrets, which needs minutes for more."""
LARGE = 256 * MEGABYTE
_ENDINGS = frozenset((".py", ".json", ".txt", ".md", ".js", ".pyi", ".yaml", ".yml", ".html", ".toml", ".cfg"))


def run() -> list[Row]:
    files = list(_text())
    size = sum(len(content) for _, content in files)
    begun = time.process_time()
    searcher = _searcher()
    prepared = time.process_time() - begun
    took = _cpu(lambda: _search(searcher, files), repeat=2)
    joined = b"\n".join(content for _, content in files)
    took_joined = _cpu(lambda: searcher.search_chunks("/srv/all.txt", [joined]), repeat=2)
    planted = _planted(joined)
    took_planted = _cpu(lambda: searcher.search_chunks("/srv/planted.txt", [planted]), repeat=2)
    theirs = _detect_secrets(files)
    return [
        Row("secrets: rules ready", prepared * 1000, "ms", None, "", COMMAND),
        Row(f"secrets: {len(files):,} text files", size / took / MEGABYTE, "MB/s", theirs, "detect-secrets", COMMAND),
        Row("secrets: the same as one file", size / took_joined / MEGABYTE, "MB/s", theirs, "detect-secrets", COMMAND),
        Row("secrets: with a secret every 10 kB", len(planted) / took_planted / MEGABYTE, "MB/s", None, "", COMMAND),
        Row(f"secrets: memory for a file of {LARGE // MEGABYTE} MB", _memory(), "MB", None, "", COMMAND),
    ]


def _cpu(work: Callable[[], object], repeat: int = 1) -> float:
    """The best of `repeat` times, in seconds of this process on its core, whatever else the machine does."""
    best = float("inf")
    for _ in range(repeat):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def _searcher() -> Searcher:
    generous = Limits(bytes=1 << 40, places=1 << 40, seconds=1e9)
    return Searcher(b"a key of the benchmark", lambda: datetime(2026, 1, 1, tzinfo=UTC), limits=generous)


def _search(searcher: Searcher, files: list[tuple[str, bytes]]) -> int:
    return sum(len(searcher.search_chunks(path, [content]).found) for path, content in files)


def _text() -> Iterator[tuple[str, bytes]]:
    size = 0
    for path in sorted(Path(sys.prefix).glob("lib/python3*/site-packages/**/*")):
        if path.suffix in _ENDINGS and path.is_file():
            content = path.read_bytes()[: 2 * MEGABYTE]
            size += len(content)
            yield str(path), content
        if size > TEXT:
            return


def _planted(content: bytes) -> bytes:
    templates = [rule.row.hits[0] for rule in load_rules() if not rule.row.paths and not rule.row.binary]
    pieces = [content[at : at + 10_000] for at in range(0, min(len(content), 40 * MEGABYTE), 10_000)]
    return b"\n".join(
        piece + b"\n" + sample(templates[number % len(templates)], number) for number, piece in enumerate(pieces)
    )


def _detect_secrets(files: list[tuple[str, bytes]]) -> float:
    """MB/s of its own scan, with all its detectors, in this process."""
    from detect_secrets import SecretsCollection  # noqa: PLC0415 - a development dependency, used here alone
    from detect_secrets.settings import default_settings  # noqa: PLC0415 - likewise

    with tempfile.TemporaryDirectory() as folder:
        size, targets = 0, []
        for number, (path, content) in enumerate(files[::37]):
            target = Path(folder, f"{number}{Path(path).suffix}")
            target.write_bytes(content[:20_000])
            targets.append(str(target))
            size += min(len(content), 20_000)
            if size > PART:
                break

        def scan() -> None:
            found = SecretsCollection()
            with default_settings():
                for target in targets:
                    found.scan_file(target)

        return size / _cpu(scan) / MEGABYTE


_ALONE = """
from pathlib import Path
from bench.secrets_search import LARGE, _searcher
searcher = _searcher()
line = b"2026-01-01T00:00:00Z INFO request /v1/items?page=2 took 12 ms, user 4711 from 10.2.3.4\\n" * 11_000
searcher.search_chunks("/var/log/app.log", (line for _ in range(LARGE // len(line))))
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""


def _memory() -> float:
    """The most that a process of its own held while it searched one large file, everything included."""
    done = subprocess.run([sys.executable, "-c", _ALONE], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1024 / MEGABYTE
