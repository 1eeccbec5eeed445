from datetime import UTC, datetime
from typing import Any

import pytest

from nephoscope.controls.expressions import GAVE_UP, Activation, Expression
from nephoscope.errors import CatalogueError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ask(text: str, resource: dict[str, Any], **more: Any) -> bool | str:
    return Expression(text).evaluate(Activation(resource, NOW, more.get("related", {}), more.get("params", {})))


def test_answers() -> None:
    assert ask("resource.a == 'x'", {"a": "x"}) is True
    assert ask("resource.a == 'x'", {"a": None}) is False
    assert ask("now - timestamp(resource.t) > duration('2160h')", {"t": "2025-01-01T00:00:00Z"}) is True
    assert ask("resource.n <= params.most", {"n": 14}, params={"most": 14}) is True
    assert ask("related.t.exists(t, t.id == resource.id)", {"id": 1}, related={"t": [{"id": 1}]}) is True


@pytest.mark.parametrize(
    ("text", "resource", "why"),
    [
        ("resource.gone == 1", {}, "Key not found"),
        ("resource.n > 5", {"n": None}, "overload"),
        ("resource.n", {"n": 5}, "int"),
        ("resource.l.exists(x, x == -1)", {"l": list(range(20_000))}, GAVE_UP),
    ],
)
def test_what_has_no_answer_says_why(text: str, resource: dict[str, Any], why: str) -> None:
    answer = ask(text, resource)
    assert isinstance(answer, str)
    assert why in answer


@pytest.mark.parametrize("text", ["resource.(", "unknownName == 1", "nothing(resource.a)"])
def test_what_is_not_cel_does_not_compile(text: str) -> None:
    with pytest.raises(CatalogueError):
        Expression(text)
