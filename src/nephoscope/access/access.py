"""Password checks. Hashes are argon2id; a verified password is remembered for a short while under a keyed hash."""

import hmac
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nephoscope.access import grants
from nephoscope.access.built_in import MANAGER
from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.errors import BadRequestError, ConflictError, UnauthenticatedError
from nephoscope.kit.clock import Clock
from nephoscope.model.identities import Grant, Identity, Principal
from nephoscope.model.users import User
from nephoscope.store import users
from nephoscope.store.session import Store

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
"""Bytes of UTF-8. The upper end keeps hashing cheap for us, not for the person."""
LONGEST_NAME = 128

REMEMBERED_FOR = timedelta(seconds=60)
"""How long a changed or disabled user may still get in with the old password."""
_REMEMBERED_AT_MOST = 1024
EVERYTHING = Grant(MANAGER)
_VERIFICATIONS_AT_ONCE = 2
"""Each takes 19 MiB and about 20 ms of CPU: a flood of wrong passwords must not take the machine."""


class AccessControl:
    """Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._nobodys_hash = self._hasher.hash(secrets.token_urlsafe())
        self._turns = BoundedSemaphore(_VERIFICATIONS_AT_ONCE)
        self._key = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, datetime] = OrderedDict()
        self._lock = Lock()

    def recall(self, name: str, password: str) -> str | None:
        """The user's name when this password was verified a moment ago, without the cost of hashing; else None."""
        digest = self._digest(name, password)
        with self._lock:
            until = self._remembered.get(digest)
        return name if until is not None and self._clock() < until else None

    def authenticate(self, name: str, password: str) -> str:
        """The user's name. UnauthenticatedError for an unknown or disabled user and a wrong password alike."""
        if self.recall(name, password) is not None:
            return name
        with self._store.read() as reader:
            user = users.get(reader, name)
        # An unknown user is checked against a hash that nothing matches, so that both refusals take the same time.
        stored = self._nobodys_hash if user is None else user.password_hash
        if not self._matches(stored, password) or user is None or user.is_disabled:
            raise UnauthenticatedError("The user name or the password is wrong.")
        self._remember(self._digest(name, password))
        return user.name

    def add_user(self, name: str, password: str, by: Identity | None = None, grant: Grant = EVERYTHING) -> None:
        """`by` is whoever has the machine when not given. ConflictError when the name is taken, BadRequestError when
        name or password will not do; and those of `grants.give`."""
        giver = by or Identity.local()
        user = self._new_user(name, password)
        with self._store.write() as writer:
            if users.get(writer, name) is not None:
                raise ConflictError(f"There is already a user named {name!r}.")
            users.put(writer, user)
            trail.record(writer, giver.name, "user.create", name, {}, user.created_on)
            grants.give(writer, giver, Principal.user(name), grant, user.created_on)

    def ensure_admin(self, name: str, password: str) -> str | None:
        """On a store without users, make the first one. Answers the password when it was generated here, else None."""
        with self._store.read() as reader:
            if users.every(reader):
                return None
        chosen = password or secrets.token_urlsafe(18)
        user = self._new_user(name, chosen)
        with self._store.write() as writer:
            if users.every(writer):
                return None
            users.put(writer, user)
            trail.record(writer, LOCAL, "user.create", name, {"is_first": True}, user.created_on)
            grants.give(writer, Identity.local(), Principal.user(name), EVERYTHING, user.created_on)
        return None if password else chosen

    def _new_user(self, name: str, password: str) -> User:
        problems = (*_problems_of_name(name), *_problems_of_password(password))
        if problems:
            raise BadRequestError("The user cannot be added: " + "; ".join(problems) + ".", problems)
        return User(name=name, password_hash=self._hasher.hash(password), created_on=self._clock())

    def _matches(self, stored: str, password: str) -> bool:
        if _problems_of_password(password):
            return False
        try:
            with self._turns:
                return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _digest(self, name: str, password: str) -> bytes:
        text = f"{len(name)}:{name}{password}"
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")

    def _remember(self, digest: bytes) -> None:
        with self._lock:
            self._remembered[digest] = self._clock() + REMEMBERED_FOR
            self._remembered.move_to_end(digest)
            while len(self._remembered) > _REMEMBERED_AT_MOST:
                self._remembered.popitem(last=False)


def _problems_of_name(name: str) -> tuple[str, ...]:
    if not 1 <= len(name) <= LONGEST_NAME:
        return (f"the name must have 1 to {LONGEST_NAME} characters",)
    if ":" in name or not name.isprintable() or name != name.strip():
        return ("the name must be printable, without a colon and without spaces around it",)
    return ()


def _problems_of_password(password: str) -> tuple[str, ...]:
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        return ("the password must be text that UTF-8 can hold",)
    if not SHORTEST_PASSWORD <= size <= LONGEST_PASSWORD:
        return (f"the password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} bytes",)
    return ()
