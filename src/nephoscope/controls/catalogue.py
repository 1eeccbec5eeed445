"""The catalogue: every control and policy, loaded once, checked as it loads."""

from collections.abc import Iterable

from nephoscope.model.controls import Control, Policy
from nephoscope.model.providers import Provider


class Catalogue:
    """Immutable after loading. `fingerprint` changes when any control does."""

    controls: dict[int, Control]
    """By cid, in order of cid."""
    policies: tuple[Policy, ...]

    def of_type(self, resource_type: str) -> tuple[Control, ...]:
        raise NotImplementedError

    def of_provider(self, provider: Provider) -> tuple[Control, ...]:
        raise NotImplementedError

    def policy_names(self, cid: int) -> tuple[str, ...]:
        """Titles of the policies a control belongs to, newest benchmark first."""
        raise NotImplementedError

    def fields_of(self, control: Control) -> dict[str, frozenset[str]]:
        """Resource type → top-level fields that the control's expressions and evidence look at."""
        raise NotImplementedError

    def select(self, benchmarks: Iterable[str]) -> "Catalogue":
        """The catalogue reduced to some benchmarks (`CIS AWS 3.0`, in any case, or a policy title). BadRequestError names
        an unknown one and the known ones."""
        raise NotImplementedError


def load_catalogue() -> Catalogue:
    raise NotImplementedError
