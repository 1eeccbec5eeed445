"""The account service: the primary contact and the regions. Alternate contacts are moto's own."""

from collections.abc import Mapping
from typing import Any

from nephoscope.simulation.aws.answering import RefusalError
from nephoscope.simulation.aws.patches.types import Call, Operations


class Account:
    def __init__(self) -> None:
        self._contacts: dict[str, Mapping[str, Any]] = {}

    def operations(self) -> Operations:
        return {
            ("account", "PutContactInformation"): self._put_contact,
            ("account", "GetContactInformation"): self._get_contact,
        }

    def _put_contact(self, call: Call) -> Mapping[str, Any]:
        self._contacts[call.account_id] = call.arguments["ContactInformation"]
        return {}

    def _get_contact(self, call: Call) -> Mapping[str, Any]:
        found = self._contacts.get(call.account_id)
        if found is None:
            raise RefusalError("ResourceNotFoundException", "No contact information is on file.", 404)
        return {"ContactInformation": found}
