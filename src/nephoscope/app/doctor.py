"""Looking whether everything is in order, without changing anything: no directory is made, no key, no schema."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from nephoscope.app.certificates import tls_context
from nephoscope.app.keys import key_path, key_ring
from nephoscope.app.stores import store_url
from nephoscope.errors import CloudError, NephoscopeError, SettingsError, StoreError
from nephoscope.jobs.sweep import enter
from nephoscope.kit.clock import Clock, system_clock
from nephoscope.kit.sealing import NO_KEYS, KeyRing
from nephoscope.model.connectors import CREDENTIAL, Connector
from nephoscope.model.health import Check, failed, ok, warning
from nephoscope.model.providers import Provider
from nephoscope.settings import Settings, is_open_to_others, unknown_variables
from nephoscope.store import connectors, health, runs, sealed
from nephoscope.store.session import Reader, Store, open_store

_SKEW = timedelta(seconds=2)
_FAR_OFF = timedelta(seconds=30)
"""From here on codes of second factors and new tokens are refused."""
_SILENT = timedelta(seconds=60)
_RENEW = timedelta(days=14)
_LITTLE, _TOO_LITTLE = 1024**3, 100 * 1024**2
"""Bytes free."""
_CLOUD_SECONDS = 30.0
_CLOUD_CALLS = 4
_SHOWN = 5


def examine(
    settings: Settings, *, with_clouds: bool, clock: Clock = system_clock, seconds: float = _CLOUD_SECONDS
) -> tuple[Check, ...]:
    """`seconds` is how long all clouds together may take to answer."""
    return tuple(_examined(settings, clock, seconds if with_clouds else 0.0))


def _examined(settings: Settings, clock: Clock, seconds: float) -> Iterator[Check]:
    yield from variables()
    yield from directory(settings)
    yield from certificate(settings, clock())
    yield from proxy(settings)
    try:
        store = open_store(store_url(settings))
    except (StoreError, OSError) as error:
        yield failed("store", str(error))
        return
    with closing(store):
        yield from _kept(settings, store, clock, seconds)


def _kept(settings: Settings, store: Store, clock: Clock, seconds: float) -> Iterator[Check]:
    try:
        with store.read() as reader:
            yield integrity(reader)
            yield clocks(reader, clock)
            yield keys(reader, settings)
            yield permissions(reader)
            yield workers(reader, clock())
    except StoreError as error:
        yield failed("store", error.message)
        return
    if seconds:
        yield from clouds(store, settings, seconds)


def variables() -> Iterator[Check]:
    """Nothing when each is one that is read."""
    yield from (warning("settings", sentence) for sentence in unknown_variables())


def directory(settings: Settings) -> Iterator[Check]:
    """Who may read it, and how much room there is."""
    data = settings.data
    if settings.database_url or data is None:
        yield ok("disk", "Everything is kept in PostgreSQL; its disk is its server's to watch.")
        return
    if not data.is_dir():
        yield failed("disk", f"There is no data directory {data}; `nephoscope db upgrade` makes one.")
        return
    yield _room(data)
    yield _privacy(data)


def _room(data: Path) -> Check:
    free = shutil.disk_usage(data).free
    said = f"{free // 1024**2:,} MB are free in {data}"
    if free < _TOO_LITTLE:
        return failed("disk", f"{said}; make room: at least {_LITTLE // 1024**2:,} MB should be free.")
    return warning("disk", f"{said}; 1,024 MB should be.") if free < _LITTLE else ok("disk", f"{said}.")


def _privacy(data: Path) -> Check:
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return failed("directory", f"{data} cannot be written by this user; it should belong to who runs the server.")
    loose = [path for path in (data, *sorted(data.glob("*.sqlite*"))) if path.stat().st_mode & 0o077]
    if data in loose:
        return failed("directory", f"{data} is open to others: chmod 700 {data}")
    if loose:
        return warning("directory", f"{loose[0].name} could be read by others, if {data} were open: chmod 600 it.")
    return ok("directory", f"{data} is its owner's alone.")


def certificate(settings: Settings, now: datetime) -> Iterator[Check]:
    """Nothing without TLS of our own."""
    path = settings.tls_certificate
    if path is None:
        return
    try:
        first, *_ = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no certificate in PEM"
        yield failed("certificate", f"{path} cannot be read: {reason}.")
        return
    yield from _certificate_key(path, settings.tls_key)
    begins, ends = first.not_valid_before_utc, first.not_valid_after_utc
    if not begins <= now < ends:
        when = f"ended on {ends:%Y-%m-%d}" if now >= ends else f"begins on {begins:%Y-%m-%d}"
        yield failed("certificate", f"{path} {when}; put one there that is valid now and restart the server.")
    elif ends - now < _RENEW:
        yield warning("certificate", f"{path} ends on {ends:%Y-%m-%d}; renew it and restart the server.")
    else:
        yield ok("certificate", f"{path} is valid until {ends:%Y-%m-%d}.")


def proxy(settings: Settings) -> Iterator[Check]:
    """Nothing unless browsers come over TLS that ends before us, at somebody who is not named."""
    if settings.public_url.startswith("https://") and not settings.tls_certificate and not settings.trusted_proxies:
        yield warning(
            "proxy",
            "NEPHOSCOPE_PUBLIC_URL is https and TLS ends at a proxy that NEPHOSCOPE_TRUSTED_PROXIES does not name: all "
            "clients seem to come from its address, slow each other down, and get cookies that plain HTTP would carry.",
        )


def _certificate_key(path: Path, key: Path | None) -> Iterator[Check]:
    """Nothing when it belongs to the certificate and is its owner's alone."""
    try:
        tls_context(path, key)
    except SettingsError as error:
        yield failed("certificate", error.message)
        return
    if is_open_to_others(key or path):
        yield warning("certificate", f"The key in {key or path} can be read by others: chmod 600 {key or path}")


def integrity(reader: Reader) -> Check:
    """That it opened says that it is there and of this program's schema."""
    found = health.faults(reader)
    if found:
        return failed("store", f"The file is damaged ({found[0]}); restore a backup.")
    return ok("store", "The database answers, its schema is this version's, and no damage was found.")


def clocks(reader: Reader, clock: Clock) -> Check:
    server = health.server_clock(reader)
    if server is None:
        return ok("clock", f"The clock says {clock():%Y-%m-%d %H:%M:%S} UTC.")
    skew = abs(server - clock())
    said = f"The clocks here and on the database server are {skew.total_seconds():.1f} s apart"
    if skew > _FAR_OFF:
        return failed("clock", f"{said}; tokens and second factors fail. Synchronise both by NTP.")
    return warning("clock", f"{said}; synchronise both by NTP.") if skew > _SKEW else ok("clock", f"{said}.")


def keys(reader: Reader, settings: Settings) -> Check:
    """Every sealed credential is opened, and none is shown."""
    try:
        ring = _ring(settings)
    except NephoscopeError as error:
        return failed("keys", error.message)
    count, unopened = sealed.unopened(reader, ring)
    if unopened:
        return failed("keys", f"{unopened} of {count} encrypted credentials do not open: bring back the key they need.")
    known = f"{len(ring)} {'key' if len(ring) == 1 else 'keys'} here"
    if not ring:
        return warning("keys", "There is no key yet; set NEPHOSCOPE_KEY_FILE before credentials are to be kept.")
    return ok("keys", f"{count} encrypted credentials, each of which opens; {known}.")


def _ring(settings: Settings) -> KeyRing:
    path = key_path(settings)
    return NO_KEYS if path is not None and not path.exists() else key_ring(settings)


def permissions(reader: Reader) -> Check:
    found = health.denied(reader)
    if not found:
        return ok("permissions", "No permission was missing when accounts were last read.")
    shown = ", ".join(f"{name or 'unnamed'} ({count})" for name, count in list(found.items())[:_SHOWN])
    return warning(
        "permissions",
        f"{sum(found.values())} parts of accounts were not read for want of {shown}; "
        "`nephoscope permissions` prints what to grant.",
    )


def workers(reader: Reader, now: datetime) -> Check:
    beats = runs.heartbeats(reader)
    living = sorted(name for name, beat in beats.items() if now - beat <= _SILENT)
    if not living:
        return warning("workers", "Nobody carries runs now; start `nephoscope serve`, or a worker.")
    silent = len(beats) - len(living)
    said = f"{len(living)} carry runs"
    return warning("workers", f"{said}, {silent} fell silent.") if silent else ok("workers", f"{said}.")


def clouds(store: Store, settings: Settings, seconds: float) -> tuple[Check, ...]:
    """Each connector that is enabled is entered, all at once; who has not answered in time is told so."""
    ring = _ring(settings)
    with store.read() as reader:
        listed = [
            (one, lambda one=one: _secret(store, ring, one))
            for provider in Provider
            for one in connectors.every(reader, provider)
            if not one.is_disabled
        ]
    found: dict[int, Check] = {}
    threads = [
        threading.Thread(target=_enter, args=(found, place, one, secret), daemon=True)
        for place, (one, secret) in enumerate(listed)
    ]
    _run(threads, seconds)
    silent = f"did not answer within {seconds:.0f} s; look at the network between here and it."
    return tuple(
        found.get(place, failed("clouds", f"{one.name} {silent}")) for place, (one, _) in enumerate(listed)
    ) or (ok("clouds", "No connector is enabled."),)


def _run(threads: Sequence[threading.Thread], seconds: float) -> None:
    """They are left behind when time is up: they end with the process."""
    ends = threading.Event()
    timer = threading.Timer(seconds, ends.set)
    timer.daemon = True
    for thread in threads:
        thread.start()
    timer.start()
    for thread in threads:
        while thread.is_alive() and not ends.is_set():
            thread.join(0.05)
    timer.cancel()


def _secret(store: Store, ring: KeyRing, connector: Connector) -> str:
    with store.read() as reader:
        return sealed.get(reader, ring, connector.uuid, CREDENTIAL)


def _enter(found: dict[int, Check], place: int, connector: Connector, secret: Callable[[], str]) -> None:
    try:
        enter(connector, secret=secret(), workers=_CLOUD_CALLS).close()
    except (CloudError, StoreError) as error:
        found[place] = failed("clouds", f"{connector.name} cannot be entered: {error.message}")
    else:
        found[place] = ok("clouds", f"{connector.name} was entered: account {connector.account_id}.")
