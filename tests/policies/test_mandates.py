"""The registry of mandates: every requirement means something, and what a topic finds is what it is about."""

from functools import cache

import pytest

from apiworld import catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.errors import CatalogueError
from nephoscope.model.controls import Control
from nephoscope.model.policies import Mandate
from nephoscope.model.providers import Provider
from nephoscope.policies import mandates as loading
from nephoscope.policies.mandates import load_mandates, topics_of

CONTROLS = load_catalogue().controls
MANDATES = load_mandates(CONTROLS)
LEAST_COVERED = 0.9
LEAST_SECTIONS = 9


@cache
def topics() -> dict[str, frozenset[int]]:
    return topics_of(CONTROLS)


def of_provider(provider: Provider) -> dict[int, Control]:
    return {cid: control for cid, control in CONTROLS.items() if control.provider is provider}


def test_the_frameworks_that_people_must_follow_are_there() -> None:
    names = [mandate.name for mandate in MANDATES]
    assert len(set(names)) == len({mandate.uuid for mandate in MANDATES}) == len(MANDATES)
    assert {"PCI DSS 4.0.1", "HIPAA", "ISO 27001:2022", "NIST CSF 2.0", "SOC 2", "GDPR"} <= set(names)


@pytest.mark.parametrize("mandate", MANDATES, ids=lambda mandate: mandate.name)
def test_every_requirement_has_controls_and_words(mandate: Mandate) -> None:
    numbers = [section.number for section in mandate.sections]
    assert len(set(numbers)) == len(numbers) >= LEAST_SECTIONS
    assert all((mandate.title, mandate.version, mandate.publisher, mandate.description))
    for section in mandate.sections:
        assert section.control_ids, (mandate.name, section.number)
        assert section.control_ids == tuple(sorted(set(section.control_ids)))
        assert section.title
        assert set(section.control_ids) <= CONTROLS.keys()


@pytest.mark.parametrize("provider", [row for row in Provider if of_provider(row)])
def test_controls_of_every_cloud_have_their_topics(provider: Provider) -> None:
    found = frozenset[int]().union(*topics().values())
    own = of_provider(provider)
    assert len(found & own.keys()) >= LEAST_COVERED * len(own), sorted(own.keys() - found)


@pytest.mark.parametrize("topic", topics())
def test_every_topic_finds_something_and_not_everything(topic: str) -> None:
    assert 0 < len(topics()[topic]) < len(CONTROLS) / 2


HITS = [
    ("mfa", 1), ("mfa", 30003), ("passwords", 11), ("passwords", 30005), ("credentials", 3), ("credentials", 30040),
    ("root", 30002), ("least_privilege", 30080), ("least_privilege", 30073), ("federation", 30011),
    ("public_exposure", 45), ("public_exposure", 30482), ("public_exposure", 30315), ("network_filtering", 30310),
    ("segmentation", 30303), ("encryption_at_rest", 286), ("encryption_at_rest", 30480), ("keys", 30420),
    ("encryption_in_transit", 30100), ("encryption_in_transit", 30681), ("certificates", 30090), ("secrets", 30585),
    ("logging", 30400), ("logging", 30300), ("log_protection", 30401), ("monitoring", 30443), ("monitoring", 30460),
    ("malware", 30463), ("vulnerabilities", 30481), ("vulnerabilities", 30583), ("hardening", 322), ("backup", 30485),
    ("inventory", 30410), ("availability", 30483), ("incidents", 30001), ("governance", 30025),
    ("data_discovery", 30102),
]  # fmt: skip
MISSES = [
    ("mfa", 30440), ("mfa", 30101), ("root", 30441), ("encryption_at_rest", 30550), ("encryption_at_rest", 30488),
    ("encryption_in_transit", 30480), ("keys", 4), ("network_filtering", 30448), ("credentials", 30240),
    ("logging", 27), ("least_privilege", 30490), ("least_privilege", 30442), ("keys", 30493), ("certificates", 30046),
]  # fmt: skip


@pytest.mark.parametrize(("topic", "cid"), HITS)
def test_a_topic_finds_what_it_is_about(topic: str, cid: int) -> None:
    assert cid in topics()[topic], CONTROLS[cid].name


@pytest.mark.parametrize(("topic", "cid"), MISSES)
def test_a_topic_leaves_near_misses_alone(topic: str, cid: int) -> None:
    assert cid not in topics()[topic], CONTROLS[cid].name


def test_mandates_stand_over_whatever_controls_there_are() -> None:
    few = load_mandates(catalogue().controls)
    assert {cid for mandate in few for cid in mandate.control_ids} <= {1, 2, 45, 46, 322}
    assert [mandate.uuid for mandate in few] == [mandate.uuid for mandate in MANDATES]


def test_a_requirement_that_names_no_topic_does_not_load() -> None:
    row = loading._SectionRow("1", "Something", ("nothing",))
    with pytest.raises(CatalogueError, match=r"mandates\.yaml: X 1: topics: nothing"):
        loading._section("X", row, topics(), CONTROLS)
    with pytest.raises(CatalogueError, match="missing"):
        loading._section("X", loading._SectionRow("1", "Something"), topics(), CONTROLS)
