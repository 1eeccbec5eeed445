import pytest

from nephoscope.errors import BadRequestError
from nephoscope.kit.patterns import LONGEST, checked


@pytest.mark.parametrize("pattern", [".*azure-template-mariadb", r"arn:aws:s3:::.*\/x", r"a\*b", "(a+)+$", "a|b"])
def test_what_is_accepted_is_anchored(pattern: str) -> None:
    assert checked(pattern) == rf"\A(?:{pattern})\z"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "empty"),
        ("a" * (LONGEST + 1), "characters"),
        ("a)|(b", "cannot be used"),
        ("(?=x)y", "look-around"),
        (r"(a)\1", "back-reference"),
        ("[", "cannot be used"),
        ("((a{100}){100}){100}", "a thousand repetitions"),
        (r"[\pL\pN]{900}", "too large"),
        ("*", "cannot be used"),
    ],
)
def test_what_is_refused_says_why(pattern: str, why: str) -> None:
    with pytest.raises(BadRequestError, match=why):
        checked(pattern)
