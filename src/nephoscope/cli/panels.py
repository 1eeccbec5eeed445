"""The commands of `nephoscope --help`, in the groups and the order in which somebody new wants to see them."""

from collections.abc import Mapping

import click
from typer.core import TyperGroup

PANELS: Mapping[str, tuple[str, ...]] = {
    "Look": ("demo", "scan", "import", "connector", "disk", "secrets", "advisories"),
    "Ask": ("posture", "evaluations", "resources", "findings", "controls", "policy"),
    "Decide": ("exception", "tag", "audit"),
    "Tell others": ("report", "export"),
    "Run a server": ("serve", "worker", "permissions", "doctor", "backup", "restore", "db", "settings"),
    "Who may do what": ("user", "role", "group", "client", "signing-key", "keys"),
}
_PANEL_OF = {name: panel for panel, names in PANELS.items() for name in names}
_ORDER = {name: at for at, name in enumerate(_PANEL_OF)}


class Grouped(TyperGroup):
    """The top of the command line. A command that is in no group is shown first, in the group of typer's own name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(super().list_commands(ctx), key=lambda name: _ORDER.get(name, -1))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is not None and cmd_name in _PANEL_OF:
            command.rich_help_panel = _PANEL_OF[cmd_name]  # type: ignore[attr-defined]  # typer's own, on its classes
        return command
