"""Exceptions in short forms, for the tests of what they do in the store."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from nephoscope.model.evaluations import Status
from nephoscope.model.exceptions import ExceptionReason, ExceptionScope, ExemptResource, PolicyException
from nephoscope.model.providers import Provider
from nephoscope.store import exceptions, tags
from nephoscope.store.session import Store
from store.store_world import START, Account, hours

ACCOUNT = "123456789012"


def exception(scope: ExceptionScope, cids: tuple[int, ...], **fields: Any) -> PolicyException:
    """In force from the start, for a day."""
    usual = {
        "uuid": uuid4(),
        "provider": Provider.AWS,
        "scope": scope,
        "name": f"exception {uuid4()}",
        "explanation": "because",
        "reason": ExceptionReason.OTHER,
        "starts": START,
        "ends": hours(24),
        "control_ids": cids,
        "created_by": "alice",
        "created_on": START,
        "updated_on": START,
    }
    return PolicyException(**{**usual, **fields})


def of_resources(*names: str, cids: tuple[int, ...] = (1,), region: str = "", **fields: Any) -> PolicyException:
    listed = tuple(ExemptResource(name, ACCOUNT, region) for name in names)
    return exception(ExceptionScope.RESOURCE, cids, resources=listed, **fields)


def of_accounts(*accounts: str, cids: tuple[int, ...] = (1,), **fields: Any) -> PolicyException:
    return exception(ExceptionScope.CONNECTOR, cids, account_ids=accounts, **fields)


def of_tags(*names: str, cids: tuple[int, ...] = (1,), **fields: Any) -> PolicyException:
    """For all connectors unless accounts or connector tags are given."""
    is_for_all = not ("account_ids" in fields or "connector_tags" in fields)
    return exception(
        ExceptionScope.QUALYSTAG, cids, resource_tags=names, **{"is_for_all_connectors": is_for_all, **fields}
    )


def create(store: Store, *wanted: PolicyException) -> tuple[PolicyException, ...]:
    """One transaction."""
    with store.write() as writer:
        return tuple(exceptions.create(writer, one) for one in wanted)


def delete(store: Store, *gone: PolicyException) -> None:
    with store.write() as writer:
        exceptions.delete(writer, [one.key for one in gone])


def put_on(account: Account, worn: Mapping[str, tuple[str, ...]]) -> None:
    """{resource id: names of tags}."""
    keys = account.keys()
    with account.store.write() as writer:
        for name, labels in worn.items():
            tags.put_on(writer, [keys[name]], tags.ensure(writer, labels).values())


def put_on_connector(account: Account, *labels: str) -> None:
    with account.store.write() as writer:
        tags.put_on_connectors(writer, [account.key], tags.ensure(writer, labels).values())


def excepted(account: Account) -> set[tuple[str, int]]:
    """What shows as PASSE now."""
    return {key for key, word in account.rows().items() if word == Status.PASSE}
