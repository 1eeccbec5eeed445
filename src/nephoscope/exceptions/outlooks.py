"""The posture at another moment: the verdicts of now under the exceptions of then."""

from collections.abc import Iterator

from nephoscope.exceptions.answers import Outlook, OutlookRow
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import ControlTally
from nephoscope.store import connectors, evaluations, exceptions
from nephoscope.store.coverage import exemptions
from nephoscope.store.session import Reader

_NOTHING = ControlTally(0, 0, 0, 0)


def outlook(now: Reader, then: Reader) -> Outlook:
    """Both look at the same view of the store."""
    before = {one.key: one for one in exceptions.effective(now)}
    after = {one.key: one for one in exceptions.effective(then)}
    rows = sorted(
        (row for connector in connectors.every(now) for row in _rows(now, then, connector)),
        key=lambda row: (row.provider, row.account_id, row.cid),
    )
    return Outlook(
        now=now.at,
        then=then.at,
        rows=tuple(rows),
        ended=tuple(one for key, one in before.items() if key not in after),
        begun=tuple(one for key, one in after.items() if key not in before),
    )


def _rows(now: Reader, then: Reader, connector: Connector) -> Iterator[OutlookRow]:
    if not (exemptions.coverage(now, connector.key).is_any or exemptions.coverage(then, connector.key).is_any):
        return
    before, after = _excepted(now, connector.key), _excepted(then, connector.key)
    for cid in before.keys() | after.keys():
        old, new = before.get(cid, _NOTHING), after.get(cid, _NOTHING)
        if old.excepted or new.excepted:
            yield OutlookRow(
                provider=connector.provider,
                account_id=connector.account_id,
                cid=cid,
                failed_now=old.failed,
                failed_then=new.failed,
                excepted_now=old.excepted,
                excepted_then=new.excepted,
            )


def _excepted(reader: Reader, connector_key: int) -> dict[int, ControlTally]:
    return {tally.cid: tally for tally in evaluations.tallies(reader, connector_key)}
