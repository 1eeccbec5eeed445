"""Our keys order versions as the real tools do, and as order must be: total, and the same from both sides."""

import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from univers.versions import AlpineLinuxVersion

from nephoscope.advisories.ordering import apk, dpkg, rpm
from nephoscope.advisories.ordering.table import ORDERINGS, version_key
from nephoscope.model.packages import PackageKind

RPM = shutil.which("rpm") or ""
DPKG = shutil.which("dpkg") or ""
RPM_LETTERS = "0012a1bZ.~^+_"
DEB_LETTERS = "0012a1bZ.~+-"


def sign(one: Any, two: Any) -> int:
    return int(one > two) - int(one < two)


def drawn(letters: str, seed: int, count: int) -> list[tuple[str, str]]:
    """Pairs that are near each other, or nothing but the first letter would be tested."""
    chance = random.Random(seed)  # noqa: S311 - test data
    pairs = []
    for _ in range(count):
        one = "".join(chance.choices(letters, k=chance.randint(1, 8)))
        two = list(one)
        for _ in range(chance.randint(0, 2)):
            two.insert(chance.randint(0, len(two)), chance.choice(letters))
        if chance.random() < 0.3:
            two.pop(chance.randrange(len(two)))
        pairs.append(("1" + one.strip("-"), "1" + "".join(two).strip("-")))
    return pairs


@pytest.mark.skipif(not RPM, reason="rpm is not installed")
def test_rpm_agrees_with_the_real_tool(tmp_path: Path) -> None:
    """The tool has a language of its own in which one process compares them all."""
    pairs = [(f"{e1}{a}-{a}", f"{e2}{b}-{b}") for (a, b), (e1, e2) in zip(_rpm_pairs(), _epochs(), strict=True)]
    pairs += [(f"{a}-1", f"{b}-1") for a, b in _rpm_pairs()]
    lines = "".join(f"io.write(rpm.vercmp('{a}', '{b}'), ' ')\n" for a, b in pairs)
    script = tmp_path / "compare.lua"
    script.write_text(lines)
    ran = subprocess.run(  # noqa: S603 - the tool that we compare with
        [RPM, "--eval", f"%{{lua:dofile('{script}')}}"], capture_output=True, text=True, check=True, timeout=60
    )
    told = [int(word) for word in ran.stdout.split()]
    assert len(told) == len(pairs)
    ours = [sign(rpm.key(a), rpm.key(b)) for a, b in pairs]
    assert [(pair, mine, theirs) for pair, mine, theirs in zip(pairs, ours, told, strict=True) if mine != theirs] == []


def _rpm_pairs() -> list[tuple[str, str]]:
    return drawn(RPM_LETTERS, 1, 3000)


def _epochs() -> list[tuple[str, str]]:
    chance = random.Random(2)  # noqa: S311 - test data
    return [(chance.choice(("", "0:", "1:")), chance.choice(("", "0:", "1:"))) for _ in range(3000)]


@pytest.mark.skipif(not DPKG, reason="dpkg is not installed")
def test_dpkg_agrees_with_the_real_tool() -> None:
    for one, two in drawn(DEB_LETTERS, 3, 250):
        order = sign(dpkg.key(one), dpkg.key(two))
        word = {-1: "lt", 0: "eq", 1: "gt"}[order]
        ran = subprocess.run(  # noqa: S603 - the tool that we compare with
            [DPKG, "--compare-versions", one, word, two], check=False, timeout=10, capture_output=True
        )
        assert ran.returncode == 0, (one, word, two)


@pytest.mark.parametrize(
    "row",
    [
        ("1.0", "1.0.1"),
        ("1.0~rc1", "1.0"),
        ("1.0", "1.0^git1"),
        ("1.0^git1", "1.0.1"),
        ("1.0a", "1.0.1"),
        ("a", "1"),
        ("1.9", "1.10"),
        ("2.el8", "1:1.el8"),
        ("4.18.0-553.el8_10", "4.18.0-553.5.1.el8_10"),
    ],
    ids="<".join,
)
def test_rpm_facts(row: tuple[str, str]) -> None:
    assert sign(rpm.key(row[0]), rpm.key(row[1])) == -1


@pytest.mark.parametrize(
    "row",
    [
        ("1.0~rc1-1", "1.0-1"),
        ("1.0-1", "1.0-1+deb12u1"),
        ("1.0-1", "1:0.1"),
        ("1.0-1~bpo12+1", "1.0-1"),
        ("1.0", "1.0+b1"),
        ("1.2a", "1.2+"),
        ("2.36-9+deb12u8", "2.36-9+deb12u10"),
    ],
    ids="<".join,
)
def test_dpkg_facts(row: tuple[str, str]) -> None:
    assert sign(dpkg.key(row[0]), dpkg.key(row[1])) == -1


@pytest.mark.parametrize(
    "row",
    [
        ("1.2.3_alpha", "1.2.3_beta"),
        ("1.2.3_rc1", "1.2.3"),
        ("1.2.3", "1.2.3_p1"),
        ("1.2.3-r1", "1.2.3-r2"),
        ("1.2.9", "1.2.10"),
        ("1.2.3", "1.2.3a"),
        ("1.2.3a", "1.2.3b"),
        ("1.01", "1.1"),
        ("1.0", "1.00"),
        ("1.01", "1.010"),
        ("1.2", "1.2.0"),
        ("3.0.12-r9", "3.0.12-r10"),
        ("1_rc1_p1", "1_rc2"),
        ("2.0_git20200101", "2.0_git20210101"),
    ],
    ids="<".join,
)
def test_apk_facts(row: tuple[str, str]) -> None:
    assert sign(apk.key(row[0]), apk.key(row[1])) == -1


@pytest.mark.parametrize("pair", [("1.0", "1.00"), ("1.0", "1..0"), ("1.0", "1.0."), ("01", "1"), ("1", "0:1")])
def test_rpm_holds_some_to_be_the_same(pair: tuple[str, str]) -> None:
    assert rpm.key(pair[0]) == rpm.key(pair[1])


@pytest.mark.parametrize("pair", [("1", "1-0"), ("1.0", "1.00"), ("0:1", "1"), ("1a", "1a0")])
def test_dpkg_holds_some_to_be_the_same(pair: tuple[str, str]) -> None:
    assert dpkg.key(pair[0]) == dpkg.key(pair[1])


def _is_usual(text: str) -> bool:
    """Not for comparing: a first number that begins with 0, and later ones that begin and end with it.

    In `1.00` and `1.010` the other implementation leaves out zeros at the end, as Gentoo does; apk compares all of it.
    """
    is_padded = re.match(r"0|[0-9.]*\.0[0-9]*0(?![0-9])", text)
    return is_padded is None and bool(AlpineLinuxVersion.is_valid(text))


VERSIONS = st.text(alphabet="0123ab.~^+-_", min_size=1, max_size=10)
ALPINE = st.from_regex(
    r"[0-9]{1,2}(\.[0-9]{1,3}){0,3}[a-c]?(_(alpha|rc|p|git)[0-9]{0,2}){0,2}(-r[0-9])?", fullmatch=True
)


@given(st.sampled_from([PackageKind.RPM, PackageKind.DEB]), VERSIONS, VERSIONS, VERSIONS)
def test_an_order_is_an_order(kind: PackageKind, a: str, b: str, c: str) -> None:
    one, two, three = (version_key(kind, text) for text in (a, b, c))
    assert sign(one, two) == -sign(two, one)
    if sign(one, two) <= 0 and sign(two, three) <= 0:
        assert sign(one, three) <= 0


@given(ALPINE, ALPINE)
def test_apk_is_the_same_from_both_sides(a: str, b: str) -> None:
    one, two = apk.key(a), apk.key(b)
    assert (one < two) + (two < one) + (one == two) == 1


@given(ALPINE.filter(_is_usual), ALPINE.filter(_is_usual))
def test_apk_agrees_with_another_implementation(a: str, b: str) -> None:
    """Which knows fewer versions."""
    assert sign(apk.key(a), apk.key(b)) == sign(AlpineLinuxVersion(a), AlpineLinuxVersion(b))


@given(st.sampled_from(list(PackageKind)), st.text(max_size=300))
def test_any_text_has_a_key_or_none(kind: PackageKind, text: str) -> None:
    version_key(kind, text)


@pytest.mark.parametrize("kind", list(PackageKind))
def test_every_kind_has_an_ordering(kind: PackageKind) -> None:
    assert kind in ORDERINGS
    assert version_key(kind, "1.2.3") < version_key(kind, "1.10.0")
    assert version_key(kind, "1.2.3") == version_key(kind, "1.2.3")


@pytest.mark.parametrize(
    ("kind", "text"),
    [(PackageKind.PYPI, "yesterday"), (PackageKind.APK, "1.x"), (PackageKind.DEB, "a:1"), (PackageKind.RPM, "")],
)
def test_what_is_no_version_has_no_key(kind: PackageKind, text: str) -> None:
    assert version_key(kind, text) is None
