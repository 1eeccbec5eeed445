"""Policies of people as rows, on both databases."""

from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest

from nephoscope.errors import ConflictError
from nephoscope.model.policies import ControlPolicy
from nephoscope.model.providers import Provider
from nephoscope.store import policies
from nephoscope.store.session import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def policy(title: str, *cids: int) -> ControlPolicy:
    return ControlPolicy(
        uuid=uuid4(),
        title=title,
        provider=Provider.AWS,
        version="1.0",
        description="Ours",
        control_ids=cids,
        created_by="ann",
        created_on=NOW,
        modified_by="ann",
        modified_on=NOW,
        is_own=True,
    )


def test_what_is_put_in_comes_out_and_moves_the_number(store: Store) -> None:
    with store.write() as writer:
        first = policies.create(writer, policy("First", 1, 2))
        second = policies.create(writer, policy("Second", 3))
    with store.read() as reader:
        assert policies.every(reader) == (first, second)
        assert (policies.version(reader), policies.count(reader)) == (2, 2)
    with store.write() as writer:
        held = policies.get(writer, first.uuid)
        assert held == first
        policies.change(writer, msgspec.structs.replace(first, title="Other", control_ids=(7,)))
        policies.delete(writer, second.key)
    with store.read() as reader:
        (left,) = policies.every(reader)
        assert (left.title, left.control_ids, policies.version(reader)) == ("Other", (7,), 4)
        assert policies.get(reader, second.uuid) is None


def test_a_title_is_taken_once_and_what_stood_before_it_stands(store: Store) -> None:
    with store.write() as writer:
        policies.create(writer, policy("Mine", 1))
        with pytest.raises(ConflictError, match="taken"):
            policies.create(writer, policy("MINE", 2))
        other = policies.create(writer, policy("Other", 3))
        with pytest.raises(ConflictError, match="taken"):
            policies.change(writer, msgspec.structs.replace(other, title="mine"))
    with store.read() as reader:
        assert [(row.title, row.control_ids) for row in policies.every(reader)] == [("Mine", (1,)), ("Other", (3,))]
