"""Password checks. Hashes are argon2id; a verified password is remembered for a short while under a keyed hash."""

from nephoscope.kit.clock import Clock
from nephoscope.store.session import Store


class AccessControl:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def authenticate(self, name: str, password: str) -> str:
        """The user's name. UnauthenticatedError for an unknown or disabled user and a wrong password alike."""
        raise NotImplementedError

    def add_user(self, name: str, password: str) -> None:
        """ConflictError when the name is taken, BadRequestError when name or password will not do."""
        raise NotImplementedError

    def ensure_admin(self, name: str, password: str) -> str | None:
        """On a store without users, make the first one. Answers the password when it was generated here, else None."""
        raise NotImplementedError
