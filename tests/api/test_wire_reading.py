from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.api.wire.listing import Listing, listing, parameters
from nephoscope.api.wire.reading import Reading, decode_json, identifiers
from nephoscope.api.wire.texts import html, links
from nephoscope.errors import BadRequestError, NephoscopeError

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def tried(read: Callable[[], Any]) -> Any:
    """What was read, or the refusal. Anything else is a defect and flies on."""
    try:
        return read()
    except NephoscopeError as refusal:
        return refusal


@given(st.binary(max_size=200))
def test_any_query_string_is_read_or_refused(query: bytes) -> None:
    try:
        named = parameters(query)
    except BadRequestError:
        return
    assert all(name == name.lower() for name in named)
    assert all(named.values())


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_any_page_request_is_read_or_refused(page: str, size: str, sort: str) -> None:
    named = {"pageno": page, "pagesize": size, "sort": sort}
    asked = tried(lambda: listing(named, 50, 1000))
    if isinstance(asked, BadRequestError):
        assert asked.problems
    else:
        assert asked.page >= 0
        assert 1 <= asked.size <= 1000


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        (b"", Listing(0, 50, "", None, "")),
        (b"pageNo=&pageSize=&filter=&sort=", Listing(0, 50, "", None, "")),
        (b"PAGENO=3&pagesize=7", Listing(3, 7, "", None, "")),
        (b"pageSize=5000", Listing(0, 1000, "", None, "")),
        (b"pageNo=1&pageNo=2", Listing(1, 50, "", None, "")),
        (b"pageNo=%201%20", Listing(1, 50, "", None, "")),
        (b"filter=a%3Ab+and%20c:d", Listing(0, 50, "a:b and c:d", None, "")),
        (b"sort=a.b", Listing(0, 50, "", ("a.b", False), "")),
        (b"sort=a:ASC", Listing(0, 50, "", ("a", False), "")),
        (b"sort=a:Desc", Listing(0, 50, "", ("a", True), "")),
        (b"updated=[now-30d..now]", Listing(0, 50, "", None, "[now-30d..now]")),
        ("filter=größe".encode(), Listing(0, 50, "größe", None, "")),
    ],
)
def test_list_parameters_are_read(query: bytes, asked: Listing) -> None:
    assert listing(parameters(query), 50, 1000) == asked


@given(st.binary(max_size=100), st.text(max_size=60))
def test_any_body_is_read_or_refused(body: bytes, content_type: str) -> None:
    found = tried(lambda: decode_json(body, content_type))
    assert not isinstance(found, NephoscopeError) or found.message


@given(st.dictionaries(st.sampled_from(["name", "NAME", "flag", "count", "list", "inner"]), ANY_JSON))
def test_any_object_is_read_field_by_field(body: dict[str, Any]) -> None:
    reading = Reading(body)
    answers = (
        reading.text("name"),
        reading.text("name", digits=True),
        reading.flag("flag"),
        reading.number("count"),
        reading.texts("list"),
    )
    inner = reading.inner("inner")
    if inner is not None:
        inner.number("deep")
    assert isinstance(answers[0], str | None)
    assert isinstance(answers[2], bool | None)
    assert all(": " in problem for problem in reading.problems)


@given(ANY_JSON)
def test_any_list_of_ids_is_read_or_refused(value: Any) -> None:
    found = tried(lambda: identifiers(value, "ids"))
    assert found.message if isinstance(found, BadRequestError) else found


def test_ids_are_read_without_repetition() -> None:
    one, two = UUID(int=1), UUID(int=2)
    texts = [str(one), str(two), str(one).upper(), one.hex]
    assert identifiers(texts, "ids") == identifiers({"IDS": texts}, "ids") == (one, two)


def test_html_in_the_source_comes_out_as_text() -> None:
    assert "<script" not in html("a <script>alert(1)</script> b")
    assert "javascript:" not in html("[x](javascript:alert(1))").replace("[x](javascript:alert(1))", "")
    assert links(('https://x/"><b>', "see above")) == (
        '<ul><li><a href="https://x/&quot;&gt;&lt;b&gt;">https://x/&quot;&gt;&lt;b&gt;</a></li><li>see above</li></ul>'
    )
    assert links(()) == ""


def test_json_of_the_house_survives_its_own_reader() -> None:
    assert decode_json(msgspec.json.encode({"a": [1]}), "application/json") == {"a": [1]}
