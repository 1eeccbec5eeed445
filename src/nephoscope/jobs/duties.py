"""What is done now and then beside runs: looking at followed places, asking for scheduled reports, taking them where
they are wanted, letting old entries of the trail go, and what disks need: choosing who is due, comparing with new
advisories, sweeping. Whatever calls out may take its time here: it holds up nothing
but its own kind."""

from collections.abc import Mapping
from datetime import timedelta

from nephoscope.access.preferences import Preferences
from nephoscope.audit import trail
from nephoscope.connectors.connectors import Connectors
from nephoscope.connectors.following import Following
from nephoscope.jobs.carrying import JobContext
from nephoscope.jobs.disks import DiskRounds
from nephoscope.jobs.rounds import Duty
from nephoscope.kit.outbound import Outbound
from nephoscope.policies.policies import Policies
from nephoscope.reports.delivery.delivering import Deliverer
from nephoscope.reports.delivery.mail import mailer_of
from nephoscope.reports.delivery.schedules import Schedules
from nephoscope.reports.reports import Reports
from nephoscope.settings import Settings
from nephoscope.snapshots.disks import Disks
from nephoscope.snapshots.scanning import scan_context_of

_LOOK, _ASK, _DELIVER, _PRUNE = 60.0, 10.0, 5.0, 3600.0
_CHOOSE, _COMPARE, _SWEEP = 60.0, 30.0, 900.0
"""Seconds between two rounds."""


def duties_of(context: JobContext, settings: Settings, preferences: Preferences) -> Mapping[Duty, float]:
    """Each with its seconds. SettingsError for a mail server that cannot be meant."""
    policies = Policies(context.store, context.clock, context.catalogue.controls, context.catalogue.policies)
    reports = Reports(context.store, context.clock, context.catalogue, policies, days=preferences.report_days)
    mailer = mailer_of(settings.smtp, settings.mail_from)
    schedules = Schedules(
        context.store,
        context.clock,
        context.sealer,
        reports,
        outbound=Outbound(settings.allowed_networks),
        has_folder=settings.report_folder is not None,
        has_mail=mailer is not None,
    )
    deliverer = Deliverer(
        context.store,
        context.clock,
        reports,
        sealer=context.sealer,
        outbound=Outbound(settings.allowed_networks),
        folder=settings.report_folder,
        mailer=mailer,
    )
    owner = Connectors(context.store, context.clock, context.sealer)
    following = Following(context.store, context.clock, context.sealer, owner)

    rounds = DiskRounds(
        Disks(scan_context_of(context.store, context.clock, context.sealer, settings)), context.catalogue
    )

    def prune() -> None:
        days, now = preferences.tenant().audit_days, context.clock()
        if days:
            with context.store.write() as writer:
                trail.prune(writer, now - timedelta(days=days), now)

    return {
        following.look_when_due: _LOOK,
        schedules.run_due: _ASK,
        deliverer.deliver_due: _DELIVER,
        prune: _PRUNE,
        rounds.choose: _CHOOSE,
        rounds.compare: _COMPARE,
        rounds.sweep: _SWEEP,
    }
