"""Credentials in the store: sealed, replaced, sealed anew, and gone with their owner."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from nephoscope.errors import StoreError
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.store import sealed
from nephoscope.store.session import Store
from nephoscope.store.tables.sealed import sealed as table

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES


def test_a_credential_is_kept_without_standing_there(store: Store) -> None:
    ring, owner = KeyRing([OLD]), uuid4()
    with store.write() as writer:
        sealed.put(writer, ring, owner, "credential", "correct horse")
        sealed.put(writer, ring, owner, "credential", "battery staple")
    with store.read() as reader:
        assert sealed.get(reader, ring, owner, "credential") == "battery staple"
        assert sealed.has(reader, owner, "credential")
        assert sealed.get(reader, ring, owner, "other") == ""
        (body,) = reader.connection.execute(select(table.c.body)).scalars()
    assert b"battery" not in bytes(body)


def test_rotation_seals_everything_anew(store: Store) -> None:
    old, both, new = KeyRing([OLD]), KeyRing([NEW, OLD]), KeyRing([NEW])
    owners = [uuid4() for _ in range(5)]
    with store.write() as writer:
        for owner in owners:
            sealed.put(writer, old, owner, "credential", str(owner))
    with store.write() as writer:
        assert sealed.reseal(writer, both) == 5
        assert sealed.reseal(writer, both) == 0
    with store.read() as reader:
        assert [sealed.get(reader, new, owner, "credential") for owner in owners] == [str(owner) for owner in owners]
        with pytest.raises(StoreError):
            sealed.get(reader, old, owners[0], "credential")


def test_what_is_removed_is_gone(store: Store) -> None:
    ring, owner = KeyRing([NEW]), uuid4()
    with store.write() as writer:
        sealed.put(writer, ring, owner, "a", "1")
        sealed.put(writer, ring, owner, "b", "2")
        sealed.remove(writer, owner)
    with store.read() as reader:
        assert not sealed.has(reader, owner, "a")
        assert not sealed.has(reader, owner, "b")
