"""What a test or the estate may tell a running simulation that no cloud call could: ages, the root user, disturbances.

A fact travels as tagged JSON, so that it reaches a simulation in a process of its own as well as one in a thread.
"""

from enum import StrEnum

import msgspec

ACCOUNT_ID = "123456789012"
"""The account of every access key that the simulation does not know."""
IMAGE = "ami-000c540e28953ace2"
"""A small Linux that is there from the beginning, in every region. Whoever looks for one makes moto list hundreds."""


class RootFacts(msgspec.Struct, frozen=True, tag="root"):
    """The root user, as the credential report and the account summary tell of it. Days count back from now."""

    mfa: str = ""
    """`""` for none, `virtual` or `hardware`."""
    has_access_key: bool = False
    created_days_ago: int = 1400
    used_days_ago: int | None = None


class KeyAge(msgspec.Struct, frozen=True):
    """Of one access key, in the order in which they were made."""

    rotated_days_ago: int
    used_days_ago: int | None = None


class UserAge(msgspec.Struct, frozen=True, tag="user"):
    """How long ago a user and what belongs to it came to be and were used."""

    name: str
    created_days_ago: int
    password_used_days_ago: int | None = None
    password_changed_days_ago: int | None = None
    keys: tuple[KeyAge, ...] = ()


class CertificateAge(msgspec.Struct, frozen=True, tag="certificate"):
    """A server certificate of IAM; a negative number is one that has expired."""

    name: str
    expires_in_days: int


class Disturbance(StrEnum):
    DENIED = "denied"
    THROTTLED = "throttled"
    FAILED = "failed"
    """A server error (500)."""
    UNIMPLEMENTED = "unimplemented"
    """501, as fakes answer."""
    SILENT = "silent"
    """No answer at all: the connection is closed after `Conditions.silence` seconds."""


class Fault(msgspec.Struct, frozen=True):
    """Disturbs the calls that match; an empty name matches all. Names are botocore's: `s3`, `GetBucketPolicy`."""

    kind: Disturbance
    service: str = ""
    operation: str = ""
    region: str = ""


class Conditions(msgspec.Struct, frozen=True, tag="conditions"):
    """How the simulation answers from now on; replaces what was said before."""

    latency: float = 0.0
    """Seconds added to every request."""
    faults: tuple[Fault, ...] = ()
    silence: float = 120.0
    """Seconds."""


class VolumeImage(msgspec.Struct, frozen=True, tag="volume-image"):
    """What an EBS volume holds from now on: an image file, of the volume's size or smaller (zeros follow). Snapshots
    made from now on hold it; the file must not change any more."""

    volume_id: str
    path: str
    is_key_denied: bool = False
    """The key that its snapshots are encrypted with does not open for whoever reads."""


class BlockConditions(msgspec.Struct, frozen=True, tag="blocks"):
    """How reading blocks of snapshots goes from now on; 0 is never."""

    throttled_every: int = 0
    """Every so-manieth request is throttled."""
    corrupted_every: int = 0
    """The bytes of every so-manieth block differ from their checksum."""


Fact = RootFacts | UserAge | CertificateAge | Conditions | VolumeImage | BlockConditions
