"""People and programs that may log in."""

from datetime import datetime

import msgspec


class User(msgspec.Struct, frozen=True):
    """`password_hash` is argon2id in its standard text form; it never leaves the access room."""

    name: str
    password_hash: str
    created_on: datetime
    is_disabled: bool = False
