"""Users."""

from nephoscope.model.users import User
from nephoscope.store.session import Reader, Writer


def get(reader: Reader, name: str) -> User | None: ...


def every(reader: Reader) -> tuple[User, ...]: ...


def put(writer: Writer, user: User) -> None:
    """Adds or replaces."""


def delete(writer: Writer, name: str) -> bool: ...
