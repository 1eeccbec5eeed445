"""What reaches a terminal: no orders from names that others chose, no colours where they are not wanted."""

import os
import pty
import re
import subprocess
from contextlib import suppress

import pytest

from cli.cli_world import command
from nephoscope.cli.options import ListFormat
from nephoscope.cli.printing import complain, print_detail, print_rows
from nephoscope.kit.printable import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web-1", "web-1"),
        ("bücket ☂", "bücket ☂"),
        ("two\nlines", "two\nlines"),
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("\x9b31mred", "\ufffd31mred"),
        ("a\rb", "a\ufffdb"),
        ("abc\u202egpj.exe", "abc\ufffdgpj.exe"),
    ],
)
def test_names_give_a_terminal_no_orders(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_tables_details_and_complaints_are_plain(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b]0;owned\x07[bold]name[/bold]"
    print_rows([{"name": hostile}], ("name",), ListFormat.TABLE, total=1)
    print_detail({"name": hostile}, ListFormat.TABLE)
    complain(f"there is no {hostile}")
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert captured.out.count("[bold]name[/bold]") == 2


def _on_a_terminal(*arguments: str, **environment: str) -> str:
    reader, terminal = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - ours
        command(*arguments), stdin=terminal, stdout=terminal, stderr=terminal, env={**os.environ, **environment}
    ):
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # the end of a terminal
            while part := os.read(reader, 65536):
                shown += part
    os.close(reader)
    return shown.decode()


@pytest.mark.slow
def test_a_terminal_gets_colours_unless_it_asks_for_none() -> None:
    asked = ("controls", "--help")
    colour = re.compile(r"\x1b\[(\d+;)*[349]\d(;|m)")
    assert colour.search(_on_a_terminal(*asked, TERM="xterm-256color"))
    assert not colour.search(_on_a_terminal(*asked, TERM="xterm-256color", NO_COLOR="1"))
