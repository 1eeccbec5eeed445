"""What is left of a secret: a keyed hash, and a mask that gives little away."""

import hmac

LONG = 24
"""Characters from which on two of the end are shown."""
SHORT = 16
"""Characters below which nothing is shown."""
_HEAD, _TAIL = 4, 2
_MASK = "*" * 8
"""Always as many: the length of a password is nobody's business."""


def digest(key: bytes, secret: bytes) -> str:
    """64 hexadecimal digits, equal for equal secrets under the same key."""
    return hmac.digest(key, secret, "sha256").hex()


def preview(secret: bytes) -> str:
    """At most four characters, and two of the end of long ones; never more than a quarter."""
    text = "".join(letter if letter.isprintable() else "?" for letter in secret.decode("utf-8", "replace"))
    if len(text) < SHORT:
        return _MASK
    if len(text) < LONG:
        return text[:_HEAD] + _MASK
    return text[:_HEAD] + _MASK + text[-_TAIL:]
