import pytest

from nephoscope.controls.paths import paths


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resource.a.b == 'x.y'", {"resource.a.b"}),
        ("resource.rules.exists(r, r.port == 22)", {"resource.rules", "resource.rules.port"}),
        ("size(resource.list) > 0 && resource.flag", {"resource.list", "resource.flag"}),
        ("grantsPublic(resource.policy)", {"resource.policy"}),
        ("covers(related.filters)", {"related.filters.*"}),
        (
            "related.t.all(t, t.x.exists(q, q.y == resource.id))",
            {"related.t", "related.t.x", "related.t.x.y", "resource.id"},
        ),
        ("related.t.filter(t, t.a).exists(u, u.b)", {"related.t", "related.t.a", "related.t.b"}),
        ("resource.l.filter(k, k.n > 1).size() > 0", {"resource.l", "resource.l.n"}),
        ("now - timestamp(resource.at) > duration('1h')", {"now", "resource.at"}),
        ("resource.name.startsWith('a') || params.max > 1", {"resource.name", "params.max"}),
        ("resource.m['resource.z'] == 1", {"resource.m"}),
        ("has(resource.a.b) ? resource.c : true", {"resource.a.b", "resource.c"}),
        (
            "(resource.a || (resource.b)) && ['x', resource.d].exists(v, v == 'x')",
            {"resource.a", "resource.b", "resource.d"},
        ),
    ],
)
def test_what_an_expression_reads(text: str, expected: set[str]) -> None:
    assert paths(text) == expected
