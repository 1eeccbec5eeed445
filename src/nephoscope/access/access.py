"""Who may come in: what is shown at the door (a password, a token, a session, the secret of an API client) is turned
into a proof, or refused.

Refusals of passwords say the same and take the same time whatever was wrong. Attempts that fail slow down those that
follow (`throttling`), and are on record (`logins`). A verified password is remembered for a minute under a keyed hash,
so that HTTP Basic does not pay for hashing with every request (`proofs`).
"""

from datetime import datetime, timedelta
from threading import Lock

from nephoscope.access import grants
from nephoscope.access.accounts import Accounts
from nephoscope.access.built_in import MANAGER
from nephoscope.access.clients import Clients, check_address
from nephoscope.access.keys import LEEWAY, LIFETIME, SigningKeys
from nephoscope.access.logins import Logins
from nephoscope.access.passwords import Passwords
from nephoscope.access.proofs import REMEMBERED_FOR, Means, Proof, Proofs
from nephoscope.access.sessions import Begun, Sessions
from nephoscope.access.throttling import Door, Shared, Throttle
from nephoscope.access.tokens import ISSUER, Tokens
from nephoscope.access.totp import DIGITS, SecondFactors
from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, ForbiddenError, UnauthenticatedError
from nephoscope.kit.clock import Clock
from nephoscope.kit.sealing import NO_KEYS, Sealer
from nephoscope.model.identities import Grant, Identity, Permission, Principal, PrincipalKind, person_of
from nephoscope.model.sessions import SigningKey
from nephoscope.model.users import User
from nephoscope.store import proofs, users
from nephoscope.store.session import Store

__all__ = ["REMEMBERED_FOR", "AccessControl"]

_REFUSAL = "The user name or the password is wrong."
_NEEDS_CODE = (
    "This account has a second factor: send its code too, as `code` beside the password or right behind the password."
)
_NEEDS_TOKEN = (
    "This account has a second factor, which HTTP Basic has no place for: get a token from POST /auth, or use an API "  # noqa: S105 - a sentence
    "client."
)
_GONE = "The token is not valid, or no longer."
_STRIPES = 64
_LONGEST_ID = 64


class AccessControl:
    """One for each process. Thread-safe. `issuer` is what tokens name."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        sealer: Sealer = NO_KEYS,
        issuer: str = "",
        *,
        passwords: Passwords | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords or Passwords()
        self._throttle = Throttle(clock, Shared(store, sealer))
        self._logins = Logins(store, clock)
        self._locks = tuple(Lock() for _ in range(_STRIPES))
        self.keys = SigningKeys(store, clock, sealer)
        self._proofs = Proofs(store, clock, self.keys)
        self._tokens = Tokens(clock, self.keys, issuer or ISSUER)
        self.factors = SecondFactors(store, clock, sealer)
        self.sessions = Sessions(store, clock)
        self.clients = Clients(store, clock, self._proofs)
        self.accounts = Accounts(store, clock, self._passwords, self._proofs, self.factors)

    def recall(self, name: str, password: str) -> Proof | None:
        """When this password was verified a moment ago, without the cost of hashing; else None."""
        return self._proofs.recall(Means.PASSWORD, name, password)

    def check_pace(self, name: str, address: str) -> None:
        """TooManyRequestsError while attempts have to wait: before anything is spent on them."""
        self._throttle.check(name, address)

    def authenticate(self, name: str, password: str, address: str = "") -> Proof:
        """By HTTP Basic. UnauthenticatedError for an unknown or disabled user and a wrong password alike."""
        with self._locks[_stripe(name, password)]:  # the same from many threads is verified once
            known = self.recall(name, password)
            if known is not None:
                return known
            user = self._verified(name, password, "", address, "basic")
            self._succeed(user, "basic", address)
            return self._proofs.remember(_proof(user, self._clock() + REMEMBERED_FOR), name, password)

    def log_in(self, name: str, password: str, code: str, address: str) -> Proof:
        """For a token. `code` is that of the second factor, for whoever has one."""
        user = self._verified(name, password, code, address, "token")
        self._succeed(user, "token", address)
        return _proof(user, self._clock() + REMEMBERED_FOR)

    def open_session(self, name: str, password: str, code: str, address: str, agent: str) -> Begun:
        """For the console."""
        user = self._verified(name, password, code, address, "session")
        return self.admit(user, address, agent)

    def admit(self, user: User, address: str, agent: str, means: str = "session") -> Begun:
        """A session for somebody who has just proven who he is."""
        with self._store.write() as writer:
            begun = self.sessions.begin(writer, user, address, agent)
            self._logins.succeed(writer, Principal.user(user.name), user.name, means, address)
        return begun

    def check_own_password(self, name: str, password: str, address: str) -> None:
        """UnauthenticatedError when it is wrong: before something that a session left open must not do."""
        self._throttle.begin(name, address)
        self.accounts.check_password(name, password)
        self._throttle.succeed(name, address)

    def change_password(self, name: str, current: str, password: str, address: str) -> None:
        """By its owner. See `Accounts.change_password`."""
        self.check_own_password(name, current, address)
        self.accounts.change_password(name, current, password)

    def confirm_factor(self, name: str, code: str) -> tuple[str, ...]:
        """See `SecondFactors.confirm`; guesses are slowed down."""
        self._throttle.begin(name, "", Door.FACTOR)
        codes = self.factors.confirm(name, code)
        self._throttle.succeed(name, "", Door.FACTOR)
        self._proofs.forget()
        return codes

    def prove_client(self, client_id: str, secret: str, address: str) -> Proof:
        """See `Clients.prove`."""
        who = client_id[:_LONGEST_ID]
        self._throttle.begin(who, address, Door.CLIENT)
        try:
            proof = self.clients.prove(client_id, secret, address)
        except (UnauthenticatedError, ForbiddenError) as error:
            known = self.clients.shown_as(client_id)
            reason = "address" if isinstance(error, ForbiddenError) else "secret"
            self._logins.fail(known, "client", address, reason)
            raise
        self._throttle.succeed(who, address, Door.CLIENT)
        if self._logins.is_due(proof.principal, "client", address):
            with self._store.write() as writer:
                self._logins.succeed(writer, proof.principal, proof.shown_as, "client", address)
        return proof

    def recall_token(self, text: str, address: str) -> Proof:
        """UnauthenticatedError for whatever is no token of ours, or counts no more; ForbiddenError for a client's that
        is used from elsewhere."""
        proof = self._proofs.recall(Means.TOKEN, text)
        if proof is None:
            proof = self._proofs.renewed(self._tokens.read(text))
            if proof is None:
                raise UnauthenticatedError(_GONE)
            self._proofs.remember(proof, text)
        check_address(proof.networks, address)
        return proof

    def recall_session(self, value: str) -> Proof | None:
        """When it was looked up a moment ago; else None."""
        return self._proofs.recall(Means.SESSION, value)

    def read_session(self, value: str) -> Proof:
        """UnauthenticatedError when it is over."""
        return self._proofs.remember(self.sessions.read(value), value)

    def issue(self, proof: Proof, permissions: frozenset[Permission]) -> str:
        """A token for what was proven just now."""
        return self._tokens.issue(proof, permissions).text

    def revoke(self, text: str, by: Identity, *, may_all: bool) -> str:
        """A token counts no more, at once; answers its id. ForbiddenError for somebody else's, unless `may_all`, and
        for that of somebody who may do more."""
        proof = self._tokens.read(text)
        is_user = proof.principal.kind is PrincipalKind.USER
        holder = proof.principal.name if is_user else self._client_of(proof)
        if by.name not in {holder, person_of(holder)}:
            if not may_all:
                raise ForbiddenError("This token is somebody else's.")
            owner = person_of(holder)
            with self._store.read() as reader:
                grants.check_touch(reader, by, Principal.user(owner) if owner != holder else proof.principal)
        self._revoke(proof.mark, proof.until + timedelta(seconds=1), by, proof.principal.name)
        return proof.mark

    def revoke_id(self, jti: str, by: Identity) -> str:
        """By the `jti` alone, for whoever looks after users and does not have the token."""
        if not 1 <= len(jti) <= _LONGEST_ID or not jti.isprintable():
            raise BadRequestError(
                f"jti: expected the id of a token, of at most {_LONGEST_ID} characters.", ["jti: no id of a token"]
            )
        self._revoke(jti, self._clock() + LIFETIME + LEEWAY, by, "")
        return jti

    def _revoke(self, jti: str, until: datetime, by: Identity, holder: str) -> None:
        now = self._clock()
        with self._store.write() as writer:
            proofs.revoke_token(writer, jti, until, now)
            trail.record(writer, by.name, "token.revoke", jti, {"of": holder}, now)
        self._proofs.forget()

    def rotate_keys(self, by: str, *, revokes: bool) -> SigningKey:
        """See `SigningKeys.rotate`."""
        made = self.keys.rotate(by, revokes=revokes)
        self._proofs.forget()
        return made

    def end_session(self, user_name: str, digest: str) -> None:
        """NotFoundError when the user has no such session."""
        self.sessions.end(user_name, digest)
        self._proofs.forget()

    def add_user(self, name: str, password: str, by: Identity | None = None, grant: Grant | None = None) -> None:
        """`by` is whoever has the machine, and the role is Manager, when not given. See `Accounts.add`."""
        self.accounts.add(name, password, by or Identity.local(), grant or Grant(MANAGER))

    def ensure_admin(self, name: str, password: str) -> str | None:
        """On a store without users, make the first one. Answers the password when it was generated here, else None."""
        return self.accounts.add_first(name, password)

    def _client_of(self, proof: Proof) -> str:
        return self.clients.shown_as(proof.principal.name)

    def _verified(self, name: str, password: str, code: str, address: str, means: str) -> User:
        self._throttle.begin(name, address)
        with self._store.read() as reader:
            user = users.get(reader, name)
        given = self._opening(user, password, code)
        if user is None or given is None or user.is_disabled:
            reason = "unknown" if user is None else "disabled" if user.is_disabled else "password"
            self._logins.fail(user.name if user else "", means, address, reason)
            raise UnauthenticatedError(_REFUSAL)
        if user.has_factor:
            self._check_factor(user, given, means, address)
        self._throttle.succeed(name, address)
        return user

    def _opening(self, user: User | None, password: str, code: str) -> str | None:
        """The code that came with the right password, empty for none; None for a wrong password. Where there is a
        second factor its code may stand right behind the password."""
        stored = user.password_hash if user else ""
        if self._passwords.matches(stored, password):
            return code
        if code or not password[-DIGITS:].isdecimal():
            return None
        # Whoever has no second factor takes as long: the time does not tell who has one.
        ahead = stored if user is not None and user.has_factor else ""
        return password[-DIGITS:] if self._passwords.matches(ahead, password[:-DIGITS]) else None

    def _check_factor(self, user: User, code: str, means: str, address: str) -> None:
        if means == "basic":
            self._logins.fail(user.name, means, address, "second factor")
            raise UnauthenticatedError(_NEEDS_TOKEN)
        # Whoever has the password guesses from many addresses, and must not hold up the owner where he is at home.
        place = address if self._throttle.knows(user.name, address) else ""
        if code:
            self._throttle.begin(user.name, place, Door.FACTOR)
        with self._store.write() as writer:
            is_right = bool(code) and self.factors.accept(writer, user, code)
        if not is_right:
            self._logins.fail(user.name, means, address, "second factor")
            raise UnauthenticatedError(_NEEDS_CODE)
        self._throttle.succeed(user.name, place, Door.FACTOR)

    def _succeed(self, user: User, means: str, address: str) -> None:
        who = Principal.user(user.name)
        if self._logins.is_due(who, means, address):
            with self._store.write() as writer:
                self._logins.succeed(writer, who, user.name, means, address)


def _proof(user: User, until: datetime) -> Proof:
    return Proof(
        principal=Principal.user(user.name),
        means=Means.PASSWORD,
        generation=user.generation,
        until=until,
        shown_as=user.name,
        must_change=user.must_change,
    )


def _stripe(name: str, password: str) -> int:
    return hash((name, password)) % _STRIPES
