"""What a unique index refuses, said as a conflict that people understand."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from nephoscope.errors import ConflictError
from nephoscope.store.session import Writer


@contextmanager
def unless_taken(writer: Writer, message: str) -> Iterator[None]:
    """ConflictError with that message when the block breaks a constraint. What the transaction did before stands."""
    try:
        with writer.connection.begin_nested():
            yield
    except IntegrityError as error:
        raise ConflictError(message) from error
