"""The whole pack is asked the house questions, rule by rule."""

import re
from collections import Counter
from pathlib import Path

import pytest

from nephoscope.errors import CatalogueError
from nephoscope.model.secrets import SecretSeverity
from nephoscope.secrets.loading import checked, load_rules, pack_files, rows_of
from nephoscope.secrets.local import files_below
from nephoscope.secrets.rules import REACH, Rule
from nephoscope.secrets.sampling import sample
from nephoscope.secrets.searching import Limits, Searcher
from secret_world import KEY, now, rules_in

RULES = load_rules()
SEEDS = range(3)
CATEGORIES = frozenset(
    (
        "ai",
        "chat",
        "ci",
        "cloud",
        "databases",
        "files",
        "hosting",
        "keys",
        "mail",
        "monitoring",
        "payment",
        "registries",
    )
) | {"services"}
ROOT = Path(__file__).parents[2]
SPACE = re.compile(rb"\s+")


def each(rule: Rule) -> str:
    return rule.row.id


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_every_hit_hits(rule: Rule) -> None:
    for template in rule.row.hits:
        for seed in SEEDS:
            assert rule.row.id in rules_in(sample(template, seed), rule.row.at), template


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_no_near_miss_hits(rule: Rule) -> None:
    for template in rule.row.misses:
        for seed in SEEDS:
            assert rule.row.id not in rules_in(sample(template, seed), rule.row.at), template


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_a_hit_in_the_middle_of_a_file_is_the_same_hit(rule: Rule) -> None:
    """Many rules lean on the beginning or the end of what they are shown: neither may stand in for a line's."""
    if any("^(?P<secret>" in pattern for pattern in (rule.row.confirm, rule.row.confirm.removeprefix("(?s)"))):
        return  # files that are the secret
    template = rule.row.hits[0]
    content = b"first line\n" * 200 + sample(template) + b"\nlast line" * 200
    assert rule.row.id in rules_in(content, rule.row.at)


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_both_engines_read_the_pattern_alike(rule: Rule) -> None:
    """RE2 confirms, in linear time. Python's own engine is the second opinion on what the pattern means."""
    second = re.compile(rule.pattern.replace(rb"$|", rb"\Z|"))
    for template in (*rule.row.hits, *rule.row.misses):
        content, spans, at = sample(template)[: rule.row.reach], [], 0
        while found := second.search(content, at):
            spans.append((*found.span(), *found.span("secret")))
            at = found.end("secret")
        assert rule.matches(content) == spans, template


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_hostile_files_end_at_the_budget(rule: Rule) -> None:
    """The worst for a rule is its own beginning, over and over. Work is places times reach, and places are counted."""
    limits = Limits(places=200)
    hostile = Searcher(KEY, now, rules=(rule,), limits=limits)
    head = SPACE.sub(b" ", sample(rule.row.hits[0]))[:40]
    for content in (head * 3000, head[:12] * 9000, b"=" * 100_000, b"a" * 100_000):
        searched = hostile.search_chunks(rule.row.at, [content])
        assert not searched.cut or "places" in searched.cut
    assert rule.row.reach <= max(REACH, 16_384)


def test_the_pack_is_large_and_even() -> None:
    assert len(RULES) >= 150
    categories = Counter(file.name for file in pack_files() for _ in rows_of(file))
    assert set(categories) == {f"{name}.yaml" for name in CATEGORIES}
    assert min(categories.values()) >= 10
    assert {rule.row.severity for rule in RULES} == set(SecretSeverity)


def test_no_two_rules_look_for_the_same() -> None:
    seen = Counter((rule.pattern, rule.row.paths, rule.row.check) for rule in RULES)
    assert not [pattern for pattern, times in seen.items() if times > 1]


def test_a_rule_costs_no_more_than_fifteen_lines() -> None:
    for file in pack_files():
        for text in re.split(r"(?m)^- ", file.read_text("utf-8"))[1:]:
            assert len(text.splitlines()) <= 15, text.splitlines()[0]


@pytest.mark.parametrize("folder", ["src", "docs", "tests/secrets"])
def test_nothing_in_the_tree_is_a_secret(folder: str) -> None:
    """The rules and their examples themselves, as they lie here."""
    for path in files_below([ROOT / folder]):
        assert isinstance(path, Path)
        assert not rules_in(path.read_bytes(), str(path)), path


WHOLE = {
    "id": "a-rule",
    "title": "A rule",
    "type": "A_RULE",
    "severity": "LOW",
    "token": "abc_[0-9]{20}",
    "hits": ["abc_<digits:20>", "x=abc_<digits:20>"],
    "misses": ["abc_<digits:10>", "abd_<digits:20>"],
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "Rule"}, "id is lower-case"),
        ({"type": "a rule"}, "type is upper-case"),
        ({"title": ""}, "title is empty"),
        ({"token": ""}, "say it with one of"),
        ({"names": "abc", "value": "[0-9]{20}"}, "say it with one of"),
        ({"check": "nonsense"}, "there is no check nonsense"),
        ({"reach": 1_000_000}, "reach is 1 to"),
        ({"hits": ["abc_<digits:20>"]}, "hits has fewer than 2"),
        ({"misses": []}, "misses has fewer than 2"),
        ({"severity": "HUGE"}, "Invalid enum value"),
        ({"entrophy": 3}, "unknown field"),
    ],
)
def test_half_written_rules_do_not_load(change: dict[str, object], said: str) -> None:
    with pytest.raises(CatalogueError, match=said) as raised:
        checked(WHOLE | change, "x.yaml")
    assert raised.value.message.startswith("x.yaml: secret rule ")


@pytest.mark.parametrize("token", ["abc_[0-9]{2000}", r"(abc)\1", "abc_(?=x)", "abc_["])
def test_patterns_that_are_not_linear_do_not_load(token: str) -> None:
    with pytest.raises(CatalogueError, match="secret rule a-rule"):
        Rule(checked(WHOLE | {"token": token}, "x.yaml"))


def test_a_pattern_without_a_secret_does_not_load() -> None:
    row = checked(WHOLE | {"token": "", "prefilter": ["abc"], "confirm": "abc"}, "x.yaml")
    with pytest.raises(CatalogueError, match="no group named secret"):
        Rule(row)
