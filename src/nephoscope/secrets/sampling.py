"""Made-up secrets from templates, the same for the same seed. For tests, the demo and the examples of rules: nothing
in the tree is a secret, or looks like one to a scanner.

`<hex:32>` is 32 random hexadecimal digits; `<github:ghp_>` a token with a right checksum; see `_KINDS` and `_MADE`.
What is no template, such as `<apiKey>`, stays.
"""

import base64
import re
import string
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from nephoscope.secrets.checks import crc36, crc62

_TEMPLATE = re.compile(r"<([A-Za-z0-9]+)(?::([^<>]*))?>")
_LETTERS = string.ascii_letters
_KINDS: Mapping[str, str] = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digits": string.digits,
    "nonzero": "123456789",
    "alnum": string.digits + _LETTERS,
    "alpha": _LETTERS,
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "b32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "b32lower": "abcdefghijklmnopqrstuvwxyz234567",
    "b32new": "QRSTUVWXYZ234567",
    "b64": string.digits + _LETTERS + "+/",
    "url": string.digits + _LETTERS + "-_",
    "bcrypt": "./" + string.digits + _LETTERS,
    "bech32": "023456789ACDEFGHJKLMNPQRSTUVWXYZ",
    "pass": string.digits + _LETTERS + "!#%+=_-",
}


def sample(template: str, seed: int = 0) -> bytes:
    """The template, filled in."""
    return _filled(template, seed).encode("latin-1")


def _filled(template: str, seed: int) -> str:
    random = Random(f"{template}/{seed}")  # noqa: S311 - made-up values, the same every time

    def fill(found: re.Match[str]) -> str:
        kind, argument = found[1], found[2] or ""
        if kind in _KINDS:
            return _drawn(random, _KINDS[kind], int(argument))
        return _MADE[kind](random, argument) if kind in _MADE else found[0]

    return _TEMPLATE.sub(fill, template)


def _drawn(random: Random, letters: str, length: int) -> str:
    """Random, with every sort of character that the alphabet has, as good as always true of real ones."""
    sorts = [
        sort for sort in (string.digits, string.ascii_lowercase, string.ascii_uppercase) if set(sort) & set(letters)
    ]
    while True:
        text = "".join(random.choices(letters, k=length))
        if length < len(sorts) * 4 or all(set(sort) & set(text) for sort in sorts):
            return text


def _github(random: Random, prefix: str) -> str:
    body = _drawn(random, _KINDS["alnum"], 30)
    return prefix + body + crc62(body.encode()).decode()


def _gitlab(random: Random, prefix: str) -> str:
    payload = random.randbytes(16) + b"o:1\nu:2" + b"\x07"
    text = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    head = f"{prefix}{text}.01.{_base36(len(text))}"
    return head + crc36(head.encode()).decode()


def _base36(number: int) -> str:
    digits = string.digits + string.ascii_lowercase
    return digits[number // 36] + digits[number % 36]


def _grafana(random: Random, prefix: str) -> str:
    head = prefix + _drawn(random, _KINDS["alnum"], 32)
    return f"{head}_{zlib.crc32(head.encode()).to_bytes(4, 'little').hex()}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _jwt(random: Random, argument: str) -> str:
    """`argument` is JSON without braces, and `expired` or `fresh` instead of a time."""
    until = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=-30 if argument.startswith("expired") else 36_500)
    said = f"{{{argument.partition(';')[2]}}}" if ";" in argument else "{}"
    claims = {"sub": str(random.randrange(10**9)), "exp": int(until.timestamp())} | msgspec.json.decode(said)
    header = msgspec.json.encode({"alg": "RS256", "typ": "JWT"})
    return f"{_encoded(header)}.{_encoded(msgspec.json.encode(claims))}.{_drawn(random, _KINDS['url'], 86)}"


def _json64(random: Random, argument: str) -> str:
    """JSON in base64, with the argument as a name."""
    return _encoded(msgspec.json.encode({argument or "k": _drawn(random, _KINDS["alnum"], 40), "n": "one"}))


def _basic(random: Random, user: str) -> str:
    return base64.b64encode(f"{user or 'deploy'}:{_drawn(random, _KINDS['alnum'], 20)}".encode()).decode()


def _base64(random: Random, text: str) -> str:
    """The argument in base64, with `(hex.32)` in it as `<hex:32>` outside."""
    inner = re.sub(r"\((\w+)\.([^()]*)\)", r"<\1:\2>", text)
    return base64.b64encode(_filled(inner, random.randrange(10**6)).encode()).decode()


def _folded(text: str, width: int = 64) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def _pem(random: Random, label: str) -> str:
    """Random bytes in the outer form of a key; no key. `label;escaped` writes line ends as JSON does."""
    label, _, style = label.partition(";")
    body = b"\x30\x82\x02\x5c" + random.randbytes(604)
    headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC," + random.randbytes(16).hex().upper() + "\n\n"
    text = f"{headers if style == 'encrypted' else ''}{_folded(base64.b64encode(body).decode())}"
    pem = f"-----BEGIN {label}-----\n{text}\n-----END {label}-----\n"
    return pem.replace("\n", "\\n") if style == "escaped" else pem


def _openssh(random: Random, cipher: str) -> str:
    name = (cipher or "none").encode()
    body = b"openssh-key-v1\0" + len(name).to_bytes(4, "big") + name + random.randbytes(320)
    label = "OPENSSH PRIVATE KEY"
    return f"-----BEGIN {label}-----\n{_folded(base64.b64encode(body).decode(), 70)}\n-----END {label}-----\n"


_MADE: Mapping[str, Callable[[Random, str], str]] = {
    "base64": _base64,
    "basic": _basic,
    "bin": lambda _, digits: bytes.fromhex(digits).decode("latin-1"),
    "github": _github,
    "gitlab": _gitlab,
    "grafana": _grafana,
    "json64": _json64,
    "jwt": _jwt,
    "openssh": _openssh,
    "pem": _pem,
    "pem64": lambda random, label: base64.b64encode(_pem(random, label).encode()).decode(),
    "random": lambda random, size: random.randbytes(int(size)).decode("latin-1"),
    "uuid": lambda random, _: "-".join(_drawn(random, _KINDS["hex"], size) for size in (8, 4, 4, 4, 12)),
}
