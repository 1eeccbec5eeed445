"""The date spellings of the wire (contract §6). Everything inside is an aware UTC datetime."""

from datetime import UTC, datetime


def compact(moment: datetime) -> str:
    """`2023-05-11T07:47:30+0000`: evaluations, controls, exceptions, resources."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "+0000"


def precise(moment: datetime) -> str:
    """`2025-03-26T06:58:03.219+00:00`: resource `created`, findings, metadata `dateTime`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def zulu(moment: datetime) -> str:
    """`2025-05-03T00:12:53Z`: assessment reports."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def java(moment: datetime) -> str:
    """`Tue May 16 06:37:27 UTC 2023`: connectors only. Spelled by hand, because strftime follows the locale."""
    at = moment.astimezone(UTC)
    return f"{_DAYS[at.weekday()]} {_MONTHS[at.month - 1]} {at.day:02d} {at:%H:%M:%S} UTC {at.year}"


def from_epoch(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def to_epoch(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def from_epoch_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_epoch(seconds)


def to_epoch_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_epoch(moment)
