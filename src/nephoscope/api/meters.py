"""What is measured of this process, and of the whole installation when it is asked for, in the words of Prometheus."""

import re
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from nephoscope.store import metrics
from nephoscope.store.session import Store

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_METHOD = re.compile(r"GET|POST|PUT|PATCH|DELETE|OPTIONS")


class Meters:
    """One for each application."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "nephoscope_requests", "Answers.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "nephoscope_request_seconds", "Until the last byte.", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_Facts(store))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is the template, so that there are as many as routes; empty when there was none."""
        shown = method if _METHOD.fullmatch(method) else "OTHER"
        self._requests.labels(shown, route or "none", str(status)).inc()
        self._seconds.labels(route or "none").observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Facts:
    """Read from the store at each scrape: they are the same in every process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        with self._store.read() as reader:
            facts = metrics.facts(reader)
        yield _gauge("runs", "Runs, by state.", "state", facts.runs)
        yield _gauge("scopes", "Scopes of all connectors, by how each last ended.", "outcome", facts.scopes)
        yield _gauge("scope_calls", "Cloud calls that the last reading of each scope took.", "outcome", facts.calls)
        yield _gauge("connectors", "Connectors, by state.", "state", facts.connectors)
        yield _gauge("workers", "Processes that carry runs.", "", {"": facts.workers})
        yield _gauge("store_version", "Moves with every change of inventory or evaluations.", "", {"": facts.version})


def _gauge(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"nephoscope_{name}", text, labels=[label] if label else [])
    for value, count in values.items():
        family.add_metric([value] if label else [], count)
    return family
