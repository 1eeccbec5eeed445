"""What every cloud offers to the rooms above, in the same words."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from nephoscope.model.connectors import Access
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Scope, ScopeReport

Needs = Mapping[str, frozenset[str]]
"""Resource type name → the fields that somebody needs. A type that is missing is not read; a call is made only when
one of the fields it fills is needed."""


class Entry(msgspec.Struct, frozen=True):
    """What it takes to enter one account. `secret` is what was sealed for the connector; empty where the process has
    credentials of its own."""

    access: Access
    account_id: str = ""
    secret: str = ""

    def __repr__(self) -> str:
        return f"Entry({self.account_id!r})"


class Collected(msgspec.Struct, frozen=True):
    """One scope, read. `resources` holds what was seen even when the scope did not complete."""

    report: ScopeReport
    resources: tuple[Observed, ...]


class OpenAccount(Protocol):
    """One account, entered. Thread-safe: many scopes are collected at once."""

    @property
    def provider(self) -> Provider: ...

    @property
    def account_id(self) -> str: ...

    def plan(self, needs: Needs) -> tuple[Scope, ...]:
        """The scopes of a run, in a stable order. Raises CloudError when the account cannot be entered at all."""
        ...

    def collect(self, scope: Scope, needs: Needs) -> Collected:
        """Read one scope. Never raises CloudError: how it ended is in the report."""
        ...

    def close(self) -> None: ...
