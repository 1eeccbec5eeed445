"""How every account does, now or on another day, as far as that is known now."""

from datetime import date, datetime

import msgspec

from nephoscope.exceptions.answers import Outlook
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import ControlTally
from nephoscope.model.identities import Identity
from nephoscope.store import connectors, evaluations
from nephoscope.usecases.usecases import UseCases


class AccountPosture(msgspec.Struct, frozen=True):
    """One account with the counts of its controls, in order of cid."""

    connector: Connector
    tallies: tuple[ControlTally, ...]

    @property
    def passed(self) -> int:
        return sum(row.passed for row in self.tallies)

    @property
    def failed(self) -> int:
        return sum(row.failed for row in self.tallies)

    @property
    def excepted(self) -> int:
        return sum(row.excepted for row in self.tallies)

    @property
    def unknown(self) -> int:
        return sum(row.unknown for row in self.tallies)


class Posture(msgspec.Struct, frozen=True):
    """Accounts in order of their creation. `outlook` is None for now."""

    at: datetime
    accounts: tuple[AccountPosture, ...]
    outlook: Outlook | None


def posture(usecases: UseCases, day: date | None = None, policy: str = "", asker: Identity | None = None) -> Posture:
    """With the verdicts of now, and the exceptions that are in force now or on the first second of that day.
    `policy` (title, framework or uuid) leaves only its controls in the counts of accounts; NotFoundError for one that
    there is not. `asker` sees the part that they reach; everything when not given."""
    who = asker or Identity.local()
    outlook = usecases.exceptions.as_of(day, who.name, reach=who.reach) if day else None
    at = outlook.then if outlook else usecases.clock()
    known = frozenset(usecases.policies.find(policy).control_ids if policy else usecases.catalogue.controls)
    with usecases.store.read(at=at, reach=who.reach) as reader:
        rows = [(owner, evaluations.tallies(reader, owner.key)) for owner in connectors.every(reader)]
    accounts = (
        AccountPosture(owner, tuple(tally for tally in tallies if tally.cid in known)) for owner, tallies in rows
    )
    return Posture(at, tuple(accounts), outlook)
