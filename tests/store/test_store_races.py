"""Writers and readers at the same time, on both databases."""

from collections.abc import Callable
from contextlib import closing
from threading import Barrier, Thread

from nephoscope.errors import ConflictError, NotFoundError
from nephoscope.model.evaluations import Judgement
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.store import connectors, evaluations, resources, scopes
from nephoscope.store.session import Store, open_store
from store.store_world import BUCKETS, START, Account, hours, observed, verdict


def together(*works: Callable[[], None]) -> None:
    """All of them at once; what any of them raises is raised here."""
    failures: list[BaseException] = []
    start = Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - carried to the test's own thread
            failures.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_many_scopes_of_one_account_recorded_at_once(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        account = Account(store)

        def sweep(opened: Store, number: int) -> Callable[[], None]:
            def work() -> None:
                report = ScopeReport(Scope("BUCKET", f"region-{number}"), Outcome.COMPLETE)
                for hour in range(3):
                    with opened.write() as writer:
                        key = scopes.close(writer, account.key, report, hours(hour))
                        rows = [observed(f"{number}-{name}", hour=hour) for name in range(20)]
                        resources.record(writer, account.key, key, rows, complete=True, now=hours(hour))

            return work

        together(*(sweep(store if number % 2 else other, number) for number in range(8)))
        assert len(account.keys()) == 160
        with store.read() as reader:
            assert len({row.key for row in scopes.of_connector(reader, account.key)}) == 8


def test_the_same_verdicts_recorded_at_once_count_once(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        account = Account(store)
        account.record(BUCKETS, *(observed(f"b{number}") for number in range(50)))
        keys = list(account.keys().values())

        def judge(opened: Store, word: str) -> Callable[[], None]:
            def work() -> None:
                judgements = [Judgement(key, 1, (verdict(1, word), verdict(2, "PASS"))) for key in keys]
                with opened.write() as writer:
                    evaluations.record(writer, account.key, judgements, START)

            return work

        together(*(judge(opened, word) for opened in (store, other) for word in ("PASS", "FAIL", "PASS", "FAIL")))
        tallies = account.tallies()
        assert tallies[1] in {(50, 0, 0), (0, 50, 0)}
        assert tallies[2] == (50, 0, 0)
        assert len(account.rows()) == 100


def test_recording_and_judging_and_deleting_at_once_leaves_nothing(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, *(observed(f"b{number}") for number in range(20)))
    keys = list(account.keys().values())

    def until_gone(step: Callable[[int], None]) -> Callable[[], None]:
        def work() -> None:
            for number in range(1000):
                try:
                    step(number)
                except NotFoundError:
                    return
            raise AssertionError

        return work

    def record(number: int) -> None:
        account.record(BUCKETS, *(observed(f"b{name}", turn=number) for name in range(20)))

    def judge(number: int) -> None:
        word = "PASS" if number % 2 else "FAIL"
        with store.write() as writer:
            evaluations.record(
                writer, account.key, [Judgement(key, number, (verdict(1, word),)) for key in keys], START
            )

    def delete() -> None:
        with store.write() as writer:
            connectors.delete(writer, [account.key])

    together(until_gone(record), until_gone(judge), delete)
    with store.read() as reader:
        for table in ("scopes", "resources", "documents", "evaluations", "tallies"):
            assert reader.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0  # noqa: S608 - our own names


def test_readers_see_rows_and_tallies_of_one_moment(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, *(observed(f"b{number}") for number in range(30)))
    account.judge({f"b{number}": {1: "PASS"} for number in range(30)})
    done: list[bool] = []

    def write() -> None:
        for turn in range(15):
            word = "FAIL" if turn % 2 else "PASS"
            account.judge({f"b{number}": {1: word} for number in range(30)}, hours(turn))
            kept = range(turn % 30, 30)
            account.record(BUCKETS, *(observed(f"b{number}") for number in kept), at=hours(turn))
            account.record(BUCKETS, *(observed(f"b{number}") for number in range(30)), at=hours(turn))
        done.append(True)

    def read() -> None:
        while not done:
            with store.read() as reader:
                tally = evaluations.tallies(reader, account.key)
                rows = list(evaluations.verdicts(reader, 0, 2**62))
                counted = sum(
                    row["evaluations"] for row in resources.identities(reader, account.connector.provider).to_pylist()
                )
            assert sum(row.passed + row.failed for row in tally) == len(rows) == counted
            assert sum(row.failed for row in tally) == sum(status == "FAIL" for _, _, status in rows)

    together(write, read, read)


def test_of_two_that_take_one_name_one_gets_it(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        taken: list[str] = []

        def create(opened: Store, account_id: str) -> Callable[[], None]:
            def work() -> None:
                try:
                    Account(opened, "same", account_id)
                except ConflictError:
                    taken.append(account_id)

            return work

        together(*(create(opened, str(number)) for number, opened in enumerate((store, other, store, other))))
        assert len(taken) == 3
