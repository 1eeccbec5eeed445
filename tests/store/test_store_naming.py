"""Resources and accounts by what people call them, on both databases."""

from nephoscope.model.exceptions import ExemptResource
from nephoscope.model.providers import Provider
from nephoscope.store import naming
from nephoscope.store.session import Store
from store.store_world import BUCKETS, FAR_INSTANCES, INSTANCES, Account, observed

ONE, OTHER = "123456789012", "210987654321"


def filled(store: Store) -> None:
    one, other = Account(store), Account(store, "other", OTHER)
    one.record(INSTANCES, observed("i-1"), observed("i-2"))
    one.record(FAR_INSTANCES, observed("i-1"))
    one.record(BUCKETS, observed("i-1"), observed("quiet"))
    other.record(INSTANCES, observed("i-1"))


def found(store: Store, *wanted: ExemptResource, provider: Provider = Provider.AWS) -> list[list[tuple[str, str]]]:
    with store.read() as reader:
        rows = naming.named(reader, provider, wanted)
    return [[(row.resource_type, row.region) for row in rows.get(name, ())] for name in wanted]


def test_a_name_is_everything_that_goes_by_it_in_its_account(store: Store) -> None:
    filled(store)
    everywhere = [("EC2_INSTANCE", "eu-west-1"), ("EC2_INSTANCE", "us-east-1"), ("BUCKET", "global")]
    assert found(store, ExemptResource("i-1", ONE), ExemptResource("i-1", OTHER), ExemptResource("i-2", OTHER)) == [
        everywhere,
        everywhere[:1],
        [],
    ]


def test_a_region_narrows_a_name(store: Store) -> None:
    filled(store)
    wanted = [ExemptResource("i-1", ONE, region) for region in ("us-east-1", "eu-west-1", "mars", "")]
    assert [len(rows) for rows in found(store, *wanted)] == [1, 1, 0, 3]


def test_names_are_whole_and_keep_their_case(store: Store) -> None:
    filled(store)
    wanted = [ExemptResource(name, ONE) for name in ("I-1", "i-", "%", "i-1 ", "", "i-1\0")]
    assert found(store, *wanted) == [[]] * len(wanted)
    assert found(store, ExemptResource("i-1", "no account\0")) == [[]]
    assert found(store, ExemptResource("i-1", ONE), provider=Provider.GCP) == [[]]


def test_many_names_are_found_at_once(store: Store) -> None:
    filled(store)
    wanted = [ExemptResource(f"absent-{number}", ONE) for number in range(2_000)]
    assert [rows for rows in found(store, *wanted, ExemptResource("quiet", ONE)) if rows] == [[("BUCKET", "global")]]


def test_an_id_is_found_in_every_account(store: Store) -> None:
    filled(store)
    with store.read() as reader:
        ids = {name: len(naming.of_id(reader, name)) for name in ("i-1", "i-2", "nothing", "i-1\0")}
    assert ids == {"i-1": 4, "i-2": 1, "nothing": 0, "i-1\0": 0}


def test_accounts_are_known_by_their_connectors(store: Store) -> None:
    filled(store)
    with store.read() as reader:
        known = naming.known_accounts(reader, Provider.AWS, [ONE, OTHER, "999988887777", "\0"])
        assert known == {ONE, OTHER}
        assert naming.known_accounts(reader, Provider.AZURE, [ONE]) == frozenset()
