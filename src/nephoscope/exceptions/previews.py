"""What an exception would cover if it were in force now, before anybody decides about it."""

from nephoscope.exceptions.answers import CoverCount, Covered, Preview
from nephoscope.kit.folding import fold
from nephoscope.model.evaluations import Status
from nephoscope.model.exceptions import PolicyException
from nephoscope.store import connectors, naming, resources, tags
from nephoscope.store.coverage.effects import Effect, Example
from nephoscope.store.reach import seen_tags
from nephoscope.store.session import Reader

_EXAMPLES = 20


def preview(reader: Reader, wanted: PolicyException) -> Preview:
    effect = Effect(reader, wanted)
    extents = list(effect.extents())
    accounts = _accounts(reader, {one.connector_key for one in extents})
    named = {*wanted.account_ids, *(one.account_id for one in wanted.resources)}
    tag_names = (*wanted.resource_tags, *wanted.connector_tags)
    known_tags = tags.find(reader, tag_names).keys() & seen_tags(reader, tag_names)
    return Preview(
        counts=tuple(CoverCount(accounts[one.connector_key], one.cid, one.failing, one.already) for one in extents),
        examples=_examples(reader, effect.examples(_EXAMPLES), accounts),
        absent_resources=effect.absent,
        unknown_accounts=tuple(sorted(named - naming.known_accounts(reader, wanted.provider, named))),
        unknown_tags=tuple(name for name in tag_names if fold(name) not in known_tags),
    )


def _examples(reader: Reader, found: list[Example], accounts: dict[int, str]) -> tuple[Covered, ...]:
    rows = resources.by_keys(reader, [one.resource_key for one in found])
    examples = []
    for one in found:
        row, status = rows[one.resource_key], Status.PASSE if one.is_covered else Status.FAIL
        examples.append(Covered(accounts[row.connector_key], one.cid, row, status))
    return tuple(examples)


def _accounts(reader: Reader, keys: set[int]) -> dict[int, str]:
    found = {key: connectors.get_by_key(reader, key) for key in keys}
    return {key: connector.account_id for key, connector in found.items() if connector}
