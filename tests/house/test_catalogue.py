"""The whole catalogue is asked the house questions, control by control."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.compiled import CompiledControl
from nephoscope.controls.loading import load_catalogue
from nephoscope.controls.paths import paths, tokens
from nephoscope.evaluation.judging import Found, Rules
from nephoscope.model.controls import Control, Example
from nephoscope.model.evaluations import Status, Verdict
from nephoscope.model.resources import Document
from nephoscope.resource_types.table import RESOURCE_TYPES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CATALOGUE = load_catalogue()
CONTROLS = tuple(CATALOGUE.controls.values())
IDENTITY = {"resourceId": "x", "arn": "arn:aws:x:::x", "region": "us-east-1", "accountId": "123456789012", "tags": []}
OWN_RANGES = {"AWS": range(30000, 40000), "AZURE": range(56000, 58000), "GCP": range(58000, 60000)}
PUBLIC_CIDS = frozenset(
    {1, 2, 3, 4, 5, 11, 12, 13, 18, 27, 45, 56, 286, 289, 322, 328, 350, 357}
    | {50001, 50013, 50024, 50029, 50036, 50109, 50110, 50112, 50113}
    | {52000, 52013, 52017}
)


class _Given:
    """The related documents that an example names."""

    def __init__(self, example: Example) -> None:
        self._example = example

    def of(self, control: CompiledControl, resource: Document) -> Found:
        del resource
        given = {name: [IDENTITY | row for row in rows] for name, rows in self._example.related.items()}
        return Found({name: given.get(name, []) for name in control.control.related})


def _judge(control: Control, example: Example) -> Verdict | None:
    rules = Rules([CATALOGUE.compiled(control.cid)], NOW)
    return next(iter(rules.judge(IDENTITY | example.resource, {}, _Given(example))), None)


def each(control: Control) -> str:
    return str(control.cid)


@pytest.mark.parametrize("control", CONTROLS, ids=each)
def test_every_passing_example_passes(control: Control) -> None:
    for example in control.pass_examples:
        verdict = _judge(control, example)
        assert verdict is not None, example
        assert (verdict.status, verdict.reason) == (Status.PASS, ""), example


@pytest.mark.parametrize("control", CONTROLS, ids=each)
def test_every_failing_example_fails(control: Control) -> None:
    for example in control.fail_examples:
        verdict = _judge(control, example)
        assert verdict is not None, example
        assert (verdict.status, verdict.reason) == (Status.FAIL, ""), example


@pytest.mark.parametrize("control", CONTROLS, ids=each)
def test_what_could_not_be_read_never_passes(control: Control) -> None:
    """Take the fields that the expression looks at away from a passing example, all together: no PASS may be left."""
    read = CATALOGUE.fields_of(control).get(control.resource_type, frozenset()) - set(IDENTITY)
    for example in control.pass_examples:
        bare = Example(resource={k: v for k, v in example.resource.items() if k not in read}, related=example.related)
        if not read:
            continue
        verdict = _judge(control, bare)
        assert verdict is None or verdict.status is not Status.PASS, f"passes without {sorted(read)}"


@pytest.mark.parametrize("control", CONTROLS, ids=each)
def test_fields_exist_on_the_resource_type(control: Control) -> None:
    wrong = [path for path in _all_paths(control) if not _is_declared(control, path)]
    assert not wrong


@pytest.mark.parametrize("control", CONTROLS, ids=each)
def test_examples_use_declared_fields(control: Control) -> None:
    own = {field.name for field in RESOURCE_TYPES[control.resource_type].fields} | set(IDENTITY)
    for example in (*control.pass_examples, *control.fail_examples):
        assert set(example.resource) <= own
        assert set(example.related) <= set(control.related)
        for name, rows in example.related.items():
            theirs = {field.name for field in RESOURCE_TYPES[control.related[name].type].fields} | set(IDENTITY)
            assert all(set(row) <= theirs for row in rows)


@pytest.mark.parametrize("control", CONTROLS, ids=each)
def test_has_never_guards_a_top_level_field(control: Control) -> None:
    """`has(resource.x)` would turn a field that could not be read into an answer."""
    stream = [token.text for text in (control.passes, control.applies) for token in tokens(text)]
    guarded = [stream[at + 2] for at, text in enumerate(stream) if text == "has"]
    assert not [path for path in guarded if path.startswith("resource.") and path.count(".") == 1]


@pytest.mark.parametrize("control", CONTROLS, ids=each)
def test_it_has_its_place(control: Control) -> None:
    assert control.cid in PUBLIC_CIDS or control.cid in OWN_RANGES[control.provider]
    assert CATALOGUE.policy_names(control.cid)
    frameworks = {policy.framework for policy in CATALOGUE.policies}
    titles = {policy.title for policy in CATALOGUE.policies}
    assert set(control.benchmarks) <= frameworks
    assert set(control.policies) <= titles
    assert all(re.fullmatch(r"\d+(\.\d+)+", number) for number in control.benchmarks.values())


@pytest.mark.parametrize("control", CONTROLS, ids=each)
def test_its_texts_teach(control: Control) -> None:
    assert len(control.description) > 40
    assert len(control.rationale) > 40
    assert len(control.remediation) > 60
    assert control.pass_message != control.fail_message
    assert all(reference.startswith("https://") for reference in control.references)
    assert not re.search(r"CIS reference|TODO|Lorem", control.description + control.rationale + control.remediation)


def test_no_two_controls_share_a_text() -> None:
    seen: dict[str, list[int]] = defaultdict(list)
    for control in CONTROLS:
        seen[control.description].append(control.cid)
    assert not {text: cids for text, cids in seen.items() if len(cids) > 1}


def _all_paths(control: Control) -> Iterator[str]:
    yield from (path for path in paths(control.passes) | paths(control.applies) if "." in path)
    yield from (path if path.startswith("related.") else f"resource.{path}" for path in control.evidence)


def _is_declared(control: Control, path: str) -> bool:
    root, _, rest = path.partition(".")
    if root == "params":
        return rest in {row.name for row in control.parameters}
    type_name = control.resource_type
    if root == "related":
        name, _, rest = rest.partition(".")
        if name not in control.related:
            return False
        type_name = control.related[name].type
    top, _, below = rest.partition(".")
    if top in ("", "*") or top in IDENTITY:
        return True
    field = RESOURCE_TYPES[type_name].field(top)
    return field is not None and (not below or not field.inside or below in field.inside)


def test_selecting_a_benchmark_keeps_its_controls_only() -> None:
    chosen: Catalogue = CATALOGUE.select(["cis aws 3.0"])
    assert chosen.controls
    assert all("CIS AWS 3.0" in control.benchmarks for control in chosen.controls.values())
