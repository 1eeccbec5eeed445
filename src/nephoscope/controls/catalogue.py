"""The catalogue: every control and policy, loaded once, checked as it loads."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from nephoscope.controls.compiled import CompiledControl
from nephoscope.controls.paths import paths
from nephoscope.errors import BadRequestError
from nephoscope.kit.hashes import fingerprint
from nephoscope.model.controls import Control, Policy
from nephoscope.model.policies import ControlPolicy
from nephoscope.model.providers import Provider


class Catalogue:
    """Immutable after loading: controls by cid (in order), policies newest first, and what follows from them."""

    def __init__(self, controls: Iterable[Control], policies: Iterable[Policy]) -> None:
        self.controls: dict[int, Control] = {row.cid: row for row in sorted(controls, key=lambda row: row.cid)}
        self.policies: tuple[Policy, ...] = tuple(policies)
        self._compiled: dict[int, CompiledControl] = {}

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Control, ...]]:
        found: dict[str, list[Control]] = defaultdict(list)
        for control in self.controls.values():
            found[control.resource_type].append(control)
        return {name: tuple(rows) for name, rows in found.items()}

    def of_type(self, resource_type: str) -> tuple[Control, ...]:
        """In order of cid; empty for a type without controls."""
        return self._by_type.get(resource_type, ())

    def of_provider(self, provider: Provider) -> tuple[Control, ...]:
        return tuple(control for control in self.controls.values() if control.provider == provider)

    def compiled(self, cid: int) -> CompiledControl:
        """The control with its expressions compiled, once."""
        found = self._compiled.get(cid)
        if found is None:
            found = self._compiled[cid] = CompiledControl(self.controls[cid])
        return found

    def policies_of(self, cid: int) -> tuple[Policy, ...]:
        control = self.controls[cid]
        return tuple(
            policy
            for policy in self.policies
            if policy.provider == control.provider
            and (policy.framework in control.benchmarks or policy.title in control.policies)
        )

    def policy_names(self, cid: int) -> tuple[str, ...]:
        """Titles of the policies a control belongs to, newest benchmark first."""
        return tuple(policy.title for policy in self.policies_of(cid))

    def fields_of(self, control: Control) -> dict[str, frozenset[str]]:
        """Resource type → top-level fields that the control's expressions and evidence look at (`*`: all of them)."""
        read = paths(control.passes) | paths(control.applies)
        read |= {path if path.startswith("related.") else f"resource.{path}" for path in control.evidence}
        fields: dict[str, set[str]] = defaultdict(set)
        for path in read:
            root, _, rest = path.partition(".")
            if root == "resource" and rest:
                fields[control.resource_type].add(rest.partition(".")[0])
            elif root == "related":
                name, _, below = rest.partition(".")
                fields[control.related[name].type].add(below.partition(".")[0] or "resourceId")
        for related in control.related.values():
            fields[related.type].update(related.where)
            fields[control.resource_type].update(related.where.values())
        return {name: frozenset(found) for name, found in fields.items()}

    def rules_fingerprint(self, resource_type: str) -> int:
        """Changes when any control of the type, or what it would say, changes. Signed 64 bits."""
        return fingerprint(msgspec.msgpack.encode(self.of_type(resource_type)))

    def with_policies(self, own: Iterable[ControlPolicy]) -> "Catalogue":
        """With policies that people made, behind the others. What the controls say changes by it: do not judge for a
        store with this one."""
        added = tuple(own)
        if not added:
            return self
        titles: dict[int, list[str]] = defaultdict(list)
        for policy in added:
            for cid in policy.control_ids:
                titles[cid].append(policy.title)
        controls = (
            msgspec.structs.replace(row, policies=(*row.policies, *titles[row.cid])) if row.cid in titles else row
            for row in self.controls.values()
        )
        policies = (Policy(row.title, row.provider, row.version, row.created_on) for row in added)
        return Catalogue(controls, (*self.policies, *policies))

    def select(self, benchmarks: Iterable[str], provider: Provider | None = None) -> "Catalogue":
        """The catalogue reduced to some benchmarks (`CIS AWS 3.0`, or a policy's title, in any case).
        BadRequestError names unknown ones and the known ones, and those of other clouds where one is meant: with
        them alone nothing would be looked at, and nothing would fail."""
        wanted = {name.casefold() for name in benchmarks}
        chosen = [row for row in self.policies if {row.framework.casefold(), row.title.casefold()} & wanted]
        known = {name.casefold() for row in chosen for name in (row.framework, row.title)}
        if unknown := sorted(wanted - known):
            have = ", ".join(sorted({row.framework or row.title for row in self.policies}))
            raise BadRequestError(f"There is no benchmark {', '.join(map(repr, unknown))}. Known: {have}.")
        if provider and (foreign := [row for row in chosen if row.provider is not provider]):
            named = ", ".join(f"{row.framework or row.title!r} is for {row.provider}" for row in foreign)
            raise BadRequestError(f"{named}; this is about {provider}.")
        titles = {row.title for row in chosen}
        controls = [row for row in self.controls.values() if titles & set(self.policy_names(row.cid))]
        return Catalogue(controls, chosen)
