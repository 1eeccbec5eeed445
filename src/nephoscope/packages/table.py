"""The table of language readers: which files of a walk each wants, and who reads them.

A reader of texts is given whole small files, many at a time; a reader of programs and archives is given an open file
and asks for what it needs.
"""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from nephoscope.model.packages import Package
from nephoscope.packages import go_binaries, java, npm, php, python, ruby, rust_binaries
from nephoscope.packages.executables import executable
from nephoscope.packages.files import Named, OpenFile

_SMALLEST_PROGRAM = 64 * 1024
"""Bytes: no toolchain that leaves a list of modules makes smaller programs."""
_EXECUTABLE = 0o111


class TextReader(msgspec.Struct, frozen=True):
    """`endings`: what one of a wanted path's ends is, to pass over most files quickly; `limit` in bytes."""

    name: str
    endings: tuple[str, ...]
    is_wanted: Callable[[str], bool]
    parse: Callable[[str, bytes], Iterable[Package]]
    limit: int = 1 << 20


class FileReader(msgspec.Struct, frozen=True):
    name: str
    is_wanted: Callable[[Named], bool]
    parse: Callable[[str, OpenFile], Iterable[Package]]


def _programs(path: str, file: OpenFile) -> Iterator[Package]:
    program = executable(file)
    if program is not None:
        yield from go_binaries.parse(path, file, program)
        yield from rust_binaries.parse(path, file, program)


def _is_program(entry: Named) -> bool:
    """Windows has no permission to execute, but a name for it."""
    return entry.size >= _SMALLEST_PROGRAM and bool(entry.mode & _EXECUTABLE or entry.path.lower().endswith(".exe"))


def _is_archive(entry: Named) -> bool:
    return java.is_wanted(entry.path)


TEXT_READERS = (
    TextReader("python", ("/METADATA", "/PKG-INFO", ".egg-info"), python.is_wanted, python.parse, 4 << 20),
    TextReader("npm", ("/package.json",), npm.is_wanted, npm.parse),
    TextReader("ruby", (".gemspec",), ruby.is_wanted, ruby.parse),
    TextReader("php", ("/installed.json",), php.is_wanted, php.parse, 32 << 20),
)
FILE_READERS = (
    FileReader("java", _is_archive, java.parse),
    FileReader("programs", _is_program, _programs),
)

_ENDINGS = tuple(ending for row in TEXT_READERS for ending in row.endings)


def text_reader(path: str) -> TextReader | None:
    if not path.endswith(_ENDINGS):
        return None
    return next((row for row in TEXT_READERS if row.is_wanted(path)), None)


def file_reader(entry: Named) -> FileReader | None:
    return next((row for row in FILE_READERS if row.is_wanted(entry)), None)
