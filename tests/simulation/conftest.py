"""One simulation in a thread for the whole folder: each test uses names of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from nephoscope.simulation.aws import Simulation, start

Clients = Callable[..., Any]


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    with start(in_process=True) as running:
        yield running


@pytest.fixture
def client(simulation: Simulation) -> Iterator[Clients]:
    """`client("ec2", "eu-west-1")`, closed after the test."""
    with ExitStack() as stack:
        yield lambda service, region="us-east-1": stack.enter_context(closing(simulation.client(service, region)))
