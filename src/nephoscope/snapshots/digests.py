"""The installation's key for the hashes of secrets: made once, kept sealed, the same in every process and scan."""

from base64 import b64decode, b64encode
from secrets import token_bytes
from uuid import UUID

from nephoscope.kit.sealing import Sealer
from nephoscope.store import sealed
from nephoscope.store.session import Store

_OWNER = UUID("5d1a9f8e-7b0c-5d3e-9f57-736563726574")
_NAME = "digest of secrets"
_BYTES = 32


def digest_key(store: Store, sealer: Sealer) -> bytes:
    """SettingsError when there is no key to seal it with; StoreError when it was sealed with one that is lost."""
    with store.read() as reader:
        known = sealed.get(reader, sealer, _OWNER, _NAME)
    if not known:
        with store.write() as writer:
            known = sealed.get(writer, sealer, _OWNER, _NAME)  # another process may have been faster
            if not known:
                known = b64encode(token_bytes(_BYTES)).decode()
                sealed.put(writer, sealer, _OWNER, _NAME, known)
    return b64decode(known)
