"""(h) 1,000 packages against 500,000 statements of advisories, and what ordering a version costs.

The baseline of matching is looking at every statement instead of those with the package's name; that of ordering is
`univers`, which knows the same two orders.
"""

import random
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from univers.versions import DebianVersion, RpmVersion

from bench.measure import Row, seconds
from nephoscope.advisories.judging import Statement
from nephoscope.advisories.matching import Numbered, match
from nephoscope.advisories.ordering import dpkg, rpm
from nephoscope.advisories.ordering.table import version_key
from nephoscope.model.packages import Package, PackageKind
from nephoscope.model.vulnerabilities import Advisory, Affected, Exploited, Likelihood
from nephoscope.store.advisories.building import build_file
from nephoscope.store.advisories.file import AdvisoryFile

STATEMENTS = 500_000
PER_ADVISORY = 5
PACKAGES = 1_000
NAMES = 5_000
VERSIONS = 20_000
COMMAND = "make bench ONLY=advisories"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SYSTEM, _LANGUAGE = ("Debian:12", PackageKind.DEB), ("PyPI", PackageKind.PYPI)


class _Unindexed:
    """Asked about some names, it looks at everything."""

    def __init__(self, file: AdvisoryFile) -> None:
        self._file = file

    def ecosystems(self) -> Mapping[str, int]:
        return self._file.ecosystems()

    def statements(self, ecosystem: str, names: Sequence[str]) -> Iterator[Statement]:
        wanted = set(names)
        return (one for one in self._file.statements(ecosystem, _names()) if one.package in wanted)

    def advisories(self, keys: Sequence[int]) -> Mapping[int, Numbered]:
        return self._file.advisories(keys)

    def exploited(self, cves: Sequence[str]) -> Mapping[str, Exploited]:
        return self._file.exploited(cves)

    def likelihoods(self, cves: Sequence[str]) -> Mapping[str, Likelihood]:
        return self._file.likelihoods(cves)


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "advisories.sqlite"
        built = seconds(lambda: build_file(path, _entries(), Counter(osv=1), NOW))
        size = path.stat().st_size / 1e6
        with AdvisoryFile(path) as file:
            rows = _matching(file)
    return [
        Row(f"file of {STATEMENTS:,} statements, built", built, "s", None, "", COMMAND),
        Row("its size", size, "MB", None, "", COMMAND),
        *rows,
        *_ordering(),
    ]


def _matching(file: AdvisoryFile) -> list[Row]:
    packages = _packages()
    title = f"{PACKAGES:,} packages against {STATEMENTS:,} statements"
    version_key.cache_clear()
    cold = seconds(lambda: match(packages, file))
    warm = seconds(lambda: match(packages, file), repeat=3)
    found = len(match(packages, file).vulnerabilities)
    tracemalloc.start()
    match(packages, file)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    unindexed = _Unindexed(file)
    slow = seconds(lambda: match(packages, unindexed))
    return [
        Row(f"{title}, first time", cold, "s", slow, "without an index", COMMAND),
        Row(f"{title}, again", warm, "s", slow, "without an index", COMMAND),
        Row("vulnerabilities found in that", found, "rows", None, "", COMMAND),
        Row("memory for that, at its highest", peak, "MB", None, "", COMMAND),
    ]


def _ordering() -> list[Row]:
    chance = random.Random(3)
    versions = [
        f"1:{chance.randint(0, 9)}.{chance.randint(0, 99)}-{chance.randint(1, 9)}+deb12u1" for _ in range(VERSIONS)
    ]
    return [
        _rate("versions of dpkg ordered", seconds(lambda: sorted(versions, key=dpkg.key)), versions, DebianVersion),
        _rate("versions of rpm ordered", seconds(lambda: sorted(versions, key=rpm.key)), versions, RpmVersion),
    ]


def _rate(name: str, took: float, versions: list[str], other: type) -> Row:
    theirs = seconds(lambda: sorted(map(other, versions)))
    return Row(name, len(versions) / took, "versions/s", len(versions) / theirs, "univers", COMMAND)


def _names() -> list[str]:
    return [f"package-{at}" for at in range(NAMES)]


def _packages() -> list[Package]:
    """Half of the system, half of a language."""
    chance = random.Random(2)
    made = []
    for at in range(PACKAGES):
        ecosystem, kind = _SYSTEM if at % 2 else _LANGUAGE
        version = f"{chance.randint(0, 9)}.{chance.randint(0, 20)}.{chance.randint(0, 9)}"
        made.append(Package(name=f"package-{at * NAMES // PACKAGES}", version=version, kind=kind, ecosystem=ecosystem))
    return made


def _entries() -> Iterator[Advisory | Exploited | Likelihood]:
    chance = random.Random(1)
    for at in range(STATEMENTS // PER_ADVISORY):
        ecosystem, _ = _SYSTEM if at % 2 else _LANGUAGE
        cve = f"CVE-2024-{10_000 + at}"
        affected = tuple(_affected(chance, ecosystem) for _ in range(PER_ADVISORY))
        yield Advisory(id=f"A-{at}", source="bench", severity=3, cves=(cve,), affected=affected)
        yield Likelihood(cve, chance.random(), chance.random())


def _affected(chance: random.Random, ecosystem: str) -> Affected:
    major, minor, patch = chance.randint(0, 9), chance.randint(0, 20), chance.randint(0, 9)
    package = f"package-{chance.randrange(NAMES)}"
    is_source = ecosystem == _SYSTEM[0]
    introduced = "" if is_source else f"{major}.0.0"
    return Affected(
        ecosystem=ecosystem,
        package=package,
        is_source=is_source,
        introduced=introduced,
        fixed=f"{major}.{minor}.{patch}" if not is_source or chance.random() > 0.1 else f"{major}.{minor}.{patch}-1",
    )
