"""Policies: those that the program ships and those that people make of any controls of a cloud, asked for in one place.

A change counts at once in every process: each question looks whether the store's number of changes has moved since
what is remembered was read.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from uuid import UUID, uuid4

import msgspec

from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.errors import ConflictError, NotFoundError
from nephoscope.kit.clock import Clock
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.controls import Control, Policy
from nephoscope.model.policies import ControlPolicy, Mandate
from nephoscope.model.providers import Provider
from nephoscope.policies.book import PolicyBook, known_alone, shipped
from nephoscope.policies.drafts import Draft, checked, draft_of
from nephoscope.policies.mandates import load_mandates
from nephoscope.store import policies
from nephoscope.store.session import Store, Writer

__all__ = ["Draft", "Policies", "PolicyBook", "draft_of"]

MOST_POLICIES = 1_000


class Policies:
    """One for each process. Thread-safe."""

    def __init__(self, store: Store, clock: Clock, controls: Mapping[int, Control], system: Iterable[Policy]) -> None:
        self._store = store
        self._clock = clock
        self._controls = controls
        self._shipped = shipped(controls, system)
        self._latest: tuple[int, PolicyBook] = (-1, PolicyBook(self._shipped, load_mandates=lambda: self.mandates))

    def book(self) -> PolicyBook:
        """All of them as they are now, the same value as long as none changes: for who asks many questions."""
        with self._store.read() as reader:
            version = policies.version(reader)
            known, book = self._latest
            if known != version:
                own = (known_alone(policy, self._controls) for policy in policies.every(reader))
                book = PolicyBook(self._shipped, own, lambda: self.mandates)
                self._latest = (version, book)
        return book

    def list(self, request: PageRequest, provider: Provider | None = None) -> Page[ControlPolicy]:
        """Shipped ones first; of every cloud when `provider` is None."""
        found = self.book().of_provider(provider)
        return Page(found[request.offset : request.offset + request.size], len(found), request)

    def get(self, uuid: UUID) -> ControlPolicy:
        """NotFoundError when there is none."""
        found = self.book().get(uuid)
        if found is None:
            raise NotFoundError(f"There is no policy {uuid}.")
        return found

    def find(self, name: str) -> ControlPolicy:
        """By title, framework or uuid, in any case. NotFoundError when there is none."""
        found = self.book().find(name)
        if found is None:
            raise NotFoundError(f"There is no policy {name[:80]!r}.")
        return found

    @cached_property
    def mandates(self) -> tuple[Mandate, ...]:
        """What the program ships, over the controls there are."""
        return load_mandates(self._controls)

    def create(self, draft: Draft, by: str = LOCAL) -> ControlPolicy:
        """BadRequestError with every problem at once; ConflictError when the title was taken meanwhile or there are too
        many policies."""
        said = checked(draft, self._controls, self.book())
        now = self._clock()
        policy = ControlPolicy(
            uuid=uuid4(),
            title=said.title or "",
            provider=said.provider or Provider.AWS,
            version=_spelled(1),
            description=said.description or "",
            control_ids=said.control_ids or (),
            created_by=by,
            created_on=now.replace(microsecond=0),
            modified_by=by,
            modified_on=now.replace(microsecond=0),
            is_own=True,
        )
        with self._store.write() as writer:
            if policies.count(writer) >= MOST_POLICIES:
                raise ConflictError(f"There are {MOST_POLICIES:,} policies already; delete one that nobody needs.")
            made = policies.create(writer, policy)
            self._record(writer, by, "policy.create", made)
        return made

    def change(self, uuid: UUID, draft: Draft, by: str = LOCAL) -> ControlPolicy:
        """What the draft says, and the next version; a draft that changes nothing changes no version either.
        ConflictError for a policy that the program ships; otherwise as `create`."""
        book = self.book()
        with self._store.write() as writer:
            policy = _own(writer, book, uuid)
            said = checked(draft, self._controls, book, policy)
            wanted = msgspec.structs.replace(
                policy,
                title=said.title or policy.title,
                description=said.description or "",
                control_ids=said.control_ids or (),
            )
            if wanted == policy:
                return policy
            changed = msgspec.structs.replace(
                wanted,
                version=_spelled(_number(policy.version) + 1),
                modified_by=by,
                modified_on=self._clock().replace(microsecond=0),
            )
            policies.change(writer, changed)
            self._record(writer, by, "policy.change", changed)
        return changed

    def delete(self, uuid: UUID, by: str = LOCAL) -> ControlPolicy:
        """NotFoundError when there is none, ConflictError for one that the program ships."""
        book = self.book()
        with self._store.write() as writer:
            policy = _own(writer, book, uuid)
            policies.delete(writer, policy.key)
            self._record(writer, by, "policy.delete", policy)
        return policy

    def _record(self, writer: Writer, by: str, action: str, policy: ControlPolicy) -> None:
        detail = {
            "title": policy.title,
            "provider": policy.provider,
            "version": policy.version,
            "control_ids": policy.control_ids,
        }
        trail.record(writer, by, action, str(policy.uuid), detail, self._clock())


def _own(writer: Writer, book: PolicyBook, uuid: UUID) -> ControlPolicy:
    """Held until the transaction ends."""
    found = policies.get(writer, uuid)
    if found is not None:
        return found
    known = book.get(uuid)
    if known is not None and not known.is_own:
        raise ConflictError(f"{known.title} comes with the program and stays as it is; make a policy of your own.")
    raise NotFoundError(f"There is no policy {uuid}.")


def _spelled(version: int) -> str:
    return f"{version}.0"


def _number(version: str) -> int:
    return int(version.partition(".")[0])
