"""A small estate behind the API: two connectors, some resources, five controls, and runs that nobody carries."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from litestar import Litestar

from fresh_stores import open_fresh
from nephoscope.access.preferences import Preferences, defaults_of
from nephoscope.access.roles import Roles
from nephoscope.access.sso import SingleSignOn
from nephoscope.api.application import build_api
from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.connectors.following import Following
from nephoscope.connectors.groups import Groups
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import ConflictError, NotFoundError
from nephoscope.evaluation.passes import evaluate_type
from nephoscope.exceptions.exceptions import Exceptions
from nephoscope.imports.importing import Importing
from nephoscope.kit.outbound import Outbound
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control, Criticality, Example, Parameter, Policy
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, Tag
from nephoscope.model.runs import Run, RunState
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.policies.policies import Policies
from nephoscope.reports.delivery.schedules import Schedules
from nephoscope.reports.exports.exports import Exports
from nephoscope.reports.reports import Reports
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.settings import Settings
from nephoscope.snapshots.disks import Disks
from nephoscope.snapshots.scanning import scan_context_of
from nephoscope.store import reports, resources, scopes
from nephoscope.store.session import Store, open_store
from nephoscope.tags.tags import Tags
from nephoscope.usecases.usecases import UseCases
from quick_access import quick_access
from worlds import FakeClock

BASE = "/cloudview-api/rest/v1"
USER, PASSWORD = "alice", "correct horse"
ACCOUNT, LAB = "111122223333", "444455556666"
ARN = f"arn:aws:iam::{ACCOUNT}:role/nephoscope"


def basic(text: str, encoding: str = "utf-8") -> dict[str, str]:
    """The header for `name:password`."""
    return {"Authorization": "Basic " + b64encode(text.encode(encoding)).decode()}


class QueuedRuns:
    """Runs that are queued and stay so: nobody carries them."""

    def __init__(self, connectors: Connectors, clock: FakeClock) -> None:
        self._connectors = connectors
        self._clock = clock
        self.queued: dict[UUID, Run] = {}
        self.asked_by: list[str] = []
        self.is_carrying = True

    def request(self, connector: UUID, by: str = LOCAL) -> Run:
        self._connectors.get(connector)
        if connector in self.queued:
            raise ConflictError("A run is queued.")
        self.asked_by.append(by)
        run = Run(uuid=uuid4(), connector_uuid=connector, state=RunState.QUEUED, queued_on=self._clock())
        self.queued[connector] = run
        return run

    def get(self, run: UUID) -> Run:
        for found in self.queued.values():
            if found.uuid == run:
                return found
        raise NotFoundError(f"There is no run {run}.")

    def cancel(self, run: UUID) -> None:
        self.queued.pop(self.get(run).connector_uuid)


class World:
    """`settings` are those of the server; `uuids` finds a resource's uuid by its id. `url` is a store of
    this schema; without it the store is in memory."""

    def __init__(
        self, folder: Path, clock: FakeClock, settings: Settings | None = None, *, url: str | None = None
    ) -> None:
        self.clock = clock
        self.store: Store = open_store(url, clock) if url else open_fresh(clock)
        self.settings = settings or Settings(data=folder, request_body_limit=1_000_000)
        self.catalogue = catalogue()
        self.sealer = KeyRing([b"k" * KEY_BYTES])
        self.connectors = Connectors(self.store, clock, self.sealer)
        self.preferences = Preferences(self.store, clock, defaults_of(self.settings))
        self.exceptions = self._exceptions()
        self.policies = Policies(self.store, clock, self.catalogue.controls, self.catalogue.policies)
        self.runs = QueuedRuns(self.connectors, clock)
        self.access = quick_access(self.store, clock, self.sealer)
        self.access.ensure_admin(USER, PASSWORD)
        self.roles = Roles(self.store, clock)
        self.production = self._connect(Draft(name="Production", arn=ARN, external_id="123456789", description="Shop"))
        self.lab = self._connect(Draft(name="Lab", account_id=LAB))
        self.uuids: dict[str, UUID] = {}

    @property
    def reports(self) -> Reports:
        days = self.preferences.report_days
        return Reports(self.store, self.clock, self.catalogue, self.policies, days=days)

    @property
    def usecases(self) -> UseCases:
        return UseCases(
            settings=self.settings,
            clock=self.clock,
            store=self.store,
            catalogue=self.catalogue,
            access=self.access,
            sso=SingleSignOn(self.store, self.clock, self.sealer, Outbound(["127.0.0.0/8"]), self.settings.sign_ons),
            connectors=self.connectors,
            following=Following(self.store, self.clock, self.sealer, self.connectors),
            importing=Importing(self.store, self.clock, self.catalogue, self.connectors),
            exceptions=self.exceptions,
            policies=self.policies,
            exports=Exports(self.store, self.clock, self.catalogue, self.policies),
            reports=self.reports,
            schedules=Schedules(
                self.store,
                self.clock,
                self.sealer,
                self.reports,
                outbound=Outbound(["127.0.0.0/8"]),
                has_folder=True,
                has_mail=True,
            ),
            tags=Tags(self.store, self.clock),
            preferences=self.preferences,
            groups=Groups(self.store, self.clock),
            roles=self.roles,
            sealer=self.sealer,
            outbound=Outbound(["127.0.0.0/8"]),
            disks=Disks(scan_context_of(self.store, self.clock, self.sealer, self.settings)),
            runs=self.runs,
        )

    def use(self, settings: Settings) -> None:
        """Like a restart with other settings."""
        self.settings = settings
        self.preferences = Preferences(self.store, self.clock, defaults_of(settings))
        self.exceptions = self._exceptions()

    def _exceptions(self) -> Exceptions:
        return Exceptions(
            self.store,
            self.clock,
            controls=self.catalogue.controls,
            trail=trail.record,
            zone_of=self.preferences.zone_of,
            needs_approval=self.preferences.needs_approval,
        )

    def application(self) -> Litestar:
        return build_api(self.usecases)

    def unfinished_reports(self) -> list[UUID]:
        with self.store.read() as reader:
            return [report.uuid for report in reports.unfinished(reader)]

    def make_reports(self) -> None:
        """What a worker does about the reports that wait."""
        with self.store.read() as reader:
            waiting = reports.unfinished(reader)
        for report in waiting:
            self.usecases.reports.make(report)

    def _connect(self, draft: Draft) -> Connector:
        return self.connectors.create(Provider.AWS, draft)

    def record(
        self,
        resource_type: str,
        region: str,
        observed: Sequence[Observed],
        outcome: Outcome = Outcome.COMPLETE,
        connector: Connector | None = None,
    ) -> None:
        """Close a scope with these resources in it, and judge them."""
        owner = connector or self.production
        report = ScopeReport(Scope(resource_type, region), outcome, permission="" if observed else "s3:ListBuckets")
        with self.store.write() as writer:
            key = scopes.close(writer, owner.key, report, self.clock())
            resources.record(writer, owner.key, key, observed, complete=outcome is Outcome.COMPLETE, now=self.clock())
        evaluate_type(self.store, self.catalogue, owner.key, resource_type, self.clock())
        with self.store.read() as reader:
            for row in resources.candidates(reader, owner.key, resource_type):
                found = resources.by_keys(reader, [row.resource_key])[row.resource_key]
                self.uuids[found.resource_id] = found.uuid

    def populate(self) -> None:
        """Two instances (one fails 322), three users (one fails 1), buckets that may not be listed."""
        self.record("EC2_INSTANCE", "us-east-1", [instance("i-0aaa", tokens="required"), instance("i-0bbb")])
        self.record("IAM_USER", "global", [user("ann", mfa=True), user("bob", mfa=False), user("cleo", mfa=True)])
        self.record("BUCKET", "global", [], Outcome.DENIED)


def document(resource_type: str, known: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: None for field in RESOURCE_TYPES[resource_type].fields} | dict(known)


def instance(resource_id: str, *, tokens: str = "optional", name: str = "web") -> Observed:
    return Observed(
        resource_id=resource_id,
        name=name,
        arn=f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{resource_id}",
        document=document(
            "EC2_INSTANCE",
            {
                "instanceId": resource_id,
                "instanceState": "running",
                "instanceType": "t2.micro",
                "launchTime": "2025-03-19T09:52:17Z",
                "publicIpAddress": "50.17.16.28",
                "metadataOptions": {"httpTokens": tokens, "httpEndpoint": "enabled"},
                "securityGroups": [{"groupName": "launch-wizard-3", "groupId": "sg-06c97140dd933163b"}],
            },
        ),
        tags=(Tag("Name", name),),
    )


def user(name: str, *, mfa: bool) -> Observed:
    facts = {"user": name, "mfaActive": mfa, "passwordEnabled": True}
    return Observed(name, name, f"arn:aws:iam::{ACCOUNT}:user/{name}", document("IAM_USER", facts))


def control(cid: int, resource_type: str, passes: str, **more: Any) -> Control:
    row = RESOURCE_TYPES[resource_type]
    texts: dict[str, Any] = {
        "name": f"Control number {cid}",
        "service_type": row.service_type,
        "criticality": Criticality.HIGH,
        "description": "Looks at a *setting*.",
        "rationale": "Because.",
        "remediation": "Run `aws`.",
        "references": ("https://example.com/?a=1&b=2",),
        "pass_message": "It is so.",
        "fail_message": "It is not so.",
        "evidence": (),
        "pass_examples": (Example({}),),
        "fail_examples": (Example({}),),
        "benchmarks": {"CIS AWS 3.0": f"1.{cid}"},
    }
    return Control(cid=cid, provider=Provider.AWS, resource_type=resource_type, passes=passes, **{**texts, **more})


def catalogue() -> Catalogue:
    bench = Policy(
        "CIS Amazon Web Services Foundations Benchmark", Provider.AWS, "3.0.0", datetime(2024, 1, 1, tzinfo=UTC),
        "CIS AWS 3.0",
    )  # fmt: skip
    plain = Policy("AWS Best Practices Policy", Provider.AWS, "1.0.0", datetime(2024, 1, 1, tzinfo=UTC))
    controls = [
        control(1, "IAM_USER", "resource.mfaActive", name="MFA for users with a password", evidence=("mfaActive",)),
        control(
            2,
            "IAM_USER",
            "resource.passwordEnabled",
            name='Passwords <are> "fine" & ]]> safe',
            criticality=Criticality.LOW,
            parameters=(Parameter("maxAge", "Maximum age & more", "<=", 90),),
        ),
        control(
            322,
            "EC2_INSTANCE",
            'resource.metadataOptions.httpTokens == "required"',
            name="Ensure that EC2 Metadata Service only allows IMDSv2",
            criticality=Criticality.MEDIUM,
            policies=("AWS Best Practices Policy",),
            evidence=("metadataOptions.httpTokens",),
        ),
        control(45, "BUCKET", "resource.isPolicyPublic == false", name="No public buckets"),
        control(46, "EBS", "resource.encrypted", name="Encrypted volumes"),
    ]
    return Catalogue(controls, [bench, plain])
