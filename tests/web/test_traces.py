"""A request is traced with its statements when somebody set a collector, and names nobody."""

from __future__ import annotations

import sys

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from portal.app import create_app
from portal.web import traces
from tests import cast
from tests.web_clients import Visitor


@pytest.fixture
def spans(settings):
    """The portal, and the spans that it gave."""

    def made(**changed):
        app = create_app(settings.model_copy(update=changed))
        kept = InMemorySpanExporter()
        traces.trace_to(app, SimpleSpanProcessor(kept), share=1.0)
        apps.append(app)
        return app, kept

    apps = []
    yield made
    for app in apps:
        app.database.dispose()
        app.issuer_database.dispose()
        app.valkey.close()


def test_a_request_has_its_statements_below_it_and_names_nobody(spans):
    app, kept = spans()
    visitor = Visitor(app)
    visitor.come_in(cast.huadong.buyer)
    kept.clear()
    answer = visitor.get(f"/catalogue/{cast.gloves.sku}?q=geheim")
    assert answer.status_code == 200
    found = kept.get_finished_spans()
    (root,) = (span for span in found if span.parent is None)
    assert root.name.startswith("GET catalogue.") and root.attributes["http.response.status_code"] == 200
    assert root.attributes["tonglu.request_id"] == answer.headers["X-Request-ID"]
    below = [span for span in found if span.parent is not None]
    assert below and {span.parent.span_id for span in below} == {root.context.span_id}
    told = "".join(str(dict(span.attributes)) + span.name for span in found)
    for secret in ("geheim", cast.gloves.sku, cast.huadong.buyer.email, f"user:{cast.huadong.buyer.id}"):
        assert secret not in told


def test_a_statement_that_fails_ends_its_span(spans):
    app, kept = spans()
    with app.test_request_context("/login"):
        app.preprocess_request()
        with pytest.raises(Exception, match="no_such_table"), app.database.engine.connect() as connection:
            connection.exec_driver_sql("SELECT * FROM no_such_table")
        app.do_teardown_request()
    failed = [span for span in kept.get_finished_spans() if "error.type" in span.attributes]
    assert len(failed) == 1 and failed[0].end_time


STRANGER = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


@pytest.mark.parametrize(("proxies", "is_believed"), [(0, False), (1, True)])
def test_a_trace_begins_here_unless_a_trusted_proxy_says_where(spans, proxies, is_believed):
    app, kept = spans(trusted_proxies=proxies)
    app.test_client().get("/login", headers=STRANGER)
    roots = [span for span in kept.get_finished_spans() if span.name.startswith("GET")]
    assert (f"{roots[0].context.trace_id:032x}" == STRANGER["traceparent"][3:35]) is is_believed


def test_without_a_collector_nothing_is_done_and_nothing_loaded(settings, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    app = create_app(settings)
    assert not [name for name in sys.modules if name.startswith("opentelemetry")]
    assert not any("traces" in hook.__module__ for hook in app.before_request_funcs[None])


def test_a_collector_without_the_libraries_is_told_at_the_start(settings):
    with pytest.raises(ValueError, match="opentelemetry-exporter-otlp-proto-http"):
        create_app(settings.model_copy(update={"traces_url": "http://127.0.0.1:4318/v1/traces"}))
