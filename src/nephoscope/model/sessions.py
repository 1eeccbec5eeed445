"""What stands for somebody who has logged in: sessions of the console, and the keys that tokens are signed with."""

from datetime import datetime

import msgspec


class Session(msgspec.Struct, frozen=True):
    """`digest` is the SHA-256 of what the browser holds; `generation` is the user's when it began."""

    digest: str
    user_name: str
    generation: str
    began_on: datetime
    seen_on: datetime
    expires_on: datetime
    address: str
    agent: str


class SigningKey(msgspec.Struct, frozen=True):
    """`private` is sealed PKCS #8, `public` is PEM. A key with `expires_on` signs no more, and is good until then."""

    kid: str
    private: bytes
    public: str
    created_on: datetime
    expires_on: datetime | None = None
