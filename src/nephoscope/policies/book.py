"""All policies at one moment, and what follows from them: which controls a policy has, which policies a control has."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from uuid import UUID

import msgspec

from nephoscope.kit.folding import fold
from nephoscope.kit.ids import stable_uuid
from nephoscope.model.controls import Control, Policy
from nephoscope.model.policies import SYSTEM, ControlPolicy, Mandate
from nephoscope.model.providers import Provider


class PolicyBook:
    """Immutable. Shipped policies come first, in the catalogue's order; then those of people, the oldest first."""

    def __init__(
        self,
        shipped: Iterable[ControlPolicy],
        own: Iterable[ControlPolicy] = (),
        load_mandates: Callable[[], tuple[Mandate, ...]] = tuple,
    ) -> None:
        self.shipped = tuple(shipped)
        self.own = tuple(own)
        self.policies = (*self.shipped, *self.own)
        self._load_mandates = load_mandates
        self._by_uuid = {policy.uuid: policy for policy in self.policies}
        self._by_cid: dict[int, list[ControlPolicy]] = {}
        for policy in self.policies:
            for cid in policy.control_ids:
                self._by_cid.setdefault(cid, []).append(policy)

    @property
    def mandates(self) -> tuple[Mandate, ...]:
        return self._load_mandates()

    def get(self, uuid: UUID) -> ControlPolicy | None:
        return self._by_uuid.get(uuid)

    def of_provider(self, provider: Provider | None) -> tuple[ControlPolicy, ...]:
        """Of every cloud when None."""
        return tuple(policy for policy in self.policies if provider in (None, policy.provider))

    def of_control(self, cid: int) -> tuple[ControlPolicy, ...]:
        return tuple(self._by_cid.get(cid, ()))

    def names_of(self, cid: int) -> tuple[str, ...]:
        """Titles of the policies that a control belongs to."""
        return tuple(policy.title for policy in self._by_cid.get(cid, ()))

    def find(self, name: str) -> ControlPolicy | None:
        """By title, framework (`CIS AWS 5.0`) or uuid, in any case."""
        folded = fold(name.strip())
        if not folded:
            return None
        return next((row for row in self.policies if folded in _names(row)), None)


def shipped(controls: Mapping[int, Control], policies: Iterable[Policy]) -> tuple[ControlPolicy, ...]:
    """The catalogue's policies, with the controls that say they belong to them."""
    return tuple(_shipped(policy, controls.values()) for policy in policies)


def known_alone(policy: ControlPolicy, controls: Mapping[int, Control]) -> ControlPolicy:
    """Without controls that have left the catalogue since somebody put them into it."""
    known = tuple(cid for cid in policy.control_ids if cid in controls)
    return policy if len(known) == len(policy.control_ids) else msgspec.structs.replace(policy, control_ids=known)


def _shipped(policy: Policy, controls: Iterable[Control]) -> ControlPolicy:
    cids = sorted(control.cid for control in controls if _belongs(control, policy))
    return ControlPolicy(
        uuid=stable_uuid("policy", policy.title),
        title=policy.title,
        provider=policy.provider,
        version=policy.version,
        description=_about(policy, len(cids)),
        control_ids=tuple(cids),
        created_by=SYSTEM,
        created_on=policy.created,
        modified_by=SYSTEM,
        modified_on=policy.created,
        framework=policy.framework,
    )


def _belongs(control: Control, policy: Policy) -> bool:
    if control.provider is not policy.provider:
        return False
    return policy.framework in control.benchmarks or policy.title in control.policies


def _about(policy: Policy, count: int) -> str:
    if policy.framework:
        return f"What can be decided of {policy.framework} through the API of the cloud: {count} controls."
    return f"Good practice beyond the benchmarks: {count} controls."


def _names(policy: ControlPolicy) -> Iterator[str]:
    yield fold(policy.title)
    yield str(policy.uuid)
    if policy.framework:
        yield fold(policy.framework)
