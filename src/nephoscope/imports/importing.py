"""From export files to a judged inventory: everything is read and checked first, then recorded in one transaction, then
judged as of the day of the export."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec

from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.clouds.exported.account import ExportedAccount, ExportFormat, joined
from nephoscope.clouds.exported.gcp_assets import project_ids
from nephoscope.clouds.exported.spool import Spool
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import BadRequestError, NotFoundError
from nephoscope.jobs import sweep as steps
from nephoscope.jobs.sweep import Sweep
from nephoscope.kit.clock import Clock
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.store import recording, scopes
from nephoscope.store.session import Store, Writer

_LARGEST_FILES = 1_000


class ImportDraft(msgspec.Struct, frozen=True):
    """`moment` is the day of the export; None takes the age of the newest file. `account` names the account where the
    export does not, or narrows it to one. `is_whole`: kinds that the export does not hold do not exist."""

    formats: tuple[ExportFormat, ...]
    files: tuple[Path, ...]
    moment: datetime | None = None
    account: str = ""
    is_whole: bool = False


class Step(msgspec.Struct, frozen=True):
    """How far it is: bytes of the files that were read, or resources that were recorded."""

    phase: str
    done: int
    total: int


class Imported(msgspec.Struct, frozen=True):
    """One account, as it was recorded. `unread` are the scopes that the export could not tell."""

    connector: UUID
    account_id: str
    resources: int
    moment: datetime
    reports: tuple[ScopeReport, ...]

    @property
    def unread(self) -> int:
        return sum(report.outcome is not Outcome.COMPLETE for report in self.reports)


def _silent(_: Step) -> None:
    """Nobody listens."""


class Importing:
    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, owner: Connectors) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._connectors = owner

    def run(
        self, draft: ImportDraft, by: str = LOCAL, on_step: Callable[[Step], None] = _silent
    ) -> tuple[Imported, ...]:
        """Every account of the export. BadRequestError names the file and the place of what cannot be read: then
        nothing was recorded."""
        moment = self._moment(draft)
        with ExitStack() as spools:
            works = [
                _Work(draft, kind, spools.enter_context(_spooled(draft, kind, on_step)), moment, by, on_step)
                for kind in draft.formats
            ]
            accounts = [(work, *names) for work in works for names in _accounts(draft, work.format, work.spool)]
            if not accounts:
                raise BadRequestError(f"The export holds nothing of {draft.account.strip() or 'any account'}.")
            chosen = [(work, told_as, self._free(work, account_id)) for work, told_as, account_id in accounts]
            return tuple(self._account(*one) for one in chosen)

    def _moment(self, draft: ImportDraft) -> datetime:
        if not draft.files or len(draft.files) > _LARGEST_FILES:
            raise BadRequestError(f"Name the files of the export, at most {_LARGEST_FILES:,}.")
        now = self._clock()
        try:
            newest = max(path.stat().st_mtime for path in draft.files)
        except OSError as error:
            raise BadRequestError(f"{error.filename} cannot be read: {error.strerror}.") from None
        moment = draft.moment or datetime.fromtimestamp(int(newest), UTC)
        if draft.moment is not None and moment > now:
            raise BadRequestError(f"The export cannot be of {moment:%Y-%m-%d}, which is yet to come.")
        return min(moment, now)

    def _free(self, work: "_Work", account_id: str) -> str:
        """The account, when nothing better is known of it. BadRequestError says what is."""
        try:
            connector = self._connectors.find_account(work.format.provider, account_id)
        except NotFoundError:
            return account_id
        if work.format.is_partial and not work.draft.is_whole and not connector.is_disabled:
            raise BadRequestError(
                f"{account_id} is read from the cloud by the connector {connector.name}; {work.format.name} tells only "
                "what Terraform manages there, and would let go of the rest. --complete says that it manages all."
            )
        if connector.last_synced_on is not None and connector.last_synced_on > work.moment:
            raise BadRequestError(
                f"What is known of {account_id} is of {connector.last_synced_on:%Y-%m-%d %H:%M}, newer than the export "
                f"({work.moment:%Y-%m-%d %H:%M}); an older export would undo it."
            )
        return account_id

    def _account(self, work: "_Work", told_as: str, account_id: str) -> Imported:
        draft, moment, by = work.draft, work.moment, work.by
        connector = self._connector(work.format.provider, account_id, by)
        sweep = steps.prepare(self._store, self._catalogue, lambda: moment, connector, with_wire=True)
        account = ExportedAccount(work.format, work.spool, told_as, is_whole=draft.is_whole)
        planned = account.plan(sweep.needs)
        with self._store.write() as writer:
            reports = tuple(_recorded(writer, sweep, account, planned, work.on_step))
            resources = sum(report.resources for report in reports)
            told = {"format": work.format.name, "resources": resources, "moment": moment.isoformat()}
            trail.record(writer, by, "connector.import", str(connector.uuid), told, self._clock())
        for resource_type in steps.evaluated_types(sweep):
            steps.evaluate(sweep, resource_type)
        with self._store.write() as writer:
            steps.settle(writer, sweep, frozenset(planned))
        return Imported(connector.uuid, account_id, resources, moment, reports)

    def _connector(self, provider: Provider, account_id: str, by: str) -> Connector:
        """The account's own, or a new one that is never run: nobody gave credentials for it."""
        try:
            return self._connectors.find_account(provider, account_id)
        except NotFoundError:
            draft = Draft(name=f"{provider.account} {account_id}", account_id=account_id, is_disabled=True)
            return self._connectors.create(provider, draft, by)


class _Work(NamedTuple):
    """What one import does for each account."""

    draft: ImportDraft
    format: ExportFormat
    spool: Spool
    moment: datetime
    by: str
    on_step: Callable[[Step], None]


def _recorded(
    writer: Writer,
    sweep: Sweep,
    account: ExportedAccount,
    planned: Sequence[Scope],
    on_step: Callable[[Step], None],
) -> Iterator[ScopeReport]:
    """Scope after scope, in pieces; what an earlier import or run knew and this one does not hold goes, where the
    export tells all of a scope."""
    key, now = sweep.connector.key, sweep.clock()
    for number, scope in enumerate(planned):
        seen: set[str] = set()
        reports: list[ScopeReport] = []
        for piece in account.pieces(scope, sweep.needs):
            scope_key = scopes.close(writer, key, piece.report, now)
            recording.record(writer, key, scope_key, piece.resources, complete=False, now=now)
            seen.update(one.resource_id for one in piece.resources)
            reports.append(piece.report)
        whole = joined(scope, reports, len(seen))
        scope_key = scopes.close(writer, key, whole, now)
        if whole.outcome is Outcome.COMPLETE:
            recording.retire_unseen(writer, key, scope_key, seen)
        on_step(Step("recording", number + 1, len(planned)))
        yield whole


@contextmanager
def _spooled(draft: ImportDraft, kind: ExportFormat, on_step: Callable[[Step], None]) -> Iterator[Spool]:
    total = sum(path.stat().st_size for path in draft.files)
    done = 0

    def on_bytes(count: int) -> None:
        nonlocal done
        done += count
        on_step(Step("reading", done, total))

    with tempfile.TemporaryDirectory(prefix="nephoscope-import-") as folder:
        spool = Spool(Path(folder), is_whole=draft.is_whole and len(draft.files) == 1)
        for path in draft.files:
            kind.read(path, spool, on_bytes)
        spool.flush()
        yield spool


def _accounts(draft: ImportDraft, kind: ExportFormat, spool: Spool) -> list[tuple[str, str]]:
    """As the export calls them, and as connectors do. BadRequestError when the id of one is not known."""
    ids = project_ids(spool) if kind.provider is Provider.GCP else {}
    found = [(name, ids.get(name, name)) for name in spool.accounts]
    wanted = draft.account.strip()
    if wanted:
        is_nameless = len(found) == 1 and (not found[0][1] or (found[0][1].isdigit() and kind.provider is Provider.GCP))
        found = [(found[0][0], wanted)] if is_nameless else [pair for pair in found if wanted in pair]
    if any(not name for _, name in found):
        raise BadRequestError(
            f"The export does not say whose its {kind.provider} resources are: say it with --account."
        )
    unknown = [number for number, name in found if name.isdigit() and kind.provider is Provider.GCP]
    if unknown:
        raise BadRequestError(
            f"The export knows project {', '.join(unknown[:10])} only by number: export its "
            "cloudresourcemanager.googleapis.com/Project asset too, or say its id with --account."
        )
    return found
