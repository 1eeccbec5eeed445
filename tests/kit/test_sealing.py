"""What is sealed opens with the right key, in the right place, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.errors import SettingsError, StoreError
from nephoscope.kit.sealing import KEY_BYTES, NO_KEYS, KeyRing, new_key, parse_keys

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_again(plain: bytes, context: str) -> None:
    ring = KeyRing([NEW, OLD])
    sealed = ring.seal(plain, context)
    assert ring.open(sealed, context) == plain
    assert len(plain) < 4 or plain not in sealed


def test_no_two_sealings_are_alike() -> None:
    ring = KeyRing([NEW])
    assert ring.seal(b"same", "here") != ring.seal(b"same", "here")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(position: int, change: int) -> None:
    ring = KeyRing([NEW])
    sealed = bytearray(ring.seal(b"a secret of some length", "row 7"))
    sealed[position % len(sealed)] ^= change
    with pytest.raises(StoreError):
        ring.open(bytes(sealed), "row 7")


def test_it_opens_only_where_it_belongs() -> None:
    ring = KeyRing([NEW])
    with pytest.raises(StoreError, match="moved"):
        ring.open(ring.seal(b"mine", "row 7"), "row 8")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"x" * 8, b"plain text from before"])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(StoreError):
        KeyRing([NEW]).open(sealed, "")


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    before, after = KeyRing([OLD]), KeyRing([NEW, OLD])
    sealed = before.seal(b"kept", "row")
    assert after.open(sealed, "row") == b"kept"
    assert not after.is_newest(sealed)
    fresh = after.seal(b"kept", "row")
    assert after.is_newest(fresh)
    with pytest.raises(StoreError, match="does not have"):
        before.open(fresh, "row")


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(SettingsError, match="NEPHOSCOPE_KEY"):
        NO_KEYS.seal(b"x", "")


def test_keys_are_read_from_lines_and_commas() -> None:
    first, second, third = new_key(), new_key(), new_key()
    assert len(set(parse_keys(f"# comment\n{first}\n\n{second},{third}\n"))) == 3


def test_a_bad_key_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError, match="32 bytes") as caught:
        parse_keys("not-a-key-but-perhaps-a-password")
    assert "password" not in caught.value.message
