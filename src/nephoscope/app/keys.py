"""Where the keys come from that credentials are encrypted with: a setting, a command, a file, or the data directory."""

import os
import shlex
import subprocess
import tempfile
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

from nephoscope.app.stores import make_data_directory, opened_store
from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.errors import SettingsError
from nephoscope.kit.clock import system_clock
from nephoscope.kit.sealing import KeyRing, new_key, parse_keys
from nephoscope.settings import Settings, is_open_to_others
from nephoscope.store import sealed

_SECONDS = 30
_FILE = "key"


def key_ring(settings: Settings) -> KeyRing:
    """Every key there is, the newest first. Without a setting, a data directory has a key of its own; a store in memory
    or in PostgreSQL alone has none: nothing can be sealed there. SettingsError when keys cannot be read."""
    given = [name for name in ("keys", "key_file", "key_command") if getattr(settings, name)]
    if len(given) > 1:
        raise SettingsError("Give one of NEPHOSCOPE_KEY, NEPHOSCOPE_KEY_FILE and NEPHOSCOPE_KEY_COMMAND, not several.")
    if settings.keys:
        return KeyRing(parse_keys(settings.keys))
    if settings.key_command:
        return KeyRing(parse_keys(_printed(settings.key_command)))
    path = key_path(settings)
    if path is None:
        return KeyRing(())
    if settings.key_file is None and not path.exists():
        make_data_directory(settings)
        write_keys(path, new_key() + "\n", is_new=True)
    return KeyRing(parse_keys(_read(path)))


def rotate(settings: Settings, *, by: str = LOCAL, is_last: bool = False) -> int:
    """A new key in front of the others in their file, then everything sealed anew with the newest; answers how many
    credentials that were. Keys from a setting or a command are put in front by whoever keeps them: then only the
    second half is done.

    Processes that run read the keys when they start, and seal with the one that they know: `is_last` is for when all
    have started again. Then no key is made, what they sealed meanwhile is sealed anew, and the old keys leave the file.
    """
    path = key_path(settings)
    ring = key_ring(settings)
    if path is not None and not is_last:
        write_keys(path, new_key() + "\n" + _read(path))
        ring = key_ring(settings)
    with opened_store(settings) as store, store.write() as writer:
        count = sealed.reseal(writer, ring)
        trail.record(writer, by, "encryption.rotate", "", {"credentials": count, "is_last": is_last}, system_clock())
    if path is not None and is_last:
        newest, *_ = parse_keys(_read(path))
        write_keys(path, b64encode(newest).decode() + "\n")
    return count


def key_path(settings: Settings) -> Path | None:
    """The file that keys are in; None when they come from elsewhere, or there are none."""
    if settings.keys or settings.key_command:
        return None
    if settings.key_file is not None or settings.data is None:
        return settings.key_file
    return None if settings.database_url else settings.data / _FILE


def write_keys(path: Path, text: str, *, is_new: bool = False) -> None:
    """Whole or not at all, readable by its owner alone. When `is_new`, whoever was first wins."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")
        with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - it is open already
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part = Path(name)
        if not is_new:
            part.replace(path)
            return
        with suppress(FileExistsError):  # another process made one at this moment
            path.hardlink_to(part)
        part.unlink()
    except OSError as error:
        raise SettingsError(f"The key file {path} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> str:
    try:
        if is_open_to_others(path):
            raise SettingsError(f"The key file {path} is open to others: chmod 600 {path}")
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The key file {path} cannot be read: {getattr(error, 'strerror', 'it is no text')}."
        ) from None


def _printed(command: str) -> str:
    """What the command prints. What it says on stderr is the operator's to read; here nothing of it is repeated."""
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, timeout=_SECONDS, check=False, text=True)  # noqa: S603 - the operator's own command
    except subprocess.TimeoutExpired:
        raise SettingsError(f"NEPHOSCOPE_KEY_COMMAND has printed nothing within {_SECONDS} s.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its words cannot be told apart, or what it prints is no text"
        raise SettingsError(f"NEPHOSCOPE_KEY_COMMAND cannot be run: {reason}.") from None
    if done.returncode:
        raise SettingsError(f"NEPHOSCOPE_KEY_COMMAND ended with {done.returncode}.")
    return done.stdout
