"""Sessions of the console: a random value in a cookie, and beside it another one that a page of another site cannot
know, without which nothing is changed. Of both only a hash is stored."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

import msgspec

from nephoscope.access.proofs import Means, Proof
from nephoscope.audit import trail
from nephoscope.errors import NotFoundError, UnauthenticatedError
from nephoscope.kit.clock import Clock
from nephoscope.model.identities import Principal
from nephoscope.model.sessions import Session
from nephoscope.model.users import User
from nephoscope.store import proofs, users
from nephoscope.store.session import Store, Writer

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=60)
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the time without a request is known."""
_LONGEST_COOKIE = 128
_LONGEST_AGENT = 200
_REFUSAL = "The session is over; log in again."


class Begun(msgspec.Struct, frozen=True):
    """`value` is for the cookie alone, `csrf` for the page."""

    value: str
    csrf: str
    session: Session


class Sessions:
    """Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def begin(self, writer: Writer, user: User, address: str, agent: str) -> Begun:
        """In the transaction that lets the user in."""
        value, now = secrets.token_urlsafe(32), self._clock()
        session = Session(
            digest=digest_of(value),
            user_name=user.name,
            generation=user.generation,
            began_on=now,
            seen_on=now,
            expires_on=now + LONGEST,
            address=address[:64],
            agent=agent[:_LONGEST_AGENT],
        )
        proofs.add_session(writer, session)
        return Begun(value, csrf_of(value), session)

    def read(self, value: str) -> Proof:
        """UnauthenticatedError when there is no such session, or no more."""
        now = self._clock()
        if len(value) > _LONGEST_COOKIE:
            raise UnauthenticatedError(_REFUSAL)
        with self._store.read() as reader:
            session = proofs.get_session(reader, digest_of(value))
            user = users.get(reader, session.user_name) if session else None
        if session is None or user is None or now >= min(session.expires_on, session.seen_on + IDLE):
            raise UnauthenticatedError(_REFUSAL)
        if user.is_disabled or user.generation != session.generation:
            raise UnauthenticatedError(_REFUSAL)
        if now - session.seen_on >= SEEN_EVERY:
            with self._store.write() as writer:
                proofs.touch_session(writer, session.digest, now)
        return Proof(
            principal=Principal.user(user.name),
            means=Means.SESSION,
            generation=session.generation,
            until=min(session.expires_on, now + SEEN_EVERY),
            shown_as=user.name,
            must_change=user.must_change,
            mark=session.digest,
            csrf=csrf_of(value),
        )

    def of_user(self, user_name: str) -> tuple[Session, ...]:
        """Those that are not over, the newest first."""
        now = self._clock()
        with self._store.read() as reader:
            found = proofs.sessions_of(reader, user_name)
        return tuple(one for one in found if now < min(one.expires_on, one.seen_on + IDLE))

    def end(self, user_name: str, digest: str) -> None:
        """NotFoundError when the user has no such session."""
        with self._store.write() as writer:
            if not proofs.end_session(writer, user_name, digest):
                raise NotFoundError("There is no such session.")
            trail.record(writer, user_name, "session.end", user_name, {"session": digest[:12]}, self._clock())


def digest_of(value: str) -> str:
    return sha256(value.encode("utf-8", "replace")).hexdigest()


def csrf_of(value: str) -> str:
    """Follows from the cookie's value, which pages cannot read; the other way round it does not."""
    digest = hmac.digest(value.encode("utf-8", "replace"), b"csrf", "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
