"""A page of a table, as `--filter` and `--limit` choose it. Imported when a command lists: help needs no store."""

from collections.abc import Callable

from nephoscope.kit.pages import Page, PageRequest, Row
from nephoscope.qql.binder import bind
from nephoscope.qql.bound import Bound
from nephoscope.qql.parser import parse
from nephoscope.qql.tokens import Tokens
from nephoscope.store.session import Reader
from nephoscope.usecases.usecases import UseCases


def filtered(
    usecases: UseCases, tokens: Tokens, page: Callable[[Reader, Bound, PageRequest], Page[Row]], query: str, limit: int
) -> Page[Row]:
    """BadRequestError for a query that is none."""
    bound = bind(parse(query), tokens, usecases.clock())
    with usecases.store.read() as reader:
        return page(reader, bound, PageRequest(0, limit))
