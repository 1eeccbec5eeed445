"""Stable identities: the same thing in the same place has the same UUID in every installation and every run."""

from uuid import UUID, uuid5

_NAMESPACE = UUID("5f1c6f0e-3c0b-5a44-9d0e-6e6570686f73")


def stable_uuid(*parts: str) -> UUID:
    """A version 5 UUID of the parts, in order. Parts are length-prefixed, so ("ab", "c") differs from ("a", "bc")."""
    return uuid5(_NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts))


def resource_uuid(provider: str, account: str, region: str, resource_type: str, resource_id: str) -> UUID:
    return stable_uuid(provider, account, region, resource_type, resource_id)


def evaluation_uuid(resource: UUID, cid: int) -> UUID:
    """Derived, never stored: at ten million rows, uuids would be half the file."""
    return uuid5(resource, str(cid))


def tag_uuid(folded: str) -> UUID:
    """Of a tag by its name in lower case: the same in every installation."""
    return stable_uuid("tag", folded)
