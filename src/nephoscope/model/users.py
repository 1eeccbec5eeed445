"""People who may log in."""

from datetime import datetime

import msgspec


class User(msgspec.Struct, frozen=True):
    """`password_hash` is argon2id in its standard text form, empty for whoever comes by single sign-on alone; it never
    leaves the access room."""

    name: str
    password_hash: str
    created_on: datetime
    is_disabled: bool = False
    must_change: bool = False
    """The password was set by somebody else: it is good for choosing another one and for nothing more."""
    generation: str = ""
    """Drawn anew by every change that ends what was proven before: tokens, sessions and remembered passwords name the
    one that they were made under."""
    last_login_on: datetime | None = None
    factor: bytes = b""
    """The sealed secret of the second factor; empty without one."""
    has_factor: bool = False
    """Whether it was confirmed, and is asked for."""
    factor_step: int = 0
    """The last time step whose code was used: a code counts once."""
    issuer: str = ""
    subject: str = ""
    """Who this is at the provider of single sign-on; empty for whoever is known here alone."""
