"""Exceptions come and go while a scan records and clients page, on both databases.

Every turn of the scan makes all resources fail one control and pass the other, and the next turn the other way round;
every decision covers either all that fails or nothing. So whatever a client reads in one session, in however many
pages, must be explained by one turn and one decision; and what one client reads later never lies before what it read.
"""

from contextlib import closing
from itertools import cycle

from nephoscope.errors import ConflictError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import ControlTally, Status
from nephoscope.model.exceptions import PolicyException
from nephoscope.qql.bound import Bound
from nephoscope.store import evaluations, exceptions, resources
from nephoscope.store.evaluating.verdict_arrays import SHOWN, verdict_arrays
from nephoscope.store.session import Reader, Store, open_store
from store.exception_world import ACCOUNT, create, of_accounts, of_resources, of_tags, put_on
from store.store_world import BUCKETS, EVERYTHING, Account, any_of, equals, hours, observed
from store.test_store_races import together

NAMES = tuple(f"b{number}" for number in range(30))
TURNS, DECISIONS = 12, 30
FAILING: Bound = (equals("status", "FAIL"),)
EXCEPTED: Bound = (equals("status", "PASSE"),)
DECIDED: Bound = (any_of("status", "PASS", "FAIL", "PASSE"),)


class Progress:
    """How far the writers are; each is written by one thread only."""

    def __init__(self) -> None:
        self.turns = 0
        self.decisions = 0

    @property
    def is_over(self) -> bool:
        return self.turns == TURNS and self.decisions == DECISIONS


def _world(store: Store) -> Account:
    account = Account(store, account_id=ACCOUNT)
    account.record(BUCKETS, *map(observed, NAMES))
    _turn(account, 0)
    put_on(account, dict.fromkeys(NAMES, ("all",)))
    return account


def _turn(account: Account, number: int) -> None:
    first, second = ("FAIL", "PASS") if number % 2 else ("PASS", "FAIL")
    account.judge({name: {1: first, 2: second} for name in NAMES}, hours(number))


def _decision(number: int) -> PolicyException:
    cids = (1, 2)
    makers = (of_resources(*NAMES, cids=cids), of_accounts(ACCOUNT, cids=cids), of_tags("all", cids=cids))
    return makers[number % 3]


def _listed(reader: Reader, key: int, cid: int | None, bound: Bound) -> list[tuple[str, int, Status]]:
    """Seven rows at a time."""
    rows: list[tuple[str, int, Status]] = []
    number, total = 0, 1
    while number * 7 < total:
        page = evaluations.page(reader, key, cid, bound, PageRequest(number, 7))
        rows += [(row.resource.resource_id, row.cid, row.status) for row in page.rows]
        number, total = number + 1, page.total
    assert len(rows) == total
    return rows


def _look(reader: Reader, account: Account, keys: dict[str, int]) -> None:
    """One session: everything that it reads tells the same state."""
    rows = _listed(reader, account.key, None, ())
    state = {cid: {status for _, number, status in rows if number == cid} for cid in (1, 2)}
    assert sorted(map(len, state.values())) == [1, 1], state
    one, other = (next(iter(state[cid])) for cid in (1, 2))
    assert Status.PASS in {one, other}
    face = one if other is Status.PASS else other
    assert face in {Status.FAIL, Status.PASSE}
    failing_cid = 1 if face is one else 2
    count = len(NAMES)
    expected = [
        ControlTally(
            cid,
            passed=0 if cid == failing_cid else count,
            failed=count if (cid, face) == (failing_cid, Status.FAIL) else 0,
            unknown=0,
            excepted=count if (cid, face) == (failing_cid, Status.PASSE) else 0,
        )
        for cid in (1, 2)
    ]
    assert list(evaluations.tallies(reader, account.key)) == expected
    for bound, status in ((FAILING, Status.FAIL), (EXCEPTED, Status.PASSE)):
        wanted = [row for row in rows if row[2] is status]
        assert _listed(reader, account.key, None, bound) == wanted
        assert _listed(reader, account.key, failing_cid, bound) == wanted
    assert _listed(reader, account.key, None, DECIDED) == rows
    arrays = verdict_arrays(reader, list(keys.values()))
    assert [SHOWN[code] for code in arrays.statuses.tolist()] == [status for _, _, status in rows]
    failed = {row.controls_failed for row in resources.by_keys(reader, list(keys.values())).values()}
    assert failed == {1 if face is Status.FAIL else 0}
    in_force = exceptions.effective(reader)
    assert len(in_force) == (1 if face is Status.PASSE else 0)


def test_whatever_is_read_is_explained_by_some_order(url: str) -> None:
    with closing(open_store(url, lambda: hours(1))) as store, closing(open_store(url, lambda: hours(1))) as other:
        account = _world(store)
        keys = account.keys()
        progress = Progress()

        def scan() -> None:
            for number in range(TURNS):
                _turn(account, number + 1)
                progress.turns = number + 1

        def decide() -> None:
            for number in range(DECISIONS):
                (made,) = create(other, _decision(number))
                with other.write() as writer:
                    held = exceptions.get(writer, made.uuid)
                    assert held is not None
                    exceptions.delete(writer, [held.key])
                progress.decisions = number + 1

        def page(opened: Store) -> None:
            last = 0
            is_over = False
            while not is_over:
                is_over = progress.is_over
                with opened.read() as reader:
                    version = evaluations.version(reader)
                    assert version >= last
                    last = version
                    _look(reader, account, keys)

        together(scan, decide, lambda: page(store), lambda: page(other))
        with store.read() as reader:
            assert exceptions.page(reader, (), EVERYTHING).total == 0
            assert not _listed(reader, account.key, None, EXCEPTED)


def test_a_decision_is_seen_by_whoever_begins_to_read_after_it(url: str) -> None:
    """In the process that decided and in another one, while a scan makes new versions all the time."""
    with closing(open_store(url, lambda: hours(1))) as store, closing(open_store(url, lambda: hours(1))) as other:
        account = _world(store)
        is_over: list[bool] = []

        def scan() -> None:
            for number in cycle(range(1, 3)):
                if is_over:
                    return
                _turn(account, number)

        def excepted(opened: Store) -> int:
            with opened.read() as reader:
                return sum(row.excepted for row in evaluations.tallies(reader, account.key))

        def decide() -> None:
            try:
                for number in range(9):
                    (made,) = create(store, _decision(number))
                    assert excepted(store) == excepted(other) == len(NAMES)
                    with other.write() as writer:
                        exceptions.delete(writer, [made.key])
                    assert excepted(store) == excepted(other) == 0
            finally:
                is_over.append(True)

        together(scan, decide)


def test_of_two_with_one_name_one_is_created(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        outcomes: list[str] = []

        def attempt(opened: Store) -> None:
            try:
                create(opened, of_accounts(ACCOUNT, name="the one"))
                outcomes.append("created")
            except ConflictError:
                outcomes.append("taken")

        together(*(lambda opened=opened: attempt(opened) for opened in (store, other, store, other)))
        assert sorted(outcomes) == ["created", "taken", "taken", "taken"]


def test_one_is_renewed_by_one_at_a_time(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        (made,) = create(store, of_accounts(ACCOUNT))

        def renew(opened: Store, days: int) -> None:
            with opened.write() as writer:
                held = exceptions.get(writer, made.uuid)
                assert held is not None
                exceptions.renew(writer, held, hours(24 * days), f"number {days}", hours(days))

        together(*(lambda opened=opened, days=days: renew(opened, days) for days, opened in ((2, store), (3, other))))
        with store.read() as reader:
            last = exceptions.get(reader, made.uuid)
        assert last is not None
        first, second = last.renewals
        assert (first.old_ends, first.new_ends) == (made.ends, second.old_ends)
        assert last.ends == second.new_ends
