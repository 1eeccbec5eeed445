"""Passwords on the command line: everybody on the machine can read them."""

import pytest

from cli.cli_world import Invoke
from nephoscope.cli.options import has_password


@pytest.mark.parametrize(
    ("database", "found"),
    [
        ("", False),
        ("postgresql://db/nephoscope", False),
        ("postgresql://nephoscope@db/nephoscope", False),
        ("postgresql://nephoscope:hunter2@db/nephoscope", True),
        ("postgresql://db/nephoscope?user=n&password=hunter2", True),
        ("postgresql://[broken", False),
    ],
)
def test_passwords_in_addresses_are_seen(database: str, found: bool) -> None:
    assert has_password(database) is found


def test_where_a_password_belongs_is_said_without_saying_it(invoke: Invoke) -> None:
    said = invoke("connector", "list", "--database", "postgresql://n:hunter2@127.0.0.1:9/x")
    assert "NEPHOSCOPE_DATABASE" in said.err
    assert "hunter2" not in said.err + said.out
    assert said.code == 2
