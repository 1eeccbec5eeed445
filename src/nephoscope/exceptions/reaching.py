"""What an exception would cover beyond what somebody sees: nobody decides about more than that."""

from collections.abc import Iterator, Sequence

from nephoscope.kit.folding import fold
from nephoscope.kit.printable import some_of
from nephoscope.model.exceptions import ExceptionScope, PolicyException
from nephoscope.store import naming
from nephoscope.store.coverage.exception_reach import whole_accounts
from nephoscope.store.session import Reader


def beyond(reader: Reader, wanted: PolicyException) -> Iterator[str]:
    """Each part of it, as `field: what is wrong`, in the field names of the API. Nothing for a reader that sees
    everything."""
    if reader.reach is None:
        return
    match wanted.scope:
        case ExceptionScope.RESOURCE:
            yield from _resources(reader, wanted)
        case ExceptionScope.CONNECTOR:
            yield from _accounts(reader, wanted)
        case ExceptionScope.QUALYSTAG if not _is_own(reader, wanted.resource_tags):
            yield from _tagged(reader, wanted)


def _resources(reader: Reader, wanted: PolicyException) -> Iterator[str]:
    """In an account that is seen in part, whatever goes by the name must be seen."""
    whole = whole_accounts(reader, wanted.provider, (one.account_id for one in wanted.resources))
    partly = [one for one in wanted.resources if one.account_id not in whole]
    seen = naming.named(reader, wanted.provider, partly)
    there = naming.named(reader.seen_by(None), wanted.provider, partly)
    hidden = [one.resource_id for one in partly if not seen.get(one) or seen[one] != there[one]]
    if hidden:
        yield f"resources: there is no {some_of(hidden)} that you see whole"


def _accounts(reader: Reader, wanted: PolicyException) -> Iterator[str]:
    whole = whole_accounts(reader, wanted.provider, wanted.account_ids)
    hidden = [account for account in wanted.account_ids if account not in whole]
    if hidden:
        yield f"accountIds: you do not see all of {some_of(hidden)}"


def _tagged(reader: Reader, wanted: PolicyException) -> Iterator[str]:
    """Tags that others may put on anything, in connectors that are seen whole alone."""
    if wanted.is_for_all_connectors:
        yield "isAllConnector: you do not see all connectors; name accounts of yours, or tags of your reach alone"
    yield from _accounts(reader, wanted)
    if not _is_own(reader, wanted.connector_tags):
        yield "connectorTagNames: name tags of your reach alone"


def _is_own(reader: Reader, names: Sequence[str]) -> bool:
    """Whatever wears one of them is seen."""
    own = reader.reach.tags if reader.reach else ()
    return {fold(name) for name in names} <= {fold(name) for name in own}
