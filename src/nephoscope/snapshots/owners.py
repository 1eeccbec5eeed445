"""Whose an access key is: asked passively, of the inventory of the accounts that people connected. No cloud is asked,
and no key is tried.
"""

from collections.abc import Iterator

from nephoscope.model.providers import Provider
from nephoscope.model.secrets import KeyOwner, SecretNote, SecretSeverity
from nephoscope.secrets.aws_keys import reweighed
from nephoscope.secrets.loading import load_rules
from nephoscope.secrets.masking import digest
from nephoscope.store import connectors, resources
from nephoscope.store.found_secrets import FoundKey
from nephoscope.store.session import Reader, Store

_TYPE = "IAM_USER"


class KeyOwners:
    """As the inventory is when somebody first asks. For one scan."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, KeyOwner] | None = None

    def find(self, key_id: str) -> KeyOwner | None:
        if self._known is None:
            with self._store.read() as reader:
                self._known = dict(every_key(reader))
        return self._known.get(key_id)


def every_key(reader: Reader) -> Iterator[tuple[str, KeyOwner]]:
    """Key id and owner, of all connected AWS accounts."""
    for connector in connectors.every(reader, Provider.AWS):
        keys = [row.resource_key for row in resources.candidates(reader, connector.key, _TYPE)]
        users, documents = resources.by_keys(reader, keys, is_counted=False), resources.documents(reader, keys)
        for key, stored in documents.items():
            for row in stored.document.get("accessKeys") or ():
                user = users[key]
                is_active = str(row.get("status", "")).casefold() == "active"
                owner = KeyOwner(connector.account_id, user.name, is_active, user.uuid)
                yield str(row.get("accessKeyId", "")), owner


def by_digest(reader: Reader, key: bytes) -> dict[str, KeyOwner]:
    """By what a finding keeps of the key id: for findings that were made before the user was known, or switched off."""
    return {digest(key, key_id.encode()): owner for key_id, owner in every_key(reader)}


def weigh(found: FoundKey, owner: KeyOwner | None) -> tuple[SecretSeverity, tuple[SecretNote, ...]]:
    """A key that was found, by what is known of its owner now."""
    base = next((rule.row.severity for rule in load_rules() if rule.row.id == found.rule), SecretSeverity.HIGH)
    return reweighed(base, found.notes, found.preview, owner, is_id=found.is_id)
