"""One scan from the command line: enter the account, sweep it, and hold the result open for whoever prints it."""

import secrets
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
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.connectors import ACCESS, CREDENTIAL, Access, AwsAccess, AzureAccess, Connector
from nephoscope.model.providers import Provider
from nephoscope.settings import Settings
from nephoscope.store import policies, sealed
from nephoscope.store.session import Store, open_store

_MEMORY = "sqlite://"

ProgressOf = Callable[[], AbstractContextManager[Callable[[Event], None]]]
"""Opens what is called with each event of the scan, and closes it when the sweep is done."""


class ScanRequest(msgspec.Struct, frozen=True):
    """`settings.data` None: nothing is kept. `account_id` may be empty where the credentials say it; `secret` is what
    opens the account beside `access`, when something does."""

    settings: Settings
    access: Access
    benchmarks: tuple[str, ...] = ()
    account_id: str = ""
    secret: str = ""

    @property
    def provider(self) -> Provider:
        return next(provider for provider, kind in ACCESS.items() if isinstance(self.access, kind))


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
    is_kept = request.settings.data is not None
    with _opened(doors, request.settings) as store, interruptible() as is_interrupted:
        shown = _shown(everything, store, request)
        account = open_account(
            request.provider,
            request.access,
            account_id=request.account_id,
            secret=request.secret,
            workers=request.settings.workers,
        )
        with closing(account):
            connector = _connector(store, account.account_id, request)
            swept = everything if is_kept else shown
            sweep = steps.prepare(store, swept, system_clock, connector, with_wire=is_kept)
            with progress() as hear:
                result = run(sweep, account, on_event=hear, is_cancelled=is_interrupted)
        if result.is_cancelled:
            raise KeyboardInterrupt
        yield Scanned(store, shown, connector, result, time.monotonic() - began)


def _shown(everything: Catalogue, store: Store, request: ScanRequest) -> Catalogue:
    """With the policies that people made, where the store keeps any."""
    with store.read() as reader:
        known = everything.with_policies(policies.every(reader))
    return known.select(request.benchmarks, request.provider) if request.benchmarks else known


@contextmanager
def _opened(doors: Doors, settings: Settings) -> Iterator[Store]:
    """SettingsError while another process serves the directory: it may be sweeping the same account."""
    if settings.data is None:
        with closing(open_store(_MEMORY)) as store:
            yield store
    else:
        with exclusive(settings.data), doors.open_store(settings) as store:
            yield store


def _connector(store: Store, account_id: str, request: ScanRequest) -> Connector:
    """The account's own connector when there is one, entered as asked this time. What opens the account is not kept;
    a connector that has its credential already, which others enter with, stays as it is."""
    connectors = Connectors(store, system_clock, KeyRing([secrets.token_bytes(KEY_BYTES)]))
    draft = _draft(account_id, request)
    try:
        found = connectors.find_account(request.provider, account_id)
        with store.read() as reader:
            if sealed.has(reader, found.uuid, CREDENTIAL):
                return found
        found = connectors.update(found.uuid, msgspec.structs.replace(draft, name=None))
    except NotFoundError:
        found = connectors.create(request.provider, draft)
    with store.write() as writer:
        sealed.remove(writer, found.uuid)
    return found


def _draft(account_id: str, request: ScanRequest) -> Draft:
    common = Draft(
        name=f"{request.provider} {account_id}",
        account_id=account_id,
        endpoint_url=request.access.endpoint_url or None,
        secret=request.secret or None,
    )
    match request.access:
        case AwsAccess() as access:
            return msgspec.structs.replace(
                common,
                arn=access.role_arn or None,
                external_id=access.external_id or None,
                profile=access.profile or None,
                regions=access.regions or None,
                partition=access.partition,
            )
        case AzureAccess() as access:
            return msgspec.structs.replace(
                common,
                tenant_id=access.tenant_id or None,
                application_id=access.application_id or None,
                sign_in=access.sign_in,
                partition=access.cloud,
            )
        case access:
            return msgspec.structs.replace(common, impersonated=access.impersonated or None)


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
