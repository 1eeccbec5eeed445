"""Documents as bytes: how they are hashed to notice change, and how they are kept."""

from functools import cache
from threading import local

import msgspec
import zstandard

from nephoscope.kit.hashes import fingerprint
from nephoscope.model.resources import Observed, StoredDocument

_LEVEL = 3
_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(StoredDocument)


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
    plain = _encoder.encode(StoredDocument(observed.document, observed.unread, tags))
    return fingerprint(observed.name.encode("utf-8", "replace"), observed.arn.encode("utf-8", "replace"), plain), plain


def compress(plain: bytes) -> bytes:
    return _codecs().compressor.compress(plain)


def decode(body: bytes) -> StoredDocument:
    return _decoder.decode(_codecs().decompressor.decompress(body))
