"""Every test of the store runs on both databases: `store` is an open one, fresh for the test, `url` is its address."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from nephoscope.store.session import Store, open_store


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(open_store(url)) as opened:
        yield opened
