"""Every format: recognised by its beginning, read into our words, and refused when it is damaged."""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from advisories import samples
from nephoscope.advisories import opening, severity
from nephoscope.advisories.feeds import osv
from nephoscope.advisories.feeds.ecosystems import ecosystem_named
from nephoscope.advisories.feeds.table import FORMATS, recognise
from nephoscope.advisories.reading import entries
from nephoscope.errors import BadRequestError
from nephoscope.model.vulnerabilities import Advisory, Affected, Exploited, Likelihood, Status


def read(name: str, content: str) -> list[Any]:
    found = recognise(name, content.encode()[:8192])
    assert found is not None, name
    return list(found.read(io.BytesIO(content.encode()), name))


def advisories(name: str) -> dict[str, Advisory]:
    return {one.id: one for one in read(name, samples.FEEDS[name])}


def test_every_format_has_a_sample() -> None:
    found = [recognise(name, content.encode()[:8192]) for name, content in samples.FEEDS.items()]
    assert {row.name for row in found if row} == {row.name for row in FORMATS}
    assert None not in found


def test_amazon() -> None:
    found = advisories("amazon.xml")
    assert set(found) == {"ALAS2023-2024-747", "ALAS2KERNEL-5.10-2022-002"}
    own = found["ALAS2023-2024-747"]
    assert (own.source, own.package, own.severity, own.cves) == ("amzn", "python-urllib3", 2, ("CVE-2024-37891",))
    assert own.affected == (
        Affected(ecosystem="Amazon Linux:2023", package="python3-urllib3", fixed="1.25.10-4.amzn2023.0.1"),
    )
    kernel = found["ALAS2KERNEL-5.10-2022-002"].affected[0]
    assert (kernel.ecosystem, kernel.introduced, kernel.fixed) == ("Amazon Linux:2", "5.10", "5.10.102-96.500.amzn2")


def test_other_updateinfo() -> None:
    found = advisories("alma.xml")
    alma, rocky = found["ALSA-2024:1234"], found["RLSA-2024:2"]
    assert alma.affected[0].module == "nodejs:18"
    assert alma.affected[0].fixed == "1:18.19.1-1.module_el8.9.0+3735+da4a8ab2"
    assert (alma.affected[0].ecosystem, rocky.affected[0].ecosystem) == ("AlmaLinux:8", "Rocky Linux:9")
    assert (alma.severity, rocky.severity, rocky.package) == (4, 3, "curl")


def test_debian() -> None:
    found = [one for one in read("debian.json", samples.FEEDS["debian.json"]) if one.affected[0].package == "openssl"]
    told = {one.id: one.affected[0].status for one in found}
    assert told == {
        "CVE-2024-0001": Status.FIXED,
        "CVE-2024-0002": Status.NOT_AFFECTED,
        "CVE-2024-0003": Status.WILL_NOT_FIX,
        "CVE-2024-0004": Status.END_OF_LIFE,
        "CVE-2024-0005": Status.UNDER_INVESTIGATION,
        "CVE-2024-0006": Status.WILL_NOT_FIX,
        "CVE-2024-0007": Status.AFFECTED,
    }
    assert [one.ecosystem for one in found[0].affected] == ["Debian:12", "Debian:11"]
    assert found[0].severity == 4
    assert all(one.affected[0].is_source for one in found)


def test_ubuntu() -> None:
    found = advisories("com.ubuntu.jammy.usn.oval.xml")
    assert set(found) == {"USN-6100-1", "CVE-2022-9999"}
    patch = found["USN-6100-1"]
    assert [(one.package, one.fixed) for one in patch.affected] == [
        ("libstrip-perl", "0:1.06-1ubuntu0.1"),
        ("strip-tools", "0:1.06-1ubuntu0.1"),
    ]
    assert (patch.affected[0].ecosystem, patch.severity, patch.cves) == ("Ubuntu:22.04", 3, ("CVE-2023-24038",))
    left = found["CVE-2022-9999"].affected[0]
    assert (left.package, left.status, left.fixed) == ("bash", Status.AFFECTED, "")


def test_alpine() -> None:
    found = advisories("main.json")
    assert found["CVE-2023-5363"].affected == (
        Affected(ecosystem="Alpine:v3.18", package="openssl", fixed="3.1.4-r1", is_source=True),
    )
    assert found["CVE-2023-5363"].aliases == ("XSA-1",)
    assert found["CVE-2022-1111"].affected[0].status is Status.NOT_AFFECTED


def test_red_hat() -> None:
    (own,) = read("cve-2024-5555.json", samples.FEEDS["cve-2024-5555.json"])
    assert (own.id, own.source, own.severity, own.cves) == ("CVE-2024-5555", "redhat", 4, ("CVE-2024-5555",))
    assert {(one.ecosystem, one.package, one.status, one.fixed, one.is_source) for one in own.affected} == {
        ("Red Hat:9", "openssl", Status.FIXED, "1:3.0.7-27.el9", False),
        ("Red Hat:8", "openssl", Status.AFFECTED, "", True),
        ("Red Hat:8", "shim", Status.WILL_NOT_FIX, "", True),
        ("Red Hat:8", "edk2", Status.NOT_AFFECTED, "", True),
    }


def test_osv_in_json_and_yaml() -> None:
    own = advisories("GHSA-aaaa-bbbb-cccc.json")["GHSA-aaaa-bbbb-cccc"]
    assert [(one.introduced, one.fixed) for one in own.affected] == [("", "1.26.18"), ("2.0.0", "2.0.7")]
    assert (own.affected[0].package, own.severity, own.cves) == ("urllib3", 3, ("CVE-2023-45803",))
    other = advisories("PYSEC-2023-212.yaml")["PYSEC-2023-212"]
    assert (other.affected[0].fixed, other.published) == ("1.26.18", "2023-10-17T20:15:00")


def test_osv_beyond_the_simple_case() -> None:
    only = {"id": "MAL-1", "affected": [{"package": {"ecosystem": "npm", "name": "x"}, "versions": ["1", "2"]}]}
    own = osv.advisory(only)
    assert (own.severity, own.affected[0].versions) == (5, ("1", "2"))
    beside = samples.osv("D", "npm", "x", [{"introduced": "1.0.0"}, {"fixed": "2.0.0"}])
    beside["affected"][0]["versions"] = ["1.0.0", "1.5.0", "2.0.0", "not-a-version"]
    assert [one.versions for one in osv.advisory(beside).affected] == [(), ("2.0.0", "not-a-version")]
    last = osv.advisory(samples.osv("A", "npm", "x", [{"introduced": "1"}, {"last_affected": "3"}]))
    assert (last.affected[0].last_affected, last.affected[0].status) == ("3", Status.AFFECTED)
    mirrored = osv.advisory(samples.osv("DEBIAN-CVE-2024-1", "Debian:12", "x", [{"introduced": "0"}]))
    assert (mirrored.id, mirrored.source, mirrored.affected[0].is_source) == ("CVE-2024-1", "debian", True)
    assert osv.advisory({"id": "B", "withdrawn": "2024-01-01T00:00:00Z"}).is_withdrawn
    assert osv.advisory(samples.osv("C", "Android", "x", [{"introduced": "0"}])).affected == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ubuntu:22.04:LTS", "Ubuntu:22.04"),
        ("Ubuntu:Pro:18.04:LTS", "Ubuntu:Pro:18.04"),
        ("Ubuntu:Pro:FIPS:18.04:LTS", ""),
        ("Red Hat:enterprise_linux:9::baseos", "Red Hat:9"),
        ("Red Hat:rhel_eus:9.2::baseos", ""),
        ("AlmaLinux:9", "AlmaLinux:9"),
        ("Alpine:v3.18", "Alpine:v3.18"),
        ("SUSE:Linux Enterprise Server 15 SP5", "SUSE:Linux Enterprise Server 15 SP5"),
        ("PyPI", "PyPI"),
        ("GIT", ""),
        ("", ""),
    ],
)
def test_ecosystems(text: str, expected: str) -> None:
    assert ecosystem_named(text) == expected


def test_ranking() -> None:
    assert read("kev.json", samples.FEEDS["kev.json"]) == [
        Exploited("CVE-2024-0001", "2024-02-01", "2024-02-22", is_ransomware=True)
    ]
    assert read("epss.csv", samples.EPSS) == [Likelihood("CVE-2024-0001", 0.97, 0.999)]


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
        ("AV:N/AC:H/PR:H/UI:N/S:U/C:H/I:N/A:N", 4.4),
        ("AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
    ],
)
def test_scores(vector: str, score: float) -> None:
    assert severity.base_score(dict(part.split(":") for part in vector.split("/"))) == score


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 5),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 5),
        ("CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 3),
        ("CVSS:3.1/AV:N", 0),
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", 0),
        ("", 0),
    ],
)
def test_severities(text: str, expected: int) -> None:
    assert severity.of_vector(text) == expected


@pytest.mark.parametrize("name", sorted(samples.FEEDS))
def test_a_damaged_feed_is_refused_with_its_name(name: str) -> None:
    """Cut in the middle. A table of likelihoods has no end that could be missing."""
    content = samples.FEEDS[name]
    if name == "epss.csv":
        content = content.replace("0.97", "much")
    elif name.endswith(".yaml"):
        content += "\n  - [unclosed"
    else:
        content = content[: len(content) * 2 // 3]
    with pytest.raises(BadRequestError, match=name):
        read(name, content)


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_refused(row: Any, content: bytes) -> None:
    with contextlib.suppress(BadRequestError):
        list(row.read(io.BytesIO(content), "x"))


def test_entities_in_xml_are_refused() -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bomb = f'{entities}<updates><update type="security"><id>&b;</id></update></updates>'
    with pytest.raises(BadRequestError, match="no XML"):
        read("x.xml", bomb)


# ---- files, folders and archives

Pack = Callable[[bytes], bytes]


def _tar(mode: str, members: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=f"w:{mode}") as archive:  # type: ignore[call-overload]  # a mode put together
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    return target.getvalue()


def _zip(members: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def all_of(path: Path) -> tuple[list[Any], dict[str, str]]:
    heard: dict[str, str] = {}
    found = list(entries([path], lambda name, kind: heard.update({name: kind})))
    return found, heard


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.zip", _zip),
        ("a.tar", lambda members: _tar("", members)),
        ("a.tar.gz", lambda members: _tar("gz", members)),
        ("a.tgz", lambda members: _tar("gz", members)),
        ("a.tar.xz", lambda members: _tar("xz", members)),
        ("a.tar.bz2", lambda members: _tar("bz2", members)),
        ("a.tar.zst", lambda members: zstandard.compress(_tar("", members))),
    ],
)
def test_archives(tmp_path: Path, name: str, pack: Callable[[dict[str, str]], bytes]) -> None:
    target = tmp_path / name
    target.write_bytes(pack({**samples.FEEDS, "README.md": "words"}))
    found, heard = all_of(target)
    assert sum(isinstance(one, Advisory) for one in found) == 19
    assert sorted(place for place, kind in heard.items() if not kind) == [f"{target}!/README.md"]


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress), (".zst", zstandard.compress), ("", bytes)],
)
def test_compressed_files(tmp_path: Path, suffix: str, pack: Pack) -> None:
    target = tmp_path / f"debian.json{suffix}"
    target.write_bytes(pack(samples.FEEDS["debian.json"].encode()))
    found, heard = all_of(target)
    assert len(found) == 8
    assert heard == {str(tmp_path / "debian.json"): "debian"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.json.gz", "a.json.xz", "a.json.zst", "a.tar"])
def test_a_damaged_archive_is_refused_with_its_name(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    target.write_bytes(b"these bytes are none of it" * 40)
    with pytest.raises(BadRequestError, match=name):
        all_of(target)


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LARGEST", 1 << 20)
    for name, pack in (("a.json.gz", gzip.compress), ("a.json.zst", zstandard.compress)):
        target = tmp_path / name
        target.write_bytes(pack(json.dumps({"x": {"CVE-2024-1": {"description": " " * (2 << 20)}}}).encode()))
        with pytest.raises(BadRequestError, match="unpacks to more"):
            all_of(target)
    target = tmp_path / "a.zip"
    target.write_bytes(_zip({"a.json": " " * (2 << 20)}))
    with pytest.raises(BadRequestError, match="holds more"):
        all_of(target)


def test_folders_are_read_whole_and_missing_ones_named(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/kev.json").write_text(samples.FEEDS["kev.json"])
    (tmp_path / ".hidden").write_text("x")
    assert len(all_of(tmp_path)[0]) == 1
    with pytest.raises(BadRequestError, match=r"one\.json.*two\.json"):
        list(entries([tmp_path / "one.json", tmp_path / "two.json"], lambda _name, _kind: None))
