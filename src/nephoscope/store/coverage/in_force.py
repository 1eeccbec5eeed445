"""The exceptions that are in force at a moment, as facts in memory: small, the same for every session that sees the
same version of the store, and remembered between sessions."""

from threading import Lock
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement

from nephoscope.model.exceptions import ExceptionScope
from nephoscope.model.providers import Provider

EVER = 2**62
_MOST = 128
"""Connectors (or controls of them) of which facts are kept."""
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Rule(NamedTuple):
    """One exception in force, without the resources that it lists; tags by their keys."""

    provider: Provider
    scope: ExceptionScope
    is_for_all_connectors: bool
    cids: frozenset[int]
    account_ids: frozenset[str]
    tag_keys: frozenset[int]
    connector_tag_keys: frozenset[int]


class Account(NamedTuple):
    """What an exception looks at in a connector."""

    provider: Provider
    account_id: str
    tag_keys: frozenset[int]


class Coverage(NamedTuple):
    """What the exceptions in force may cover in one connector. Controls that are covered whole stand only there."""

    account: Account
    whole: frozenset[int] = frozenset()
    """Cids of which every FAIL is covered."""
    listed: frozenset[int] = frozenset()
    """Cids of which resources of the account are named."""
    tagged: frozenset[tuple[int, int]] = frozenset()
    """(tag key, cid): covered on resources that wear the tag."""

    @property
    def is_any(self) -> bool:
        return bool(self.whole or self.listed or self.tagged)

    @property
    def partial(self) -> frozenset[int]:
        """Cids of which some may be covered and others not."""
        return self.listed | {cid for _, cid in self.tagged}


class InForce:
    """What is in force from `since` to `until` (seconds, both inclusive) in one version of the store. What is asked
    about a connector is kept here; two sessions that ask at once may both find it out."""

    def __init__(self, version: int, since: int, until: int, rules: tuple[Rule, ...]) -> None:
        self.version = version
        self.since = since
        self.until = until
        self.rules = rules
        self.coverage: dict[int, Coverage] = {}
        self.conditions: dict[tuple[int, int | None], ColumnElement[bool]] = {}
        """(connector, cid or None) → what is covered, as a condition of SQL."""
        self.counts: dict[int, dict[tuple[int, int], int]] = {}
        """Connector → (scope key, cid) → covered FAILs, of the controls that are covered in part."""

    @property
    def is_partial(self) -> bool:
        """Whether some of them cover resources and not whole controls: these must be counted."""
        return any(rule.scope is not ExceptionScope.CONNECTOR for rule in self.rules)


def kept(cache: dict[_Key, _Value], key: _Key, value: _Value) -> _Value:
    """Answers the value, which is kept with a bounded number of others."""
    if len(cache) >= _MOST:
        cache.clear()
    cache[key] = value
    return value


class Memory:
    """The last few of them. Thread-safe."""

    _SIZE = 4

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[InForce, ...] = ()

    def find(self, version: int, at: int) -> InForce | None:
        return next((one for one in self._kept if one.version == version and one.since <= at <= one.until), None)

    @property
    def latest(self) -> InForce | None:
        return self._kept[0] if self._kept else None

    def keep(self, found: InForce) -> None:
        with self._lock:
            self._kept = (found, *self._kept[: self._SIZE - 1])


def coverage_of(rules: tuple[Rule, ...], account: Account) -> Coverage:
    """The union of all rules: which of them wins is for `explain` to say, and changes nothing here."""
    whole: set[int] = set()
    listed: set[int] = set()
    tagged: set[tuple[int, int]] = set()
    for rule in rules:
        if rule.provider != account.provider or not _allows(rule, account):
            continue
        match rule.scope:
            case ExceptionScope.CONNECTOR:
                whole |= rule.cids
            case ExceptionScope.RESOURCE:
                listed |= rule.cids
            case ExceptionScope.QUALYSTAG:
                tagged |= {(tag_key, cid) for tag_key in rule.tag_keys for cid in rule.cids}
    return Coverage(
        account,
        frozenset(whole),
        frozenset(listed - whole),
        frozenset(pair for pair in tagged if pair[1] not in whole),
    )


def _allows(rule: Rule, account: Account) -> bool:
    if rule.scope is ExceptionScope.QUALYSTAG and (
        rule.is_for_all_connectors or not rule.connector_tag_keys.isdisjoint(account.tag_keys)
    ):
        return True
    return account.account_id in rule.account_ids
