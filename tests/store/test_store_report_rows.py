"""The rows of a report equal the evaluations list, filtered the same way at the same moment: on both databases, for
random accounts, exceptions, tags, scopes and requests."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, event, given, settings

from apiworld import control
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import BadRequestError
from nephoscope.evaluation.facts import ControlFacts
from nephoscope.kit.ids import stable_uuid, tag_uuid
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Criticality, Policy
from nephoscope.model.evaluations import EvaluationRow
from nephoscope.model.providers import Provider
from nephoscope.model.reports import SHOWN_RESULTS, ReportRequest
from nephoscope.policies.book import PolicyBook, shipped
from nephoscope.qql.binder import bind
from nephoscope.qql.parser import parse
from nephoscope.qql.tokens import EVALUATION_TOKENS
from nephoscope.reports.bodies import Draft
from nephoscope.reports.content import Content, ResultRow
from nephoscope.reports.resolving import resolved
from nephoscope.store import evaluations, tags
from nephoscope.store.evaluating import evaluation_walks
from nephoscope.store.session import Reader, open_store
from store.store_world import EVERYTHING, START, any_of, between, hours
from store.test_store_exceptions_model import ACCOUNTS, LABELS, SCOPES, Judge, Step, World, _forget, moments, steps
from store.test_store_reports import asked

_POLICY = Policy("A policy", Provider.AWS, "1.0.0", START)
CATALOGUE = Catalogue(
    [
        control(1, "BUCKET", "true", criticality=Criticality.LOW, policies=("A policy",)),
        control(2, "EC2_INSTANCE", "true", policies=("A policy",)),
        control(3, "EC2_INSTANCE", "true", criticality=Criticality.MEDIUM),
    ],
    [_POLICY],
)
FACTS = ControlFacts(CATALOGUE, PolicyBook(shipped(CATALOGUE.controls, [_POLICY])))
QUERIES = (
    "",
    "",
    "control.criticality:HIGH",
    "result:FAIL",
    "result:[PASS, PASSE]",
    "region:eu-west-1 or cid:1",
    "not resource.id:i",
    'control.name:"number 2" or result:PASSE',
    "resource.type:BUCKET and not result:PASS",
    "tag.name:red",
    "account.id:111111111111",
    "not (result:PASS or region:global)",
    "evaluatedOn:[2026-01-01T00:30:00Z..2026-01-02]",
    "policy.name:policy and (region:us-east-1 or result:FAIL)",
)
requests = st.builds(
    ReportRequest,
    name=st.just("weekly"),
    provider=st.just(Provider.AWS),
    query=st.sampled_from(QUERIES),
    since=st.sampled_from([None, None, START, hours(1)]),
    until=st.sampled_from([None, None, START, hours(2)]),
    policy_ids=st.sampled_from([(), (), (stable_uuid("policy", "A policy"),)]),
    tag_ids=st.sampled_from([(), (), *((tag_uuid(label.lower()),) for label in LABELS)]),
    results=st.sampled_from([(), (), *((result,) for result in SHOWN_RESULTS)]),
)


dense = st.builds(
    Judge,
    st.fixed_dictionaries(
        {
            (account, name, cid): st.sampled_from(["PASS", "FAIL", "FAIL", "unread"])
            for account in ACCOUNTS
            for name in SCOPES
            for cid in ((1,) if name == "b" else (2, 3))
        }
    ),
)
"""Something about every resource."""


def _sensible(judge: Judge) -> Judge:
    """Controls judge resources of their own type alone."""
    return Judge({key: word for key, word in judge.words.items() if (key[2] == 1) == (key[1] == "b")})


def _listed(reader: Reader, world: World, request: ReportRequest, owners: Sequence[Connector]) -> list[EvaluationRow]:
    """What the evaluations list has, with the request's fields as filters."""
    of_control, rest = FACTS.split(bind(parse(request.query), EVALUATION_TOKENS, reader.at))
    chosen = set(FACTS.select(Provider.AWS, of_control))
    if request.policy_ids:
        chosen &= {1, 2}
    bound = [*rest, any_of("status", *(request.results or SHOWN_RESULTS))]
    if request.since or request.until:
        bound.append(between("evaluated_on", request.since, request.until))
    wanted = {label.lower() for label in LABELS if tag_uuid(label.lower()) in request.tag_ids}
    return [
        row
        for owner in owners
        for row in evaluations.page(reader, owner.key, None, tuple(bound), EVERYTHING).rows
        if row.cid in chosen and (not wanted or _wears(world, owner, row.resource.resource_id, wanted))
    ]


def _wears(world: World, owner: Connector, name: str, wanted: set[str]) -> bool:
    account = owner.account_id
    return any(
        (account, name, label) in world.model.worn or (account, label) in world.model.connector_tags for label in wanted
    )


def _facts(row: ResultRow | EvaluationRow) -> tuple[Any, ...]:
    cid = row.cid if isinstance(row, EvaluationRow) else row.control.cid
    return row.resource.uuid, cid, row.status, row.dates


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    history=st.lists(steps, max_size=8),
    first=dense,
    look=st.tuples(moments, st.sampled_from([1, 2, 1_000])),
    wanted=st.lists(st.tuples(requests, st.sampled_from([(), (), (0,), (1,), (0, 1)])), min_size=3, max_size=6),
)
def test_the_rows_of_a_report_are_those_of_the_list(
    url: str,
    history: list[Step],
    first: Judge,
    look: tuple[datetime, int],
    wanted: list[tuple[ReportRequest, tuple[int, ...]]],
) -> None:
    when, window = look
    with closing(open_store(url)) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation_walks, "WINDOW", window)
        _forget(store)
        world = World(store)
        world.take(first)
        for step in history:
            world.take(_sensible(step) if isinstance(step, Judge) else step)
        with store.write() as writer:
            tags.ensure(writer, LABELS)
        report = asked(store)
        every = [account.connector for account in world.accounts.values()]
        with store.read(at=when) as reader:
            for request, chosen in wanted:
                owners = [every[position] for position in chosen]
                request = _named(request, owners)  # noqa: PLW2901 - the same, with the uuids of this example
                rows = _listed(reader, world, request, owners or every)
                try:
                    selection = resolved(reader, FACTS, Draft(request, ()), when)
                except BadRequestError:
                    event("refused")
                    assert rows == []
                    continue
                content = Content(reader, FACTS, report, selection)
                found = [_facts(row) for row in content.rows()]
                event("some rows" if rows else "no rows")
                assert found == [_facts(row) for row in rows]
                assert content.listed == len(rows)
                if not request.results:
                    total = content.total
                    assert total.passed + total.failed + total.excepted == len(rows)


def _named(request: ReportRequest, owners: Sequence[Connector]) -> ReportRequest:
    return msgspec.structs.replace(request, connector_ids=tuple(owner.uuid for owner in owners))
