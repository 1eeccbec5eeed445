"""Address ranges, alone and together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.kit.networks import contains, covers, holds_address, is_piece, network_of, unwrapped

ANY = "0.0.0.0/0"


@pytest.mark.parametrize(
    ("ranges", "cidr", "answer"),
    [
        ([ANY], ANY, True),
        (["10.0.0.0/8"], "10.1.0.0/16", True),
        (["10.1.0.0/16"], "10.0.0.0/8", False),
        (["0.0.0.0/1", "128.0.0.0/1"], ANY, True),
        (["0.0.0.0/1", "128.0.0.0/2"], ANY, False),
        ([f"{n}.0.0.0/8" for n in range(256)], ANY, True),
        ([f"{n}.0.0.0/8" for n in range(255)], ANY, False),
        (["::/1", "8000::/1"], "::/0", True),
        (["::/0"], ANY, False),
        (["pl-1", "sg-1", "", "1/2", "300.0.0.0/8"], ANY, False),
        ([], ANY, False),
        (["x"], "x", True),
        (["x"], "y", False),
    ],
)
def test_together_they_hold_another(ranges: list[str], cidr: str, *, answer: bool) -> None:
    assert covers(ranges, cidr) is answer


@given(st.integers(0, 2**32 - 1), st.integers(0, 32), st.data())
def test_halves_make_a_whole(address: int, length: int, data: st.DataObject) -> None:
    whole = network_of(f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}/{length}")
    assert whole is not None
    pieces = list(whole.subnets(new_prefix=min(32, length + data.draw(st.integers(0, 8)))))
    assert covers(map(str, pieces), str(whole))
    if len(pieces) > 1:
        missing = data.draw(st.integers(0, len(pieces) - 1))
        assert not covers((str(one) for n, one in enumerate(pieces) if n != missing), str(whole))


def test_families_do_not_mix() -> None:
    assert not contains(network_of("::/0"), network_of("10.0.0.0/8"))
    assert not contains(None, network_of(ANY))
    assert contains(network_of(ANY), network_of("10.0.0.0/8"))


def test_pieces_are_near_in_length() -> None:
    assert is_piece("128.0.0.0/1", ANY)
    assert is_piece("10.0.0.0/8", ANY)
    assert not is_piece("10.0.0.0/9", ANY)
    assert not is_piece("::/0", ANY)
    assert not is_piece("sg-1", ANY)


@pytest.mark.parametrize(
    ("address", "answer"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("::1", "::1"), ("", ""), ("unix", "unix")],
)
def test_an_old_address_in_new_clothes_is_what_it_is(address: str, answer: str) -> None:
    assert unwrapped(address) == answer
    assert holds_address("192.0.2.0/24", address) is (answer == "192.0.2.1")
