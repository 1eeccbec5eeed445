"""Opening the database, and the two kinds of session."""

from contextlib import AbstractContextManager


class Reader:
    """One consistent view for reading."""


class Writer(Reader):
    """One transaction; committed when its block ends, rolled back when the block raises."""


class Store:
    """An open database. Thread-safe: each session is one connection, used by one thread."""

    url: str

    def read(self) -> AbstractContextManager[Reader]:
        raise NotImplementedError

    def write(self) -> AbstractContextManager[Writer]:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def open_store(url: str) -> Store:
    """`sqlite:///PATH`, `sqlite://` (memory, shared by all threads of the process) or `postgresql://…`.
    StoreError when it cannot be opened or its schema is not the current one."""
    raise NotImplementedError


def upgrade(url: str) -> tuple[str, str]:
    """Create or migrate the schema; answers (revision before, revision after). StoreError when the database is newer
    than the program: downgrading is refused."""
    raise NotImplementedError
