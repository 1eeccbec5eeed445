"""From export files to a judged inventory: everything is read, checked and made ready first; then one short transaction
for each account records it; then it is judged, as of the day of the export."""

import tempfile
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec

from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.clouds.exported.account import ExportedAccount, ExportFormat, joined
from nephoscope.clouds.exported.azure_graph import AZURE_GRAPH, refuse_unfinished
from nephoscope.clouds.exported.gcp_assets import project_ids
from nephoscope.clouds.exported.spool import Spool
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import BadRequestError, NotFoundError
from nephoscope.imports.staging import Stage
from nephoscope.jobs import sweep as steps
from nephoscope.kit.clock import Clock
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome, ScopeReport
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
    """How far it is: bytes of the files that were read, scopes that were sorted or recorded, types that were judged."""

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
        work = _Work(draft, self._moment(draft), by, on_step)
        with tempfile.TemporaryDirectory(prefix="nephoscope-import-") as folder:
            accounts = [account for kind in draft.formats for account in _accounts(draft, _spooled(work, kind, folder))]
            if not accounts:
                raise BadRequestError(f"The export holds nothing of {draft.account.strip() or 'any account'}.")
            for account in accounts:
                self._ensure_free(work, account)
            stages = [self._staged(work, account, Path(folder) / f"stage-{at}") for at, account in enumerate(accounts)]
            return tuple(self._recorded(work, *pair) for pair in zip(accounts, stages, strict=True))

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

    def _ensure_free(self, work: "_Work", account: "_Account") -> None:
        """BadRequestError when something better is known of it."""
        kind, name = account.format, account.account_id
        try:
            connector = self._connectors.find_account(kind.provider, name)
        except NotFoundError:
            return
        if kind.is_partial and not work.draft.is_whole and not connector.is_disabled:
            raise BadRequestError(
                f"{name} is read from the cloud by the connector {connector.name}; {kind.name} tells only "
                "what Terraform manages there, and would let go of the rest. --complete says that it manages all."
            )
        if connector.last_synced_on is not None and connector.last_synced_on > work.moment:
            raise BadRequestError(
                f"What is known of {name} is of {connector.last_synced_on:%Y-%m-%d %H:%M}, newer than the export "
                f"({work.moment:%Y-%m-%d %H:%M}); an older export would undo it."
            )

    def _staged(self, work: "_Work", account: "_Account", file: Path) -> Stage:
        told = ExportedAccount(account.format, account.spool, account.told_as, is_whole=work.draft.is_whole)
        needs = steps.needs_of(self._catalogue, account.format.provider, with_wire=True)
        return Stage(file, told, needs, lambda done, total: work.on_step(Step("sorting", done, total)))

    def _recorded(self, work: "_Work", account: "_Account", stage: Stage) -> Imported:
        moment, by = work.moment, work.by
        connector = self._connector(account.format.provider, account.account_id, by)
        sweep = steps.prepare(self._store, self._catalogue, lambda: moment, connector, with_wire=True)
        with self._store.write() as writer:
            reports = tuple(_record(writer, connector.key, stage, work))
            resources = sum(report.resources for report in reports)
            told = {"format": account.format.name, "resources": resources, "moment": moment.isoformat()}
            trail.record(writer, by, "connector.import", str(connector.uuid), told, self._clock())
        kinds = steps.evaluated_types(sweep)
        for number, resource_type in enumerate(kinds):
            steps.evaluate(sweep, resource_type)
            work.on_step(Step("judging", number + 1, len(kinds)))
        with self._store.write() as writer:
            steps.settle(writer, sweep, frozenset(staged.scope for staged in stage.scopes))
        return Imported(connector.uuid, account.account_id, resources, moment, reports)

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
    moment: datetime
    by: str
    on_step: Callable[[Step], None]


class _Account(NamedTuple):
    """One account of the export: as the export calls it, and as connectors do."""

    format: ExportFormat
    spool: Spool
    told_as: str
    account_id: str


def _record(writer: Writer, key: int, stage: Stage, work: _Work) -> Iterator[ScopeReport]:
    """Scope after scope, in pieces; what an earlier import or run knew and this one does not hold goes, where the
    export tells all of a scope."""
    for number, staged in enumerate(stage.scopes):
        seen = array("q")
        for piece in staged.pieces:
            scope_key = scopes.close(writer, key, piece.report, work.moment)
            seen.extend(recording.record_piece(writer, key, scope_key, stage.rows(piece), work.moment))
        known = array("q", (one for one, _ in groupby(sorted(seen))))
        whole = joined(staged.scope, [piece.report for piece in staged.pieces], len(known))
        scope_key = scopes.close(writer, key, whole, work.moment)
        if whole.outcome is Outcome.COMPLETE:
            recording.retire_unseen(writer, key, scope_key, known)
        work.on_step(Step("recording", number + 1, len(stage.scopes)))
        yield whole


def _spooled(work: _Work, kind: ExportFormat, folder: str) -> tuple[ExportFormat, Spool]:
    draft = work.draft
    if kind is AZURE_GRAPH:
        refuse_unfinished(draft.files)
    total = sum(path.stat().st_size for path in draft.files)
    done = 0

    def on_bytes(count: int) -> None:
        nonlocal done
        done += count
        work.on_step(Step("reading", done, total))

    own = Path(folder) / f"{kind.name}-{kind.provider}"
    own.mkdir()
    spool = Spool(own, is_whole=draft.is_whole and len(draft.files) == 1)
    for path in draft.files:
        kind.read(path, spool, on_bytes)
    spool.flush()
    return kind, spool


def _accounts(draft: ImportDraft, spooled: tuple[ExportFormat, Spool]) -> list[_Account]:
    """BadRequestError when the id of one is not known."""
    kind, spool = spooled
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
    return [_Account(kind, spool, *names) for names in found]
