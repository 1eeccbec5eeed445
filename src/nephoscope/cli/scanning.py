"""One scan from the command line: enter the account, sweep it, and hold the result open for whoever prints it."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import msgspec

from nephoscope.cli.doors import Doors
from nephoscope.cli.printing import note
from nephoscope.clouds.table import open_account
from nephoscope.connectors.arns import parse_role, partition_of_region
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.errors import NotFoundError
from nephoscope.jobs import sweep as steps
from nephoscope.jobs.lock import exclusive
from nephoscope.jobs.scan import Event, SweepResult, run
from nephoscope.kit.clock import system_clock
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.providers import Provider
from nephoscope.settings import Settings
from nephoscope.store.session import Store, open_store

_MEMORY = "sqlite://"

ProgressOf = Callable[[], AbstractContextManager[Callable[[Event], None]]]
"""Opens what is called with each event of the scan, and closes it when the sweep is done."""


class ScanRequest(msgspec.Struct, frozen=True):
    """`settings.data` None: nothing is kept."""

    settings: Settings
    access: AwsAccess
    benchmarks: tuple[str, ...] = ()


class Scanned(msgspec.Struct, frozen=True):
    """A finished scan. `catalogue` holds the controls that were asked for."""

    store: Store
    catalogue: Catalogue
    connector: Connector
    result: SweepResult
    seconds: float


def access_of(
    *, regions: tuple[str, ...], role_arn: str, external_id: str, profile: str, endpoint_url: str
) -> AwsAccess:
    """How to enter the account; the partition follows from the role or the first region."""
    role = parse_role(role_arn)
    partition = role.partition if role else (partition_of_region(regions[0]) if regions else None) or "aws"
    return AwsAccess(
        role_arn=role_arn,
        external_id=external_id,
        profile=profile,
        endpoint_url=endpoint_url,
        regions=regions,
        partition=partition,
    )


@contextmanager
def scanned(doors: Doors, request: ScanRequest, progress: ProgressOf) -> Iterator[Scanned]:
    """Scan, and keep the store open for the block. A scan that is kept evaluates every control, so that its inventory
    stays whole; one in memory reads only what the benchmarks that were asked for need. CloudError when the account
    cannot be entered."""
    began = time.monotonic()
    everything = load_catalogue()
    shown = everything.select(request.benchmarks) if request.benchmarks else everything
    is_kept = request.settings.data is not None
    with _opened(doors, request.settings) as store, interruptible() as is_interrupted:
        account = open_account(Provider.AWS, request.access, workers=request.settings.workers)
        with closing(account):
            connector = _connector(Connectors(store, system_clock), account.account_id, request.access)
            swept = everything if is_kept else shown
            sweep = steps.prepare(store, swept, system_clock, connector, with_wire=is_kept)
            with progress() as hear:
                result = run(sweep, account, on_event=hear, is_cancelled=is_interrupted)
        if result.is_cancelled:
            raise KeyboardInterrupt
        yield Scanned(store, shown, connector, result, time.monotonic() - began)


@contextmanager
def _opened(doors: Doors, settings: Settings) -> Iterator[Store]:
    """SettingsError while another process serves the directory: it may be sweeping the same account."""
    if settings.data is None:
        with closing(open_store(_MEMORY)) as store:
            yield store
    else:
        with exclusive(settings.data), doors.open_store(settings) as store:
            yield store


def _connector(connectors: Connectors, account_id: str, access: AwsAccess) -> Connector:
    """The account's own connector when there is one, entered as asked this time."""
    draft = Draft(
        name=f"AWS {account_id}",
        arn=access.role_arn or None,
        external_id=access.external_id or None,
        account_id=account_id,
        profile=access.profile or None,
        endpoint_url=access.endpoint_url or None,
        regions=access.regions or None,
        partition=access.partition,
    )
    try:
        found = connectors.find_account(Provider.AWS, account_id)
    except NotFoundError:
        return connectors.create(Provider.AWS, draft)
    return connectors.update(found.uuid, msgspec.structs.replace(draft, name=None))


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Ctrl-C asks for an end in good order; the second one does not wait for it."""
    asked = threading.Event()

    def on_signal(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if sys.stderr.isatty():
            note("\nWhat is under way ends first; Ctrl-C again stops at once.")

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
