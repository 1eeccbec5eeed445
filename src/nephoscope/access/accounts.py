"""People who may log in: added, disabled, given another password, removed. Whatever takes something from somebody ends
what he had proven before: his tokens, his sessions, and passwords that are remembered."""

import secrets
from collections.abc import Callable

import msgspec

from nephoscope.access import grants, passwords
from nephoscope.access.built_in import MANAGER
from nephoscope.access.logins import UNKNOWN
from nephoscope.access.passwords import Passwords
from nephoscope.access.proofs import Proofs
from nephoscope.access.totp import SecondFactors
from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError, UnauthenticatedError
from nephoscope.kit.clock import Clock
from nephoscope.kit.folding import fold
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.identities import Grant, Identity, Principal
from nephoscope.model.users import User
from nephoscope.store import api_clients, proofs, users
from nephoscope.store.session import Reader, Store, Writer
from nephoscope.store.text import is_storable

LONGEST_NAME = 128
GIVER = "single sign-on"
"""Who the trail says gave the role of whoever comes by it."""
_TAKEN = frozenset({LOCAL, GIVER, UNKNOWN})
"""What the trail calls whoever has the machine, and others who are no users."""


class Accounts:
    """Thread-safe."""

    def __init__(
        self, store: Store, clock: Clock, hashing: Passwords, remembered: Proofs, factors: SecondFactors
    ) -> None:
        self._store = store
        self._clock = clock
        self._hashing = hashing
        self._remembered = remembered
        self._factors = factors

    def add(
        self, name: str, password: str | None, by: Identity, grant: Grant, *, must_change: bool = False
    ) -> str | None:
        """Answers the password when it was made here, for None. ConflictError when the name is taken, BadRequestError
        when name or password will not do; and those of `grants.give`."""
        chosen = passwords.generated() if password is None else password
        user = self.drafted(name, chosen, must_change=must_change)
        with self._store.write() as writer:
            taken = users.namesake(writer, name)
            if taken is not None:
                raise ConflictError(f"There is already a user named {taken!r}.")
            users.put(writer, user)
            trail.record(writer, by.name, "user.create", name, {"must_change": must_change}, user.created_on)
            grants.give(writer, by, Principal.user(name), grant, user.created_on)
        return chosen if password is None else None

    def add_first(self, name: str, password: str) -> str | None:
        """On a store without users. Answers the password when it was made here, else None."""
        with self._store.read() as reader:
            if users.every(reader):
                return None
        chosen = password or passwords.generated()
        user = self.drafted(name, chosen, must_change=False)
        with self._store.write() as writer:
            if users.every(writer):
                return None
            users.put(writer, user)
            trail.record(writer, LOCAL, "user.create", name, {"is_first": True}, user.created_on)
            grants.give(writer, Identity.local(), Principal.user(name), Grant(MANAGER), user.created_on)
        return None if password else chosen

    def get(self, name: str) -> User:
        """NotFoundError when there is none."""
        with self._store.read() as reader:
            return _existing(reader, name)

    def list(self, request: PageRequest) -> Page[User]:
        """In order of name."""
        with self._store.read() as reader:
            return users.page(reader, request)

    def set_password(self, name: str, password: str | None, by: Identity, *, must_change: bool = True) -> str | None:
        """By somebody else than its owner, who then has to choose another one. Answers it when it was made here."""
        chosen = passwords.generated() if password is None else password
        hashed = self._hashed(name, chosen)
        self._change(
            name,
            by,
            "user.password",
            lambda user: msgspec.structs.replace(user, password_hash=hashed, must_change=must_change),
        )
        return chosen if password is None else None

    def change_password(self, name: str, current: str, password: str) -> None:
        """By its owner. UnauthenticatedError when the current one is wrong."""
        user = self.get(name)
        if not self._hashing.matches(user.password_hash, current):
            raise UnauthenticatedError("The current password is wrong.")
        if current == password:
            raise BadRequestError("The new password is the old one.", ["newPassword: the old one"])
        hashed = self._hashed(name, password)
        with self._store.write() as writer:
            before = _existing(writer, name)
            if before.password_hash != user.password_hash:
                raise ConflictError("The password was changed meanwhile.")
            after = msgspec.structs.replace(before, password_hash=hashed, must_change=False)
            self._renew(writer, after)
            trail.record(writer, name, "user.password", name, {"is_own": True}, self._clock())
        self._remembered.forget()

    def check_password(self, name: str, password: str) -> None:
        """UnauthenticatedError when it is wrong: before something that a borrowed session must not do."""
        if not self._hashing.matches(self.get(name).password_hash, password):
            raise UnauthenticatedError("The current password is wrong.")

    def require_change(self, name: str, by: Identity) -> User:
        """The password is good for choosing another one, and for nothing more."""
        return self._change(
            name, by, "user.require_change", lambda user: msgspec.structs.replace(user, must_change=True)
        )

    def switch(self, name: str, by: Identity, *, is_disabled: bool) -> User:
        """ConflictError for the last Manager."""
        return self._change(
            name,
            by,
            "user.disable" if is_disabled else "user.enable",
            lambda user: msgspec.structs.replace(user, is_disabled=is_disabled),
            keeps_manager=is_disabled,
        )

    def log_out(self, name: str, by: Identity) -> User:
        """Every session and token of the user ends."""
        return self._change(name, by, "user.log_out", lambda user: user)

    def remove_factor(self, name: str, by: Identity) -> None:
        """For whoever has lost it. NotFoundError when there is none."""
        with self._store.write() as writer:
            user = _existing(writer, name)
            grants.check_touch(writer, by, Principal.user(name))
            if not user.factor:
                raise NotFoundError(f"{name} has no second factor.")
            self._factors.drop(writer, user)
            trail.record(writer, by.name, "factor.remove", name, {}, self._clock())

    def remove(self, name: str, by: Identity) -> None:
        """With the sessions, and the API clients that acted for him. ConflictError for the last Manager."""
        with self._store.write() as writer:
            _existing(writer, name)
            grants.withdraw(writer, by, Principal.user(name))
            for client in api_clients.owned_by(writer, name):
                api_clients.delete(writer, client)
            proofs.end_sessions(writer, name)
            users.delete(writer, name)
            trail.record(writer, by.name, "user.delete", name, {}, self._clock())
        self._remembered.forget()

    def problems(self, name: str, password: str | None) -> tuple[str, ...]:
        """What is wrong with a new user's name, and with the password when there is one."""
        return (*problems_of_name(name), *(() if password is None else passwords.problems_of(password, name)))

    def drafted(self, name: str, password: str, *, must_change: bool) -> User:
        """BadRequestError when name or password will not do."""
        problems = self.problems(name, password)
        if problems:
            raise BadRequestError("The user cannot be added: " + "; ".join(problems) + ".", problems)
        return User(
            name=name,
            password_hash=self._hashing.hash(password),
            created_on=self._clock(),
            must_change=must_change,
            generation=_generation(),
        )

    def _hashed(self, name: str, password: str) -> str:
        problems = passwords.problems_of(password, name)
        if problems:
            raise BadRequestError("The password will not do: " + "; ".join(problems) + ".", problems)
        return self._hashing.hash(password)

    def _change(
        self, name: str, by: Identity, action: str, change: Callable[[User], User], *, keeps_manager: bool = False
    ) -> User:
        with self._store.write() as writer:
            before = _existing(writer, name)
            grants.check_touch(writer, by, Principal.user(name))
            if keeps_manager:
                grants.check_last_manager(writer, Principal.user(name))
            after = self._renew(writer, change(before))
            trail.record(writer, by.name, action, name, {}, self._clock())
        self._remembered.forget()
        return after

    def _renew(self, writer: Writer, user: User) -> User:
        fresh = msgspec.structs.replace(user, generation=_generation())
        users.put(writer, fresh)
        proofs.end_sessions(writer, user.name)
        return fresh


def _generation() -> str:
    """Random, so that a user who is made anew under an old name is somebody else."""
    return secrets.token_urlsafe(12)


def _existing(reader: Reader, name: str) -> User:
    found = users.get(reader, name)
    if found is None:
        raise NotFoundError(f"There is no user {name[:80]!r}.")
    return found


def problems_of_name(name: str) -> tuple[str, ...]:
    if not 1 <= len(name) <= LONGEST_NAME:
        return (f"the name must have 1 to {LONGEST_NAME} characters",)
    if set(":/") & set(name) or not name.isprintable() or name != name.strip() or not is_storable(name):
        return ("the name must be printable, without a colon, a slash and spaces around it",)
    if fold(name) in _TAKEN:
        return (f"the name must not be {fold(name)!r}: so the audit trail calls somebody else",)
    return ()
