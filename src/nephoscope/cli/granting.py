"""Options that say what somebody is given: a role, and the part of the inventory that it holds for."""

from typing import Annotated

import typer

from nephoscope.model.identities import Grant, Identity, Reach

Role = Annotated[
    str, typer.Option("--role", metavar="ROLE", help="Manager, Analyst, Auditor, Reader …, or an own one.")
]
Accounts = Annotated[
    list[str] | None, typer.Option("--account", metavar="ID", help="Only this account; may be repeated.")
]
Groups = Annotated[
    list[str] | None, typer.Option("--group", metavar="UUID", help="Only this group of connectors; may be repeated.")
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="NAME", help="Only what wears this tag; may be repeated.")
]


def grant_of(role: str, accounts: list[str] | None, groups: list[str] | None, tags: list[str] | None) -> Grant:
    """Everywhere when no part is named."""
    if not (accounts or groups or tags):
        return Grant(role)
    return Grant(role, Reach(frozenset(groups or ()), frozenset(accounts or ()), frozenset(tags or ())))


def actor(by: str) -> Identity:
    """Whoever has the machine may do everything; the trail says who it was."""
    return Identity(by)


def spelled(reach: Reach | None) -> str:
    if reach is None:
        return "everything"
    parts = (("group", reach.groups), ("account", reach.accounts), ("tag", reach.tags))
    return ", ".join(f"{word} {value}" for word, values in parts for value in sorted(values))
