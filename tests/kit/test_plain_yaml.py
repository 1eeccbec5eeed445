"""YAML of strangers is read, or said to be wrong in one line; never unfolded, never a crash."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.kit.plain_yaml import read_yaml

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))
DOCUMENTS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner))
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
)


@given(DOCUMENTS)
def test_what_is_written_plainly_is_read(document: object) -> None:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return data is not self

    assert read_yaml(yaml.dump(document, Dumper=Plain)) == document


@given(st.binary(max_size=64))
def test_anything_else_is_one_line(content: bytes) -> None:
    said = ""
    try:
        read_yaml(content)
    except ValueError as error:
        said = str(error)
    assert "\n" not in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LAUGHS, r"line 2: aliases \(\*a\)"),
        ("a: &a [*a]", "line 1: aliases"),
        ("[" * 65 + "]" * 65, "more than 64 levels deep"),
        ("day: 2026-13-45", "month"),
        (f"number: {'9' * 5000}", "digits"),
        ("a: [", "line 2|line 1"),
        ("a: 1\n---\nb: 2", "single document"),
    ],
)
def test_what_is_wrong_is_said(content: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        read_yaml(content)
    assert re.search(r"[\n\r]", str(caught.value)) is None
