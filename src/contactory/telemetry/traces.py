"""Traces by OpenTelemetry, if its own variables give an address to send them to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.propagate import extract

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
