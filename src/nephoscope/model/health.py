"""The answers of a health check (`nephoscope doctor`)."""

from enum import StrEnum

import msgspec


class Health(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Check(msgspec.Struct, frozen=True):
    """`message` is a sentence: what is, and what would be right."""

    name: str
    state: Health
    message: str


def ok(name: str, message: str) -> Check:
    return Check(name, Health.OK, message)


def warning(name: str, message: str) -> Check:
    return Check(name, Health.WARNING, message)


def failed(name: str, message: str) -> Check:
    return Check(name, Health.FAILED, message)
