"""Files that commands read and write: bodies as JSON, and results that are there whole or not at all."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from nephoscope.errors import BadRequestError, SettingsError

_LARGEST = 10 * 1024 * 1024


def read_object(file: Path, fields: str) -> dict[str, Any]:
    """The JSON object in a file; `-` is stdin. `fields` says which fields are meant, for the BadRequestError that tells
    why it cannot be read."""
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise BadRequestError(f"{file} holds more than {_LARGEST >> 20} MB.")
        body = msgspec.json.decode(content)
    except OSError as error:
        raise BadRequestError(f"{file} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequestError(f"{file} is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise BadRequestError(f"{file} must hold a JSON object, with the fields of {fields}.")
    return body


@contextmanager
def written_whole(output: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when the block has ended well, readable by its owner alone. SettingsError,
    before anything is written, for a place that cannot be written."""
    try:
        if output.is_dir():
            raise SettingsError(f"{output} is a directory; --output names a file.")
        descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=".nephoscope-")
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror}.") from error
    part = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            yield file
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
