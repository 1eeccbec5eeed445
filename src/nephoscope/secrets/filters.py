"""What looks like a secret and is none: values made up for documentation, references to a value that is elsewhere, and
text that is not random enough."""

import re
from collections import Counter
from math import log2

from nephoscope.secrets.rules import REACH, RuleRow

_STOP = tuple(
    word.encode()
    for word in (
        "example", "changeme", "change_me", "change-me", "placeholder", "replaceme", "replace_me", "replace-with",
        "your_", "your-", "yourpass", "yourtoken", "yourkey", "yourapi", "insert_", "insert-", "redacted", "dummy",
        "sample", "fakefake", "fake_", "fake-", "not-a-", "notreal", "not_real", "secretsecret",
        "deadbeef", "00000000", "abcdef0123", "abcdefgh", "abcd1234", "a1b2c3d4", "12345678", "01234567", "98765432",
        "foobar", "lorem", "qwerty",
    )
)  # fmt: skip
"""Long enough that a random token practically never holds one."""
_RUN = re.compile(rb"(.)\1{5}", re.DOTALL)
_TYPED = "password"
"""The check of what people choose and type."""
_BLOCK = 60
"""Bytes from which on a secret is a block of random text, not something that a person types."""
_REFERENCE = re.compile(
    rb"\$\{|\$\(|\{\{|\}\}|\{%|<%|%\(|#\{|%\{|@@|^\$[A-Za-z_]\w{0,64}$|^%[A-Z_]{3,64}%$|<[\w :.-]{2,64}>"
    rb"|\[[A-Za-z_ .-]{2,64}\]|^\*+$|\.\.\.|\xe2\x80\xa6|process\.env|os\.environ|[gs]etenv|secretKeyRef|valueFrom"
    rb"|ENC\[|vault:|op://|arn:aws|ssm:|keyvault|secretsmanager"
)
"""A value that is elsewhere: templates, variables, vaults."""
_CODE = re.compile(
    rb"[(){}\\\[\]]|::|->|\w\.\w+\.\w|^[A-Za-z]+\.[A-Za-z_.]+$|^/|^\.|^https?:|^[A-Z][A-Z_]+$|^[a-z_]+$|^[A-Za-z]+$"
    rb"|^[\d.:,/ -]+$|^_{0,2}[A-Za-z]+\d{0,2}(?:[._]+[A-Za-z]+\d{0,2})+$|^[A-Z]{0,6}\d{0,5}(?:[A-Z][a-z]+){2,}$"
    rb"|^[a-z]+\d{0,5}\.[A-Z]\w+$|^[a-z]+/[\w.-]+/[A-Za-z]+/"
)
"""An expression, a path, a name or a number rather than a password."""
_HASH_NAME = re.compile(rb"(?i)md5|sha-?\d|sha_|hash|checksum|digest|commit|etag|revision|fingerprint|integrity|guid")
"""Names whose values are long and random and no secret."""
_DUMMIES = frozenset(
    b"password passwd pass secret token none null nil undefined true false admin root test testing default guest user"
    b" changeit letmein welcome hunter2 opensesame string text required optional empty".split()
)


_WEAK = re.compile(
    rb"(?:my|the|db|user|admin|root|test|new|old|some)?[_-]?(?:pass|passw[o0]rd|passwd|p[a@]ssw[o0]rd|pwd|secret)[_-]?\d{0,4}!?"
)


def entropy(secret: bytes) -> float:
    """Shannon's, in bits a character."""
    if not secret:
        return 0.0
    length = len(secret)
    return -sum(count / length * log2(count / length) for count in Counter(secret).values())


def is_made_up(secret: bytes, row: RuleRow) -> bool:
    """Whether the value is one that somebody wrote to show where a value goes."""
    if row.entropy and entropy(secret) < row.entropy:
        return True
    if row.reach > REACH or (row.binary and len(secret) > _BLOCK):
        return False
    lowered = secret.lower()
    if any(word in lowered for word in _STOP) or any(word.encode() in lowered for word in row.stop):
        return True
    if _RUN.search(secret) or is_weak(lowered):
        return True
    return (row.generic or row.check == _TYPED) and _REFERENCE.search(secret) is not None


def is_weak(lowered: bytes) -> bool:
    """Whether it is one of the words that stand where a password would."""
    return lowered in _DUMMIES or _WEAK.fullmatch(lowered) is not None


def looks_like_code(secret: bytes) -> bool:
    """What a rule that goes by the name of a variable alone must leave alone."""
    return _CODE.search(secret) is not None


def is_named_a_hash(naming: bytes) -> bool:
    """Whether the text between a name and its value calls the value a checksum."""
    return _HASH_NAME.search(naming) is not None
