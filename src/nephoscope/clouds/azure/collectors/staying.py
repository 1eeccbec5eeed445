"""Settings of what is certainly there: when one is not found, the subscription or the directory has not gone."""

from collections.abc import Callable, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Raw
from nephoscope.errors import GoneError, UnavailableError

Read = Callable[[Calls, Raw], Mapping[str, Any]]


def staying(read: Read) -> Read:
    """The same `Detail.read`, whose "not found" is a reason why the fields are unread."""

    def stay(calls: Calls, raw: Raw) -> Mapping[str, Any]:
        try:
            return read(calls, raw)
        except GoneError as error:
            raise UnavailableError(error.message) from None

    return stay
