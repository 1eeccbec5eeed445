"""Traces for OpenTelemetry, when somebody collects them: otherwise a span costs nothing and no library is loaded."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nephoscope.errors import SettingsError

_SERVICE = "nephoscope"

Attributes = Mapping[str, str | int]


class Tracing:
    """One for each process. `open` it once, before anything is traced."""

    def __init__(self) -> None:
        self._tracer: Any = None
        self._provider: Any = None

    def open(self, endpoint: str) -> None:
        """Spans go to `ENDPOINT/v1/traces` from now on. SettingsError when the libraries are missing."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
                OTLPSpanExporter,
            )
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - likewise
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - likewise
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - likewise
        except ImportError:
            raise SettingsError("Traces need more libraries: pip install 'nephoscope[tracing]'.") from None
        self._provider = TracerProvider(resource=Resource.create({"service.name": _SERVICE}))
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(_SERVICE)

    @contextmanager
    def span(self, name: str, attributes: Attributes = {}) -> Iterator["Span"]:  # noqa: B006 - it is read only
        """What is done in the block. Attributes are identifiers and numbers, never what people typed; of an error not
        even its message is told."""
        if self._tracer is None:
            yield _NO_SPAN
            return
        with self._tracer.start_as_current_span(
            name, attributes=dict(attributes), record_exception=False, set_status_on_exception=False
        ) as span:
            yield Span(span)

    def close(self) -> None:
        """Sends what is left."""
        if self._provider is not None:
            self._provider.shutdown()
            self._provider = self._tracer = None


class Span:
    """What is being done, to say more of it."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def tell(self, name: str, attributes: Attributes) -> None:
        """A better name, and more attributes."""
        if self._span is not None:
            self._span.update_name(name)
            self._span.set_attributes(dict(attributes))


_NO_SPAN = Span()

TRACING = Tracing()
"""This process's."""
