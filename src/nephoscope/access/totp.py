"""The second factor of people: a code that changes every thirty seconds (RFC 6238), and codes for the day on which the
telephone is lost. A code counts once. The secret is sealed; of recovery codes only hashes are stored."""

import hmac
import re
import secrets
from base64 import b32encode
from datetime import datetime
from hashlib import sha256

import msgspec
import pyotp

from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError
from nephoscope.kit.clock import Clock
from nephoscope.kit.sealing import Sealer
from nephoscope.model.users import User
from nephoscope.store import users
from nephoscope.store.session import Store, Writer

STEP = 30
"""Seconds."""
DIGITS = 6
RECOVERY_CODES = 10
ISSUER = "nephoscope"

_CONTEXT = "second factor "
_CODE = re.compile(rf"\d{{{DIGITS}}}\Z")
_RECOVERY_BYTES = 10
_LONGEST_CODE = 64


class Enrolment(msgspec.Struct, frozen=True):
    """What an authenticator is given, as text and as the address in a QR code."""

    secret: str
    uri: str


class SecondFactors:
    """Thread-safe."""

    def __init__(self, store: Store, clock: Clock, sealer: Sealer) -> None:
        self._store = store
        self._clock = clock
        self._sealer = sealer

    def enrol(self, name: str) -> Enrolment:
        """It is asked for once it is confirmed. ConflictError while there is a confirmed one."""
        secret = pyotp.random_base32(32)
        with self._store.write() as writer:
            user = _existing(writer, name)
            if user.has_factor:
                raise ConflictError("There is a second factor already; remove it first.")
            sealed = self._sealer.seal(secret.encode(), _CONTEXT + name)
            users.put(writer, msgspec.structs.replace(user, factor=sealed, factor_step=0))
            trail.record(writer, name, "factor.enrol", name, {}, self._clock())
        return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))

    def confirm(self, name: str, code: str) -> tuple[str, ...]:
        """From now on it is asked for. Answers the recovery codes, once. BadRequestError for a wrong code."""
        codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
        with self._store.write() as writer:
            user = _existing(writer, name)
            if user.has_factor or not user.factor:
                raise ConflictError("There is no second factor to be confirmed.")
            step = self._step_of(user, code)
            if step is None:
                raise BadRequestError(
                    f"The code is wrong: expected the {DIGITS} digits of this half minute.", ["code: wrong"]
                )
            users.put(writer, msgspec.structs.replace(user, has_factor=True, factor_step=step))
            users.put_recovery(writer, name, map(_digest, codes))
            trail.record(writer, name, "factor.confirm", name, {}, self._clock())
        return codes

    def remove(self, name: str, by: str) -> None:
        """NotFoundError when there is none."""
        with self._store.write() as writer:
            user = _existing(writer, name)
            if not user.factor:
                raise NotFoundError(f"{name} has no second factor.")
            self.drop(writer, user)
            trail.record(writer, by, "factor.remove", name, {}, self._clock())

    def drop(self, writer: Writer, user: User) -> None:
        users.put(writer, msgspec.structs.replace(user, factor=b"", has_factor=False, factor_step=0))
        users.put_recovery(writer, user.name, ())

    def accept(self, writer: Writer, user: User, code: str) -> bool:
        """Whether it is a code of now or a recovery code, that was not used; it is used then."""
        plain = code.strip()[:_LONGEST_CODE]
        if _CODE.match(plain):
            step = self._step_of(user, plain)
            return step is not None and users.use_step(writer, user.name, step)
        return users.use_recovery(writer, user.name, _digest(plain))

    def _step_of(self, user: User, code: str) -> int | None:
        """The time step that the code belongs to: this one, or one of those beside it, as clocks differ."""
        secret = self._sealer.open(user.factor, _CONTEXT + user.name).decode()
        otp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
        plain = code.strip()
        found = None
        for step in _near(self._clock()):
            if hmac.compare_digest(otp.generate_otp(step).encode(), plain.encode("utf-8", "replace")):
                found = step
        return found


def _near(now: datetime) -> tuple[int, int, int]:
    step = int(now.timestamp()) // STEP
    return step - 1, step, step + 1


def _existing(writer: Writer, name: str) -> User:
    user = users.get(writer, name)
    if user is None:
        raise NotFoundError(f"There is no user {name[:80]!r}.")
    return user


def _recovery_code() -> str:
    """Eighty random bits, in groups that can be copied by hand."""
    text = b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _digest(code: str) -> str:
    """Of so many random bits a fast hash gives nothing away."""
    return sha256(code.replace("-", "").replace(" ", "").lower().encode("utf-8", "replace")).hexdigest()
