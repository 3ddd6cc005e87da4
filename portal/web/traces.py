"""Traces by OpenTelemetry: a span for each request, and one for each statement and commit within it.

Off unless ``TONGLU_TRACES_URL`` names a collector (OTLP over HTTP); then nothing of this is done, and the
libraries need not be installed. They are no requirement of the portal: ``pip install opentelemetry-sdk
opentelemetry-exporter-otlp-proto-http``.

A span names the view and the statement as it stands in our source, never a value, an address with a
document's number, or a person.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from flask import Response, g, request
from sqlalchemy import Engine, event

from portal.version import VERSION
from portal.web.request import Portal

_STATEMENT_MAX = 200  # characters of a statement, enough to find it


def trace(app: Portal) -> None:
    """Have requests traced, where the settings name a collector. Raises ValueError without the libraries."""
    if url := app.settings.traces_url:
        trace_to(app, _exporter(url), share=app.settings.traces_share)


def trace_to(app: Portal, processor: Any, *, share: float) -> None:
    """Have requests traced. processor: takes spans that ended. share: of the requests that begin here."""
    resources = importlib.import_module("opentelemetry.sdk.resources")
    sdk = importlib.import_module("opentelemetry.sdk.trace")
    sampling = importlib.import_module("opentelemetry.sdk.trace.sampling")
    provider = sdk.TracerProvider(
        resource=resources.Resource.create({"service.name": "tonglu", "service.version": VERSION}),
        sampler=sampling.ParentBased(sampling.TraceIdRatioBased(share)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("tonglu")
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _begin(app, tracer))
    app.after_request(_answered)
    app.teardown_request(_end)
    for engine, name in ((app.database.engine, "app"), (app.issuer_database.engine, "issuer")):
        _trace_engine(engine, tracer, name)


def _exporter(url: str) -> Any:
    try:
        otlp = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        export = importlib.import_module("opentelemetry.sdk.trace.export")
    except ImportError as error:
        raise ValueError(
            "TONGLU_TRACES_URL needs opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http, which are "
            f"not installed: {error}"
        ) from error
    return export.BatchSpanProcessor(otlp.OTLPSpanExporter(endpoint=url))


def _begin(app: Portal, tracer: Any) -> None:
    """What the caller says of its own trace is believed from a trusted proxy only."""
    api = importlib.import_module("opentelemetry.trace")
    context = None
    if app.settings.trusted_proxies:
        headers = {name.lower(): value for name, value in request.headers}
        propagation = importlib.import_module("opentelemetry.trace.propagation.tracecontext")
        context = propagation.TraceContextTextMapPropagator().extract(headers)
    name = f"{request.method} {request.endpoint or 'none'}"
    g.span = tracer.start_span(name, context=context, kind=api.SpanKind.SERVER)
    g.span_within = api.use_span(g.span, end_on_exit=False)
    g.span_within.__enter__()


def _answered(response: Response) -> Response:
    if "span" in g:
        g.span.set_attribute("http.request.method", request.method)
        g.span.set_attribute("http.route", request.url_rule.rule if request.url_rule else "none")
        g.span.set_attribute("http.response.status_code", response.status_code)
        g.span.set_attribute("tonglu.request_id", g.get("request_id", ""))
    return response


def _end(_error: BaseException | None) -> None:
    if within := g.pop("span_within", None):
        within.__exit__(None, None, None)
        g.pop("span").end()


def _told(statement: str) -> str:
    """A statement without values: what begins a transaction names who acts and for whom."""
    return "BEGIN" if "set_config(" in statement else " ".join(statement.split())[:_STATEMENT_MAX]


def _trace_engine(engine: Engine, tracer: Any, name: str) -> None:
    api = importlib.import_module("opentelemetry.trace")

    def begin(
        _connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: Any
    ) -> None:
        if context is not None and api.get_current_span().is_recording():
            context.span = tracer.start_span(f"database {name}", kind=api.SpanKind.CLIENT)
            context.span.set_attribute("db.system.name", "postgresql")
            context.span.set_attribute("db.query.text", _told(statement))

    def end(
        _connection: Any, _cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: Any
    ) -> None:
        if span := getattr(context, "span", None):
            span.end()

    def failed(context: Any) -> None:
        if span := getattr(context.execution_context, "span", None):
            span.set_attribute("error.type", type(context.original_exception).__name__)
            span.end()

    listeners: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", begin),
        ("after_cursor_execute", end),
        ("handle_error", failed),
    ]
    for moment, listener in listeners:
        event.listen(engine, moment, listener)
