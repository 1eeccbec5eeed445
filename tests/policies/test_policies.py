"""Policies that people make: what may be, what is refused, and that every process sees them at once."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from apiworld import catalogue
from fresh_stores import migrated_file
from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.providers import Provider
from nephoscope.policies.policies import Draft, Policies, draft_of
from nephoscope.store.session import Store, open_store
from worlds import FakeClock

SHIPPED = 2
CATALOGUE = catalogue()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return migrated_file(tmp_path / "policies.db")


@pytest.fixture
def store(url: str, clock: FakeClock) -> Iterator[Store]:
    with closing(open_store(url, clock)) as opened:
        yield opened


@pytest.fixture
def policies(store: Store, clock: FakeClock) -> Policies:
    return opened(store, clock)


def opened(store: Store, clock: FakeClock) -> Policies:
    return Policies(store, clock, CATALOGUE.controls, CATALOGUE.policies)


def draft(title: str = "Payments", *cids: int) -> Draft:
    return Draft(title=title, provider=Provider.AWS, control_ids=cids or (322, 1))


def test_shipped_policies_have_the_controls_that_name_them(policies: Policies) -> None:
    bench, plain = policies.book().policies
    assert bench.control_ids == (1, 2, 45, 46, 322)
    assert plain.control_ids == (322,)
    assert (bench.created_by, bench.is_own, bench.framework) == ("SYSTEM", False, "CIS AWS 3.0")
    assert policies.book().names_of(322) == (bench.title, plain.title)
    assert policies.book().names_of(1) == (bench.title,)
    assert policies.book().names_of(999) == ()


def test_what_a_person_makes_stands_behind_what_is_shipped(policies: Policies, clock: FakeClock) -> None:
    made = policies.create(draft(), "ann")
    assert (made.version, made.created_by, made.is_own, made.control_ids) == ("1.0", "ann", True, (1, 322))
    assert made.created_on == clock().replace(microsecond=0)
    assert policies.list(PageRequest(0, 10)).rows[SHIPPED:] == (made,)
    assert policies.list(PageRequest(1, 2)).rows == (made,)
    assert policies.get(made.uuid) == made
    assert policies.get(made.uuid).control_ids == (1, 322)
    assert policies.book().names_of(1)[-1] == "Payments"
    assert policies.find("PAYMENTS") == policies.find(str(made.uuid)) == made
    assert policies.find("cis aws 3.0").framework == "CIS AWS 3.0"


def test_a_change_makes_the_next_version_and_nothing_changed_makes_none(policies: Policies, clock: FakeClock) -> None:
    made = policies.create(draft(), "ann")
    clock.forward(hours=1)
    changed = policies.change(made.uuid, Draft(control_ids=(2,)), "bob")
    assert (changed.version, changed.modified_by, changed.created_by) == ("2.0", "bob", "ann")
    assert (changed.title, changed.control_ids) == ("Payments", (2,))
    assert changed.modified_on > changed.created_on
    assert policies.change(made.uuid, Draft(title="Payments", control_ids=(2, 2)), "eve") == changed
    assert policies.book().names_of(322)[-1] != "Payments"
    assert policies.change(made.uuid, Draft(title="PAYMENTS"), "eve").title == "PAYMENTS"


def test_what_is_deleted_counts_no_longer(policies: Policies) -> None:
    made = policies.create(draft())
    policies.delete(made.uuid)
    assert len(policies.book().policies) == SHIPPED
    with pytest.raises(NotFoundError):
        policies.get(made.uuid)
    with pytest.raises(NotFoundError):
        policies.delete(made.uuid)
    with pytest.raises(NotFoundError):
        policies.find("Payments")


def test_every_process_sees_a_change_at_once(url: str, policies: Policies, clock: FakeClock) -> None:
    with closing(open_store(url, clock)) as elsewhere:
        other = opened(elsewhere, clock)
        assert other.book().names_of(1) == policies.book().names_of(1)
        made = policies.create(draft())
        assert other.book().names_of(1)[-1] == "Payments"
        other.change(made.uuid, Draft(control_ids=(46,)))
        assert policies.get(made.uuid).control_ids == (46,)
        other.delete(made.uuid)
        assert policies.book().own == ()
    assert policies.book() is policies.book()


def test_every_decision_is_on_record(store: Store, policies: Policies) -> None:
    made = policies.create(draft(), "ann")
    policies.change(made.uuid, Draft(control_ids=(2,)), "bob")
    policies.change(made.uuid, Draft(), "eve")
    policies.delete(made.uuid, "cleo")
    with store.read() as reader:
        entries = [(row.who, row.action, row.detail["version"]) for row in trail.entries(reader)]
    assert entries == [
        ("ann", "policy.create", "1.0"),
        ("bob", "policy.change", "2.0"),
        ("cleo", "policy.delete", "2.0"),
    ]


@pytest.mark.parametrize("change", [Draft(control_ids=(1,)), Draft(title="Mine")])
def test_what_is_shipped_stays_as_it_is(policies: Policies, change: Draft) -> None:
    shipped = policies.book().policies[0]
    with pytest.raises(ConflictError, match="stays as it is"):
        policies.change(shipped.uuid, change)
    with pytest.raises(ConflictError, match="stays as it is"):
        policies.delete(shipped.uuid)
    with pytest.raises(NotFoundError):
        policies.change(uuid4(), change)


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        (
            {},
            [
                "title: missing",
                "controlIds: at least one control is needed",
                "cloudType: one of AWS, AZURE, GCP is expected",
            ],
        ),
        (
            {"title": 7, "cloudType": "IBM", "description": [], "controlIds": "x"},
            [
                "title: a text is expected",
                "cloudType: 'IBM' is none of AWS, AZURE, GCP",
                "description: a text is expected",
                "controlIds: a list of whole numbers is expected; 'x'",
            ],
        ),
        (
            {"title": "cis aws 3.0", "cloudType": "aws", "controlIds": [1, 5, 6]},
            [
                "title: 'cis aws 3.0' is taken by the policy 'CIS Amazon Web Services Foundations Benchmark'",
                "controlIds: there is no control 5, 6",
            ],
        ),
        ({"title": "A", "cloudType": "GCP", "controlIds": [1]}, ["controlIds: not controls of GCP: 1 (AWS)"]),
        (
            {"title": "A\nB", "cloudType": "AWS", "controlIds": [1]},
            ["title: a line of at most 200 characters is expected"],
        ),
        ({"title": "A", "cloudType": "AWS", "controlIds": {}}, ["controlIds: a list of whole numbers is expected"]),
        (
            {"title": "A", "cloudType": "AWS", "controlIds": [True]},
            ["controlIds: a list of whole numbers is expected; 'True'"],
        ),
        (
            {"title": "A", "cloudType": "AWS", "controlIds": [1], "description": "x" * 4001},
            ["description: 4001 characters; 4000 are allowed"],
        ),
        (
            {"title": "A", "cloudType": "AWS", "controlIds": list(range(1, 5002))},
            ["controlIds: 5,001 controls; 5,000 are allowed"],
        ),
    ],
)
def test_everything_that_is_wrong_is_said_at_once(
    policies: Policies, said: dict[str, object], problems: list[str]
) -> None:
    with pytest.raises(BadRequestError) as refused:
        policies.create(draft_of(said))
    assert list(refused.value.problems) == problems


def test_titles_are_taken_in_any_case(policies: Policies) -> None:
    policies.create(draft("Payments"))
    with pytest.raises(BadRequestError, match="taken"):
        policies.create(draft("payments"))
    other = policies.create(draft("Others"))
    with pytest.raises(BadRequestError, match="taken"):
        policies.change(other.uuid, Draft(title="PAYMENTS"))
    with pytest.raises(BadRequestError, match="stays with its cloud"):
        policies.change(other.uuid, Draft(provider=Provider.GCP))


def test_controls_that_left_the_catalogue_are_left_out(store: Store, policies: Policies, clock: FakeClock) -> None:
    made = policies.create(draft("Payments", 1, 322))
    fewer = {cid: control for cid, control in CATALOGUE.controls.items() if cid != 1}
    assert Policies(store, clock, fewer, CATALOGUE.policies).get(made.uuid).control_ids == (322,)


def test_field_names_are_read_in_any_case() -> None:
    found = draft_of({"TITLE": " A ", "cloudtype": "azure", "ControlIds": "1, 2", "uuid": "ours"})
    assert found == Draft(title="A", provider=Provider.AZURE, control_ids=(1, 2))
