"""How to get from disks to the bytes of a volume, step by step: what the parser process is told, and what it found."""

from enum import StrEnum

import msgspec


class Disk(msgspec.Struct, frozen=True, tag="disk"):
    """One of the disks that the parent serves, as it stands."""

    number: int


class Image(msgspec.Struct, frozen=True, tag="image"):
    """What an image file holds: `format` is qcow2, vhd, vmdk."""

    inner: "Stream"
    format: str


class Part(msgspec.Struct, frozen=True, tag="part"):
    """A range of bytes."""

    inner: "Stream"
    offset: int
    size: int


class Logical(msgspec.Struct, frozen=True, tag="logical"):
    """A logical volume of a group: the physical volumes that are there, and its name."""

    physical: tuple["Stream", ...]
    name: str


Stream = Disk | Image | Part | Logical


class State(StrEnum):
    """How much of a volume could be read."""

    READ = "READ"
    NOTHING = "NOTHING"
    """There is nothing to read: unused space, boot code, swap."""
    UNSUPPORTED = "UNSUPPORTED"
    """Something is there that is not read here: encrypted, a file system or an array that no parser is for."""
    FAILED = "FAILED"
    """It should have been readable and was not."""


class Found(msgspec.Struct, frozen=True):
    """One volume of the layout. `kind` is what its content says that it is (`ext4`, `xfs`, `ntfs`, `luks`, `swap`, …),
    empty when it says nothing; `notes` what a reader of the result should know, `gaps` what of it was not read."""

    name: str
    stream: Stream
    size: int
    kind: str = ""
    state: State = State.READ
    reason: str = ""
    label: str = ""
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


class Layout(msgspec.Struct, frozen=True):
    """What disks are divided into. `formats` are those of the images, `tables` the kinds of partition tables, by
    disk."""

    volumes: tuple[Found, ...]
    formats: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    tables: tuple[str, ...] = ()
