"""From settings to an opened installation: the store, the catalogue and the use cases over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from nephoscope.access.access import AccessControl
from nephoscope.access.preferences import Preferences, defaults_of
from nephoscope.access.roles import Roles
from nephoscope.access.sso import SingleSignOn
from nephoscope.app.keys import key_ring
from nephoscope.app.stores import opened_store, store_url
from nephoscope.audit import trail
from nephoscope.connectors.connectors import Connectors
from nephoscope.connectors.following import Following
from nephoscope.connectors.groups import Groups
from nephoscope.controls.loading import load_catalogue
from nephoscope.exceptions.exceptions import Exceptions
from nephoscope.imports.importing import Importing
from nephoscope.jobs.disks import judge_again
from nephoscope.jobs.jobs import Jobs, open_jobs
from nephoscope.kit.clock import system_clock
from nephoscope.kit.outbound import Outbound
from nephoscope.policies.policies import Policies
from nephoscope.reports.delivery.schedules import Schedules
from nephoscope.reports.exports.exports import Exports
from nephoscope.reports.reports import Reports
from nephoscope.settings import Settings
from nephoscope.snapshots.disks import Disks
from nephoscope.snapshots.scanning import scan_context_of
from nephoscope.tags.tags import Tags
from nephoscope.usecases.usecases import UseCases

__all__ = ["opened_store", "opened_usecases", "store_url"]


@contextmanager
def opened_usecases(settings: Settings, *, is_upgraded: bool = True) -> Iterator[tuple[UseCases, Jobs]]:
    """Everything the doors may ask for, and the jobs of this process, not started."""
    clock = system_clock
    catalogue = load_catalogue()
    defaults = defaults_of(settings)
    sealer = key_ring(settings)
    with (
        opened_store(settings, is_upgraded=is_upgraded) as store,
        open_jobs(settings, store, catalogue, clock, sealer=sealer) as jobs,
    ):
        preferences = Preferences(store, clock, defaults)
        policies = Policies(store, clock, catalogue.controls, catalogue.policies)
        reports = Reports(store, clock, catalogue, policies, days=preferences.report_days, on_waiting=jobs.wake)
        scan_context = scan_context_of(store, clock, sealer, settings)
        usecases = UseCases(
            settings=settings,
            clock=clock,
            store=store,
            catalogue=catalogue,
            access=AccessControl(store, clock, sealer, settings.public_url),
            sso=SingleSignOn(store, clock, sealer, Outbound(settings.allowed_networks), settings.sign_ons),
            connectors=(connectors := Connectors(store, clock, sealer, allows_endpoints=settings.endpoint_overrides)),
            following=Following(store, clock, sealer, connectors),
            importing=Importing(store, clock, catalogue, connectors),
            exceptions=Exceptions(
                store,
                clock,
                controls=catalogue.controls,
                trail=trail.record,
                zone_of=preferences.zone_of,
                needs_approval=preferences.needs_approval,
            ),
            policies=policies,
            exports=Exports(store, clock, catalogue, policies),
            reports=reports,
            schedules=Schedules(
                store,
                clock,
                sealer,
                reports,
                outbound=Outbound(settings.allowed_networks),
                has_folder=settings.report_folder is not None,
                has_mail=bool(settings.smtp),
            ),
            preferences=preferences,
            groups=Groups(store, clock),
            roles=Roles(store, clock),
            sealer=sealer,
            outbound=Outbound(settings.allowed_networks),
            tags=Tags(store, clock),
            disks=Disks(scan_context, on_waiting=jobs.wake, on_found=partial(judge_again, scan_context, catalogue)),
            runs=jobs,
        )
        yield usecases, jobs
