"""The index that regular expressions run over, made when somebody first asks: a server that waits does without its
libraries, which are large."""

from functools import cached_property
from typing import TYPE_CHECKING

from nephoscope.controls.catalogue import Catalogue
from nephoscope.kit.pages import PageRequest
from nephoscope.model.identities import Reach
from nephoscope.model.providers import Provider
from nephoscope.store.session import Reader, Store

if TYPE_CHECKING:
    from nephoscope.evaluation.matching import MatchedPage, RegexIndex


class Regexes:
    """One for each process. Thread-safe. See `RegexIndex` for what its methods answer."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    def page(
        self, provider: Provider, pattern: str, request: PageRequest, *, reach: Reach | None = None
    ) -> "MatchedPage":
        return self._index.page(provider, pattern, request, reach=reach)

    def resource_keys(self, reader: Reader, provider: Provider, pattern: str) -> list[int]:
        return self._index.resource_keys(reader, provider, pattern)

    @cached_property
    def _index(self) -> "RegexIndex":
        from nephoscope.evaluation.matching import RegexIndex  # noqa: PLC0415 - see the module

        return RegexIndex(self._store, self._catalogue)
