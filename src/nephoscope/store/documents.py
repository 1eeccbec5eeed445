"""Documents as bytes: how they are hashed to notice change, and how they are kept."""

from datetime import datetime
from functools import cache
from threading import local
from typing import Any

import msgspec
import zstandard

from nephoscope.kit.hashes import fingerprint
from nephoscope.model.resources import Observed, StoredDocument, Tag
from nephoscope.store.text import storable

_LEVEL = 3
_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(StoredDocument)


class _Worn(msgspec.Struct, frozen=True):
    """The part of a stored document that rules over tags need: the rest is passed over."""

    tags: tuple[Tag, ...]


_worn_decoder = msgspec.msgpack.Decoder(_Worn)


class _Codecs(local):
    """zstd contexts are fast to reuse and not to be shared between threads."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self.decompressor = zstandard.ZstdDecompressor()


@cache
def _codecs() -> _Codecs:
    return _Codecs()


def encode(observed: Observed) -> tuple[int, bytes]:
    """(hash of all that is stored of it, its document as msgpack). The order of keys and tags is no change."""
    tags = tuple(sorted(observed.tags, key=lambda tag: (tag.key, tag.value)))
    stored = StoredDocument(observed.document, observed.unread, tags)
    try:
        plain = _encoder.encode(stored)
    except (UnicodeEncodeError, OverflowError):
        plain = _encoder.encode(_encodable(msgspec.to_builtins(stored, builtin_types=(datetime,))))
    return fingerprint(observed.name.encode("utf-8", "replace"), observed.arn.encode("utf-8", "replace"), plain), plain


def _encodable(value: Any) -> Any:
    """Without what msgpack cannot hold: halves of surrogate pairs, and numbers beyond 64 bits, which become text."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_encodable(name): _encodable(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(inner) for inner in value]
    return str(value) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


def compress(plain: bytes) -> bytes:
    return _codecs().compressor.compress(plain)


def decompress(body: bytes) -> bytes:
    return _codecs().decompressor.decompress(body)


def decode(body: bytes) -> StoredDocument:
    return decoded(decompress(body))


def decoded(plain: bytes) -> StoredDocument:
    """From what `encode` made."""
    return _decoder.decode(plain)


def tags_of(plain: bytes) -> tuple[Tag, ...]:
    """The cloud's own tags alone, without decoding the document."""
    return _worn_decoder.decode(plain).tags
