"""Traces by OpenTelemetry, if its own variables give an address to send them to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from opentelemetry import context, trace
from opentelemetry.propagate import extract, inject

_ADDRESSES: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_tracer: Final = trace.get_tracer("contactory")

# Messages of errors may repeat what a client sent, so spans do not record errors.
_NO_ERRORS: Final[Mapping[str, Any]] = {"record_exception": False, "set_status_on_exception": False}


def configure() -> None:
    """Set up tracing. Without an address nothing is traced, and no library is loaded."""
    if not any(os.environ.get(name) for name in _ADDRESSES):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "contactory"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def span(name: str, **attributes: Any) -> AbstractContextManager[Any]:
    return _tracer.start_as_current_span(name, attributes=attributes, **_NO_ERRORS)


def call_span(headers: Mapping[str, str], **attributes: Any) -> AbstractContextManager[Any]:
    """Return the span of a request, which is part of the caller's trace if the headers name one."""
    return _tracer.start_as_current_span(
        "call", context=extract(headers), kind=trace.SpanKind.SERVER, attributes=attributes, **_NO_ERRORS
    )


def trace_headers() -> Mapping[str, str]:
    """Return the headers that name the current trace and span."""
    headers: dict[str, str] = {}
    inject(headers)
    return headers


@contextmanager
def continue_trace(headers: Mapping[str, str]) -> Iterator[None]:
    """Make spans in this context part of the trace that the headers name."""
    token = context.attach(extract(headers))
    try:
        yield
    finally:
        context.detach(token)
