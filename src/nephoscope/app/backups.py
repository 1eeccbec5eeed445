"""Backup and restore as an operator asks for them: the archive, the keys beside the store, and the audit trail."""

from base64 import b64encode
from importlib.metadata import version
from pathlib import Path

from nephoscope.app.keys import key_path, key_ring, write_keys
from nephoscope.app.stores import make_data_directory, opened_store
from nephoscope.audit import trail
from nephoscope.errors import SettingsError
from nephoscope.kit.clock import system_clock
from nephoscope.kit.sealing import parse_keys
from nephoscope.settings import Settings
from nephoscope.store import backups, sealed
from nephoscope.store.archives import Archive, Manifest, new_archive, open_archive
from nephoscope.store.session import Reader, Writer


def back_up(settings: Settings, file: Path, *, by: str, with_keys: bool) -> Manifest:
    """Of one moment, while others read and write. The trail says who took it, in the backup too."""
    keys = _own_keys(settings) if with_keys else ""
    with opened_store(settings, is_upgraded=False) as store, new_archive(file) as archive:
        now = system_clock()
        with store.write() as writer:
            trail.record(writer, by, "store.backup", file.name, {"with_keys": with_keys}, now)
        with store.read() as reader:
            return backups.dump(reader, archive, version=version("nephoscope"), now=now, keys=keys)


def restore(settings: Settings, file: Path, *, by: str, is_replacing: bool) -> tuple[Manifest, tuple[int, int]]:
    """All or nothing; the archive is looked through before anything is written. Keys that it carries are added behind
    those that are there. Answers how many credentials are sealed, and how many of them no key opens."""
    with open_archive(file) as archive:
        path = _path_for_keys(settings, archive)
        with opened_store(settings) as store:
            with store.read() as reader:
                backups.check(reader, archive.manifest, is_replacing=is_replacing)
            if path is not None:
                _add_keys(settings, path, archive.keys)
            with store.write() as writer:
                backups.load(
                    writer, archive, is_replacing=is_replacing, after=lambda one: _note(one, by, file, archive.manifest)
                )
            with store.read() as reader:
                return archive.manifest, _unopened(reader, settings)


def _note(writer: Writer, by: str, file: Path, manifest: Manifest) -> None:
    detail = {"made_on": manifest.made_on, "version": manifest.version, "rows": manifest.rows}
    trail.record(writer, by, "store.restore", file.name, detail, system_clock())


def _unopened(reader: Reader, settings: Settings) -> tuple[int, int]:
    return sealed.unopened(reader, key_ring(settings))


def _own_keys(settings: Settings) -> str:
    path = key_path(settings)
    if path is None or not path.exists():
        raise SettingsError("There is no key file to put into the backup: keep the keys where they come from.")
    key_ring(settings)  # refuses a file that others can read
    return path.read_text("ascii")


def _path_for_keys(settings: Settings, archive: Archive) -> Path | None:
    """Where the archive's keys will go; None when it carries none. SettingsError when there is no place for them."""
    if not archive.keys:
        return None
    path = key_path(settings)
    if path is None:
        raise SettingsError("The backup carries keys: say with NEPHOSCOPE_KEY_FILE in which file they shall be.")
    return path


def _add_keys(settings: Settings, path: Path, text: str) -> None:
    """An archive's keys behind our own, so that what either sealed opens."""
    make_data_directory(settings)
    if not path.exists():
        write_keys(path, text, is_new=True)
        return
    key_ring(settings)
    own = path.read_text("ascii")
    there = parse_keys(own)
    missing = [b64encode(key).decode() for key in parse_keys(text) if key not in there]
    if missing:
        write_keys(path, "\n".join([own.rstrip("\n"), *missing]) + "\n")
