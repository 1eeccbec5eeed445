"""What follows for a disk: built from the samples into a file, matched against packages."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisories import samples
from nephoscope.advisories.kernels import idle_kernels
from nephoscope.advisories.numbering import qid_of
from nephoscope.errors import BadRequestError, StoreError
from nephoscope.model.packages import Inventory, Kernel, OsRelease, Package, PackageKind
from nephoscope.model.vulnerabilities import Matched, Status, TypeDetected, Vulnerability
from nephoscope.snapshots.knowledge import Knowledge
from worlds import FakeClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REAL = Path(__file__).parents[3] / "shared" / "advisories"
"""Downloaded feeds beside the checkout, where somebody has put some."""


def deb(name: str, version: str, source: str = "", release: str = "12") -> Package:
    return Package(
        name=name,
        version=version,
        kind=PackageKind.DEB,
        ecosystem=f"Debian:{release}",
        source_name=source,
        path="/status",
    )


def rpm(ecosystem: str, name: str, version: str, release: str, epoch: int = 0, **more: Any) -> Package:
    return Package(
        name=name, version=version, release=release, epoch=epoch, kind=PackageKind.RPM, ecosystem=ecosystem, **more
    )


def pypi(name: str, version: str, **more: Any) -> Package:
    return Package(name=name, version=version, kind=PackageKind.PYPI, ecosystem="PyPI", path="/site", **more)


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    folder = tmp_path / "feeds"
    folder.mkdir()
    for name, content in samples.FEEDS.items():
        (folder / name).write_text(content)
    return folder


@pytest.fixture
def knowledge(tmp_path: Path, feeds: Path) -> Knowledge:
    made = Knowledge(tmp_path / "data" / "advisories.sqlite", FakeClock(NOW))
    made.build([feeds])
    return made


def matched(knowledge: Knowledge, *packages: Package, **more: Any) -> Matched:
    return knowledge.match(Inventory(packages=packages, **more))


def told(found: Matched) -> dict[str, str]:
    return {row.advisory: str(row.type_detected) for row in found.vulnerabilities}


def only(found: Matched) -> Vulnerability:
    (row,) = found.vulnerabilities
    return row


def test_it_looks_as_the_sample_does(knowledge: Knowledge) -> None:
    package = rpm(
        "Amazon Linux:2023", "python3-urllib3", "1.25.10", "3.amzn2023.0.1", source_name="python-urllib3", path="/db"
    )
    system = OsRelease("amzn", "2023", "Amazon Linux 2023.6.20241010", ecosystem="Amazon Linux:2023")
    row = only(matched(knowledge, package, os=system))
    assert row.name == "Amazon Linux Security Advisory for python-urllib3 : ALAS2023-2024-747"
    assert (row.type_detected, row.severity, row.protocol, row.port) == (TypeDetected.CONFIRMED, 2, "", 0)
    assert (row.host_os, row.category) == ("Amazon Linux 2023.6.20241010", "Amazon Linux")
    assert (row.cves, row.fixed_version, row.patch_available) == (("CVE-2024-37891",), "1.25.10-4.amzn2023.0.1", True)
    assert row.qid == qid_of("amzn", "ALAS2023-2024-747") > 0
    assert row.packages[0].version == "1.25.10-3.amzn2023.0.1"


def test_what_is_mended_is_not_listed(knowledge: Knowledge) -> None:
    package = rpm("Amazon Linux:2023", "python3-urllib3", "1.25.10", "4.amzn2023.0.1")
    assert matched(knowledge, package) == Matched()


def test_debians_word_in_all_its_forms(knowledge: Knowledge) -> None:
    found = matched(knowledge, deb("libssl3", "3.0.11-1~deb12u2", source="openssl"))
    assert told(found) == {
        "CVE-2024-0001": "Confirmed",
        "CVE-2024-0003": "Information",
        "CVE-2024-0004": "Information",
        "CVE-2024-0005": "Information",
        "CVE-2024-0006": "Information",
        "CVE-2024-0007": "Potential",
    }
    statuses = {row.advisory: row.packages[0].status for row in found.vulnerabilities}
    assert statuses["CVE-2024-0004"] is Status.END_OF_LIFE
    assert not next(row for row in found.vulnerabilities if row.advisory == "CVE-2024-0007").patch_available


def test_the_worst_comes_first_and_what_is_exploited_is_the_worst(knowledge: Knowledge) -> None:
    first = matched(knowledge, deb("openssl", "3.0.11-1~deb12u2")).vulnerabilities[0]
    assert (first.advisory, first.severity) == ("CVE-2024-0001", 5)
    assert first.kev is not None
    assert (first.kev.added, first.kev.is_ransomware, first.epss, first.epss_percentile) == (
        "2024-02-01",
        True,
        0.97,
        0.999,
    )


def test_a_release_is_judged_by_its_own_word(knowledge: Knowledge) -> None:
    found = matched(knowledge, deb("openssl", "1.1.1w-0+deb11u1", release="11"))
    assert told(found) == {"CVE-2024-0001": "Potential"}


def test_one_cve_in_two_source_packages_is_one(knowledge: Knowledge) -> None:
    found = matched(knowledge, deb("openssl", "3.0.11-1~deb12u2"), deb("other", "1.0-1"))
    row = next(row for row in found.vulnerabilities if row.advisory == "CVE-2024-0001")
    assert [one.name for one in row.packages] == ["openssl", "other"]
    assert row.name == "Debian Security Advisory for openssl, other : CVE-2024-0001"


def test_ubuntu_alpine_and_red_hat(knowledge: Knowledge) -> None:
    ubuntu = Package(name="strip-tools", version="1.06-1", kind=PackageKind.DEB, ecosystem="Ubuntu:22.04")
    bash = Package(name="bash", version="5.1-6", kind=PackageKind.DEB, ecosystem="Ubuntu:22.04")
    assert told(matched(knowledge, ubuntu, bash)) == {"USN-6100-1": "Confirmed", "CVE-2022-9999": "Potential"}
    alpine = Package(
        name="libcrypto3", version="3.1.3-r0", kind=PackageKind.APK, ecosystem="Alpine:v3.18", source_name="openssl"
    )
    assert told(matched(knowledge, alpine)) == {"CVE-2023-5363": "Confirmed"}
    nine = rpm("Red Hat:9", "openssl", "3.0.7", "24.el9", epoch=1)
    eight = [
        rpm("Red Hat:8", name, "1", "1.el8", source_name=source)
        for name, source in (("openssl-libs", "openssl"), ("shim-x64", "shim"), ("edk2-ovmf", "edk2"))
    ]
    assert told(matched(knowledge, nine)) == {"CVE-2024-5555": "Confirmed"}
    assert told(matched(knowledge, eight[0])) == {"CVE-2024-5555": "Potential"}
    assert told(matched(knowledge, eight[1])) == {"CVE-2024-5555": "Information"}
    assert told(matched(knowledge, eight[2])) == {}


def test_kernels_of_other_lines(knowledge: Knowledge) -> None:
    """An advisory of an extra topic is about its own line alone."""
    own = rpm("Amazon Linux:2", "kernel", "5.10.100", "1.amzn2")
    assert told(matched(knowledge, own)) == {"ALAS2KERNEL-5.10-2022-002": "Confirmed"}
    assert told(matched(knowledge, rpm("Amazon Linux:2", "kernel", "4.14.1", "1.amzn2"))) == {}
    assert told(matched(knowledge, rpm("Amazon Linux:2", "kernel", "5.15.1", "1.amzn2"))) == {}


def test_module_streams(knowledge: Knowledge) -> None:
    release = "1.module_el8.8.0+1+a"
    own = rpm("AlmaLinux:8", "nodejs", "18.18.0", release, epoch=1, module="nodejs:18")
    other = rpm("AlmaLinux:8", "nodejs", "16.1.0", release, epoch=1, module="nodejs:16")
    unsaid = rpm("AlmaLinux:8", "nodejs", "16.1.0", release, epoch=1)
    plain = rpm("AlmaLinux:8", "nodejs", "16.1.0", "1.el8", epoch=1)
    assert told(matched(knowledge, own)) == {"ALSA-2024:1234": "Confirmed"}
    assert told(matched(knowledge, other)) == {}
    assert told(matched(knowledge, unsaid)) == {"ALSA-2024:1234": "Potential"}
    assert told(matched(knowledge, plain)) == {}


def test_languages_and_their_twins(knowledge: Knowledge) -> None:
    """GHSA and PYSEC describe one thing: it is shown once, with both ranges."""
    old, new, fine = pypi("urllib3", "1.26.5"), pypi("urllib3", "2.0.3"), pypi("urllib3", "2.0.7")
    for package in (old, new):
        row = only(matched(knowledge, package))
        assert (row.advisory, row.severity, row.category) == ("GHSA-aaaa-bbbb-cccc", 3, "PyPI")
        assert row.name == "PyPI Security Advisory for urllib3 : GHSA-aaaa-bbbb-cccc"
    assert matched(knowledge, fine).vulnerabilities == ()
    assert told(matched(knowledge, pypi("urllib3", "unknown"))) == {"GHSA-aaaa-bbbb-cccc": "Potential"}


def test_an_erratum_stands_for_its_cves(tmp_path: Path) -> None:
    events = [{"introduced": "0"}, {"fixed": "2.0-1"}]
    erratum = samples.osv("DSA-1-1", "Debian:12", "x", events, related=["CVE-2024-1111", "CVE-2024-2222"])
    covered = samples.osv("DEBIAN-CVE-2024-1111", "Debian:12", "x", events)
    wider = samples.osv("DEBIAN-CVE-2024-2222", "Debian:12", "x", events)
    wider["affected"] += samples.osv("", "Debian:12", "y", [{"introduced": "0"}])["affected"]
    made = build(tmp_path, {"a.json": erratum, "b.json": covered, "c.json": wider})
    assert told(matched(made, deb("x", "1.0-1"))) == {"DSA-1-1": "Confirmed"}
    assert set(told(matched(made, deb("x", "1.0-1"), deb("y", "1.0-1")))) == {"DSA-1-1", "CVE-2024-2222"}


def test_ubuntu_pro_where_it_is_in_use(tmp_path: Path) -> None:
    paid = samples.osv("UBUNTU-CVE-2024-3", "Ubuntu:Pro:18.04:LTS", "x", [{"introduced": "0"}, {"fixed": "1.0-1+esm2"}])
    made = build(tmp_path, {"a.json": paid})
    own, paying = (
        Package(name="x", version=version, kind=PackageKind.DEB, ecosystem="Ubuntu:18.04")
        for version in ("1.0-1", "1.0-1+esm1")
    )
    assert told(matched(made, paying)) == {"CVE-2024-3": "Confirmed"}
    assert matched(made, own).unjudged == (("Ubuntu:18.04", 1),)


def test_what_two_documents_say_of_one_advisory_is_joined(tmp_path: Path) -> None:
    """The second names a CVE whose name begins another's."""
    events = [{"introduced": "0"}, {"fixed": "2.0-1"}]
    one = samples.osv("DSA-2-1", "Debian:12", "x", events, aliases=["CVE-2024-11110"])
    two = samples.osv("DSA-2-1", "Debian:12", "y", events, aliases=["CVE-2024-1111"])
    made = build(tmp_path, {"a.json": one, "b.json": two})
    row = only(matched(made, deb("x", "1.0-1"), deb("y", "1.0-1")))
    assert row.cves == ("CVE-2024-11110", "CVE-2024-1111")
    assert [package.name for package in row.packages] == ["x", "y"]


def test_what_the_system_brought_is_left_to_its_vendor(knowledge: Knowledge) -> None:
    assert matched(knowledge, pypi("urllib3", "1.26.5", is_owned=True)) == Matched()


def test_what_nobody_covers_is_said(knowledge: Knowledge) -> None:
    strange = Package(name="x", version="1", kind=PackageKind.DEB, ecosystem="")
    crate = Package(name="x", version="1", kind=PackageKind.CARGO, ecosystem="crates.io")
    found = matched(knowledge, strange, crate, crate)
    assert found.unjudged == (("an unknown distribution", 1), ("crates.io", 2))


def test_kernels_that_are_not_in_use() -> None:
    packages = [
        rpm("x", "kernel-core", "5.14.0", "1.el9", arch="x86_64"),
        rpm("x", "kernel-core", "5.14.0", "2.el9", arch="x86_64"),
        rpm("x", "kernel-tools", "5.14.0", "1.el9", arch="x86_64"),
        deb("linux-image-6.1.0-17-amd64", "6.1.69-1"),
        deb("linux-image-6.1.0-18-amd64", "6.1.76-1"),
    ]
    assert idle_kernels(packages) == {0, 3}
    assert idle_kernels(packages, "5.14.0-1.el9.x86_64") == {1, 3}
    assert idle_kernels(packages, "6.1.0-17-amd64") == {0, 4}
    assert idle_kernels(packages[:1]) == frozenset()


def test_an_idle_kernel_is_information(knowledge: Knowledge) -> None:
    old = rpm("Amazon Linux:2", "kernel", "5.10.100", "1.amzn2", arch="x86_64")
    new = rpm("Amazon Linux:2", "kernel", "5.10.102", "96.500.amzn2", arch="x86_64")
    assert told(matched(knowledge, old, new)) == {"ALAS2KERNEL-5.10-2022-002": "Information"}
    running = (Kernel("5.10.100-1.amzn2.x86_64", "/boot/vmlinuz", is_running=True),)
    assert told(matched(knowledge, old, new, kernels=running)) == {"ALAS2KERNEL-5.10-2022-002": "Confirmed"}


def test_one_fix_among_several_is_enough(tmp_path: Path) -> None:
    """A vendor lists a fix per minor release; a package that has any of them is mended."""
    events: list[list[dict[str, str]]] = [[{"introduced": "0"}, {"fixed": f"1-{at}.el9_{at}"}] for at in (5, 7)]
    document = samples.osv("ALSA-2024:9", "AlmaLinux:9", "x", events[0])
    document["affected"].append(samples.osv("", "AlmaLinux:9", "x", events[1])["affected"][0])
    made = build(tmp_path, {"a.json": document})
    assert told(matched(made, rpm("AlmaLinux:9", "x", "1", "4.el9"))) == {"ALSA-2024:9": "Confirmed"}
    assert told(matched(made, rpm("AlmaLinux:9", "x", "1", "6.el9"))) == {}


def test_listed_versions_and_malicious_packages(tmp_path: Path) -> None:
    listed = {"id": "GHSA-x", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}
    malicious = samples.osv("MAL-2024-1", "npm", "b", [{"introduced": "0"}])
    made = build(tmp_path, {"a.json": listed, "b.json": malicious})
    packages = [Package(name=name, version="1.0.0", kind=PackageKind.NPM, ecosystem="npm") for name in "ab"]
    assert told(matched(made, *packages)) == {"GHSA-x": "Confirmed", "MAL-2024-1": "Confirmed"}
    other = Package(name="a", version="1.0.1", kind=PackageKind.NPM, ecosystem="npm")
    assert told(matched(made, other)) == {}


def build(tmp_path: Path, documents: dict[str, dict[str, Any]]) -> Knowledge:
    import json  # noqa: PLC0415 - here alone

    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document))
    made = Knowledge(tmp_path / "own.sqlite", FakeClock(NOW))
    made.build([folder])
    return made


# ---- the file


def test_the_version_is_of_the_content(knowledge: Knowledge, feeds: Path) -> None:
    before = knowledge.version()
    assert before
    assert knowledge.build([feeds]).facts.version == before
    (feeds / "kev.json").unlink()
    assert knowledge.build([feeds]).facts.version != before


def test_what_was_passed_over_is_said(knowledge: Knowledge, feeds: Path) -> None:
    (feeds / "README.md").write_text("words")
    built = knowledge.build([feeds])
    assert built.passed_over == (str(feeds / "README.md"),)
    assert {row.format: row.documents for row in built.facts.feeds}["updateinfo"] == 2
    assert built.facts.exploited == built.facts.likelihoods == 1
    assert built.facts.ecosystems["Debian:12"] == 8


def test_a_damaged_feed_leaves_the_file_as_it_was(knowledge: Knowledge, feeds: Path) -> None:
    before = knowledge.path.read_bytes()
    (feeds / "bad.json").write_text('{"id": "X", "modified": "')
    with pytest.raises(BadRequestError, match=r"bad\.json"):
        knowledge.build([feeds])
    assert knowledge.path.read_bytes() == before
    assert [path.name for path in knowledge.path.parent.iterdir()] == ["advisories.sqlite"]


def test_nothing_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("words")
    made = Knowledge(tmp_path / "a.sqlite", FakeClock(NOW))
    with pytest.raises(BadRequestError, match="no advisory"):
        made.build([tmp_path / "x.txt"])
    assert made.version() == ""
    with pytest.raises(StoreError, match="no file of advisories"):
        made.facts()


def test_it_is_carried_and_replaced_while_somebody_reads(knowledge: Knowledge, tmp_path: Path, feeds: Path) -> None:
    stick = tmp_path / "stick.sqlite"
    shutil.copy(knowledge.path, stick)
    (feeds / "debian.json").unlink()
    knowledge.build([feeds])
    with knowledge.opened() as reading:
        assert knowledge.take(stick).ecosystems["Debian:12"] == 8
        assert "Debian:12" not in reading.ecosystems()
    assert told(matched(knowledge, deb("openssl", "3.0.11-1~deb12u2")))


@pytest.mark.parametrize("kind", ["text", "other", "version", "trigger", "cut", "changed"])
def test_foreign_files_are_refused(knowledge: Knowledge, tmp_path: Path, kind: str) -> None:
    before = knowledge.version()
    foreign = tmp_path / "foreign.sqlite"
    shutil.copy(knowledge.path, foreign)
    if kind == "text":
        foreign.write_text("words" * 1000)
    elif kind == "cut":
        foreign.write_bytes(foreign.read_bytes()[: foreign.stat().st_size // 2])
    else:
        script = {
            "other": "PRAGMA application_id = 1",
            "version": "PRAGMA user_version = 99",
            "trigger": "CREATE TRIGGER t AFTER INSERT ON fact BEGIN SELECT 1; END",
            "changed": "UPDATE affected SET fixed = '0' WHERE fixed <> ''",
        }[kind]
        connection = sqlite3.connect(foreign)
        connection.executescript(script)
        connection.close()
    with pytest.raises(StoreError, match=r"foreign\.sqlite"):
        knowledge.take(foreign)
    assert knowledge.version() == before


def test_numbers_stay(knowledge: Knowledge, feeds: Path) -> None:
    """A number that was given is kept, even where the rule would give another today."""
    connection = sqlite3.connect(knowledge.path)
    connection.execute("UPDATE advisory SET qid = 7 WHERE id = 'USN-6100-1'")
    connection.commit()
    connection.close()
    knowledge.build([feeds])
    with knowledge.opened() as file:
        numbers = file.numbers()
    assert numbers["ubuntu", "USN-6100-1"] == 7
    assert numbers["amzn", "ALAS2023-2024-747"] == qid_of("amzn", "ALAS2023-2024-747")
    assert len(set(numbers.values())) == len(numbers)


def test_numbers_are_positive_31_bit_and_nobody_elses() -> None:
    numbers = {qid_of("osv", f"GHSA-{at}") for at in range(20_000)}
    assert all(1 << 30 <= number < 1 << 31 for number in numbers)
    assert len(numbers) > 19_990
    assert qid_of("osv", "GHSA-1", 1) != qid_of("osv", "GHSA-1")


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real advisories is not here")
def test_real_advisories(tmp_path: Path) -> None:
    made = Knowledge(tmp_path / "real.sqlite", FakeClock(NOW))
    facts = made.build([REAL]).facts
    assert facts.exploited == 1404
    assert facts.advisories > 2600
    found = matched(made, pypi("urllib3", "1.26.5"), pypi("jinja2", "2.10"), pypi("django", "3.2"))
    names = {cve for row in found.vulnerabilities for cve in row.cves}
    assert {"CVE-2023-45803", "CVE-2023-43804", "CVE-2019-10906"} <= names
    assert all(row.type_detected is TypeDetected.CONFIRMED for row in found.vulnerabilities if row.fixed_version)
