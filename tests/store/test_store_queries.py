"""SQL and Python give one answer: random filters over the same rows, on both databases."""

import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nephoscope.model.connectors import Connector
from nephoscope.qql.bound import Condition, Either, Every, Inside, Negated, Node, Operator
from nephoscope.qql.matching import matches
from nephoscope.store import connectors, evaluations, resources
from nephoscope.store.session import Store
from store.store_world import BUCKETS, EVERYTHING, FAR_INSTANCES, INSTANCES, START, Account, hours, observed

WORDS = ("alpha", "Beta", "be", "50%", "a_b", "aXb", "Ärger", "ÄRGER", "back\\slash", "", "eu-west-1", "us-east-1")
texts = st.sampled_from(WORDS) | st.text(string.ascii_letters + "%_\\äÄ", max_size=3)
numbers = st.integers(-2, 6) | st.sampled_from((1.5, 2**70, -(2**70)))
moments = st.integers(-5, 5).map(hours)


def _condition(field: str, values: st.SearchStrategy[Any], *operators: Operator) -> st.SearchStrategy[Node]:
    several = st.lists(values, min_size=1, max_size=2).map(tuple)
    ends = st.tuples(st.none() | values, st.none() | values)
    choices = {
        Operator.BETWEEN: ends,
        Operator.IS_NULL: st.just(()),
        Operator.ANY_OF: several,
    }
    one = values.map(lambda value: (value,))
    return st.sampled_from(operators).flatmap(
        lambda operator: st.builds(Condition, st.just(field), st.just(operator), choices.get(operator, one))
    )


TEXT = (Operator.EQUALS, Operator.CONTAINS, Operator.PREFIX, Operator.SUFFIX, Operator.ANY_OF, Operator.IS_NULL)
ORDERED = (Operator.EQUALS, Operator.ANY_OF, Operator.BETWEEN, Operator.ABOVE, Operator.BELOW, Operator.IS_NULL)


def _trees(leaves: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[Node, ...]]:
    def grown(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(children, max_size=3).map(tuple)
        return st.builds(Negated, children) | st.builds(Every, several) | st.builds(Either, several)

    return st.lists(st.recursive(leaves, grown, max_leaves=6), max_size=2).map(tuple)


@pytest.fixture
def account(store: Store) -> Account:
    made = Account(store)
    for scope, at in ((BUCKETS, START), (INSTANCES, hours(2)), (FAR_INSTANCES, hours(-3))):
        rows = [
            observed(
                f"{scope.region}-{word}-{number}",
                {"team": word, "stage": "prod"} if number else {},
                size=number,
                owner=word if number else None,
                rules=[{"port": number, "cidr": word}, {"port": 3, "cidr": "alpha"}],
            )
            for number, word in enumerate(WORDS[:4] if scope != INSTANCES else WORDS)
        ]
        made.record(scope, *rows, at=at)
    verdicts = {
        name: {cid: ("PASS", "FAIL", "why")[(place + cid) % 3] for cid in range(1, 1 + place % 4)}
        for place, name in enumerate(sorted(made.keys()))
    }
    made.judge(verdicts, at=hours(1))
    return made


_settings = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_evaluations = _trees(
    _condition("cid", numbers, *ORDERED)
    | _condition("status", st.sampled_from(("PASS", "fail", "UNKNOWN", "x")), *TEXT)
    | _condition("region", texts, *TEXT)
    | _condition("resource_type", st.sampled_from(("BUCKET", "ec2_instance", "x")), *TEXT)
    | _condition("resource_id", texts, *TEXT)
    | _condition("account_id", st.sampled_from(("123456789012", "1")), *TEXT)
    | _condition("evaluated_on", moments, *ORDERED)
)


@_settings
@given(bound=_evaluations)
def test_evaluations_agree(account: Account, bound: tuple[Node, ...]) -> None:
    with account.store.read() as reader:
        every = evaluations.page(reader, account.key, None, (), EVERYTHING).rows
        found = evaluations.page(reader, account.key, None, bound, EVERYTHING)
    types = _types(account)
    expected = [
        row
        for row in every
        if matches(
            bound,
            {
                "cid": row.cid,
                "status": row.status.value,
                "region": row.resource.region,
                "resource_type": types[row.resource.scope_key],
                "resource_id": row.resource.resource_id,
                "account_id": account.connector.account_id,
                "evaluated_on": row.dates.last_evaluated,
            },
        )
    ]
    assert list(found.rows) == expected
    assert found.total == len(expected)


_resources = _trees(
    _condition("resource_id", texts, *TEXT)
    | _condition("name", texts, *TEXT)
    | _condition("region", texts, *TEXT)
    | _condition("updated_on", moments, *ORDERED)
    | _condition("size", numbers, *ORDERED)
    | _condition("owner", texts, *TEXT)
    | _condition("tag", st.sampled_from(("team", "team=alpha", "TEAM=beta", "stage=prod", "x")), *TEXT)
    | st.builds(
        Inside,
        st.just("rules"),
        st.builds(
            lambda port, cidr: Every(
                (Condition("port", Operator.EQUALS, (port,)), Condition("cidr", Operator.PREFIX, (cidr,)))
            ),
            st.integers(0, 4),
            texts,
        ),
    )
)


@_settings
@given(bound=_resources)
def test_resources_agree(account: Account, bound: tuple[Node, ...]) -> None:
    provider = account.connector.provider
    with account.store.read() as reader:
        every = resources.page(reader, provider, "EC2_INSTANCE", (), EVERYTHING).rows
        stored = resources.documents(reader, [row.key for row in every])
        found = resources.page(reader, provider, "EC2_INSTANCE", bound, EVERYTHING)
    expected = [
        row
        for row in every
        if matches(
            bound,
            stored[row.key].document
            | {
                "resource_id": row.resource_id,
                "name": row.name,
                "region": row.region,
                "updated_on": row.updated_on,
                "tag": [text for tag in stored[row.key].tags for text in (tag.key, f"{tag.key}={tag.value}")],
            },
        )
    ]
    assert list(found.rows) == expected
    assert found.total == len(expected)


_connectors = _trees(
    _condition("name", texts, *TEXT)
    | _condition("description", texts, *TEXT)
    | _condition("last_synced_on", moments, *ORDERED)
)


@_settings
@given(bound=_connectors)
def test_connectors_agree(account: Account, bound: tuple[Node, ...]) -> None:
    with account.store.read() as reader:
        every: tuple[Connector, ...] = connectors.page(reader, None, (), EVERYTHING).rows
        found = connectors.page(reader, None, bound, EVERYTHING)
    expected = [
        row
        for row in every
        if matches(bound, {"name": row.name, "description": row.description, "last_synced_on": row.last_synced_on})
    ]
    assert list(found.rows) == expected


def _types(account: Account) -> dict[int, str]:
    """By key of the scope."""
    with account.store.read() as reader:
        return {
            row.scope_key: name
            for name in ("BUCKET", "EC2_INSTANCE")
            for row in resources.candidates(reader, account.key, name)
        }
