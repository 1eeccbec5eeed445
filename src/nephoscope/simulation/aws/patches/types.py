"""What a patch is: a function of the call and its place."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from nephoscope.simulation.aws.answering import Answer


class Call(msgspec.Struct, frozen=True):
    """`arguments` as they stand on the wire."""

    account_id: str
    region: str
    arguments: Mapping[str, Any]

    @property
    def place(self) -> tuple[str, str]:
        return self.account_id, self.region

    @property
    def partition(self) -> str:
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"


Operation = Callable[[Call], Mapping[str, Any] | Answer]
"""What the service answers, or the whole answer where it is no document. May raise RefusalError."""

Operations = dict[tuple[str, str], Operation]
