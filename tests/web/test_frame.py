"""What every request gets, whatever page it asks for: a transaction, an audience, headers, JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import httpx
import psycopg
import pytest
from flask import jsonify
from flask_babel import lazy_gettext
from sqlalchemy import insert, select, text

from portal.app import create_app
from portal.audit.models import AuditEvent
from portal.audit.record import record
from portal.blueprints.account import _OwnIssuer
from portal.identity.issuer import discovery
from portal.kernel.actor import SYSTEM
from portal.kernel.clock import period_of
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.manifest import Audience
from portal.ledger.models import JournalEntry
from portal.orders.vocabulary import OrderAction
from portal.web.headers import CONTENT_SECURITY_POLICY
from portal.web.request import (
    anonymous_session,
    current_actor,
    current_session,
    keep_on_refusal,
    personal_session,
)
from tests import cast
from tests.web.protocol import Flow
from tests.web_clients import Visitor

BUYER = cast.huadong.buyer


def note(session, subject="something"):
    record(session, OrderAction.ORDER_HELD, subject, actor=SYSTEM, dealer_id=cast.huadong.id)


def noted(owner):
    return owner.scalars(select(AuditEvent.subject).where(AuditEvent.action == "order:held")).all()


def hang_up(cluster, database_name):
    """What a restart of the server, or a firewall, does to connections that lie idle."""
    address = cluster.admin.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
        assert connection.execute(ended, (database_name, cluster.app.username)).fetchall()


class TestTheTransaction:
    def test_is_committed_once_when_the_answer_is_good(self, page, owner):
        def view():
            note(anonymous_session())
            note(anonymous_session())
            return "done"

        assert page(view).get("/test").status_code == 200
        assert len(noted(owner)) == 2

    @pytest.mark.parametrize("error", [Conflict(), ValueError("inside"), NotFound()], ids=repr)
    def test_is_rolled_back_when_anything_is_raised(self, page, owner, app, error):
        app.testing = False

        def view():
            note(anonymous_session())
            raise error

        assert page(view).get("/test").status_code >= 400
        assert noted(owner) == []

    def test_is_rolled_back_when_the_answer_refuses(self, page, owner):
        def view():
            note(anonymous_session())
            return "the form again, with its errors", 422

        page(view).get("/test")
        assert noted(owner) == []

    def test_is_kept_on_refusal_where_the_view_says_so(self, page, owner):
        def view():
            note(anonymous_session())
            keep_on_refusal()
            return "no", 401

        page(view).get("/test")
        assert noted(owner) == ["something"]

    def test_is_not_settled_by_a_request_to_the_issuer_within(self, page, owner, app):
        def view():
            note(anonymous_session())
            with httpx.Client(transport=_OwnIssuer(app)) as client:
                assert client.get(discovery("http://localhost")["jwks_uri"]).status_code == 200
            note(anonymous_session())
            raise Conflict()

        assert page(view).get("/test").status_code == 409
        assert noted(owner) == []

    def test_that_the_database_refuses_at_the_commit_is_answered_like_any_refusal(self, page, owner):
        def view():
            one_sided = {
                "dealer_id": cast.huadong.id,
                "kind": "opening",
                "document_no": "X",
                "occurred_on": cast.TODAY,
                "period": period_of(cast.TODAY),
                "receivable": 5,
                "posted_by": "nobody",
            }
            personal_session("user:0", cast.huadong.id).execute(insert(JournalEntry).values(one_sided))
            return "posted"

        answer = page(view).get("/api/test")
        assert (answer.status_code, answer.json["code"]) == (409, "unbalanced_entry")

    def test_of_a_visitor_has_the_visitors_scope(self, page, sign_in, app, owner):
        def view():
            return jsonify(current_session().scalars(text("SELECT id FROM dealer")).all())

        page(view, Audience.SIGNED_IN)
        assert sign_in(cast.huadong.buyer).get("/test").json == [cast.huadong.id]
        assert set(sign_in(cast.east_manager).get("/test").json) == {cast.huadong.id, cast.suzhou.id}
        assert set(sign_in(cast.order_desk).get("/test").json) == {
            cast.huadong.id,
            cast.yuegang.id,
            cast.suzhou.id,
        }

    def test_knows_who_asks(self, page, sign_in):
        page(lambda: current_actor().key, Audience.SIGNED_IN)
        assert sign_in(BUYER).get("/test").get_data(as_text=True) == f"user:{BUYER.id}"

    def test_without_a_visitor_there_is_none(self, page):
        assert page(lambda: str(current_session())).get("/api/test").json["code"] == "sign_in_needed"

    def test_survives_connections_that_died_while_idle(self, page, sign_in, cluster, database_name):
        def view():
            return jsonify(current_session().scalars(text("SELECT 1")).all())

        page(view, Audience.SIGNED_IN)
        visitor = sign_in(BUYER)
        assert visitor.get("/test").status_code == 200
        hang_up(cluster, database_name)
        assert visitor.get("/test").status_code == 200

    def test_gives_its_connection_back(self, page, app):
        def view():
            note(anonymous_session())
            raise Conflict()

        client = page(view)
        for _ in range(20):
            client.get("/test")
        assert app.issuer_database.engine.pool.checkedout() == 0


class TestAudiences:
    @pytest.mark.parametrize(
        ("audience", "dealer", "staff", "nobody"),
        [
            (Audience.EVERYBODY, 200, 200, 200),
            (Audience.SIGNED_IN, 200, 200, 302),
            (Audience.DEALERS, 200, 404, 302),
            (Audience.STAFF, 404, 200, 302),
            (Audience.BEARERS, 200, 200, 200),
        ],
    )
    def test_see_their_own_pages_only(self, page, sign_in, app, audience, dealer, staff, nobody):
        page(lambda: "page", audience)
        statuses = [
            visitor.get("/test").status_code
            for visitor in (sign_in(BUYER), sign_in(cast.order_desk), Visitor(app))
        ]
        assert statuses == [dealer, staff, nobody]

    def test_of_a_page_nobody_thought_about_are_those_signed_in(self, app, visitor):
        app.add_url_rule("/forgotten", view_func=lambda: "page", endpoint="forgotten")
        assert visitor.get("/forgotten").status_code == 302

    def test_are_named_for_every_blueprint(self, app):
        assert set(app.blueprints) == set(app.extensions["audiences"])


class TestHeaders:
    def test_forbid_what_a_page_does_not_need(self, app, visitor):
        answer = Flow(app).open_form(visitor)
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert "unsafe" not in CONTENT_SECURITY_POLICY and "script-src 'self';" in CONTENT_SECURITY_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "Permissions-Policy" in answer.headers

    def test_ask_for_https_only_where_there_is_https(self, app, settings):
        secure = create_app(settings.model_copy(update={"cookie_secure": True}))
        for path in ("/nothing", "/healthz"):
            assert "Strict-Transport-Security" not in app.test_client().get(path).headers
            assert "max-age=" in secure.test_client().get(path).headers["Strict-Transport-Security"]

    def test_keep_no_page_for_the_back_button(self, sign_in):
        assert sign_in(BUYER).get("/account").headers["Cache-Control"] == "no-store, private"

    def test_are_on_refusals_too(self, app):
        answer = app.test_client().get("/nothing")
        assert (
            "Content-Security-Policy" in answer.headers
            and answer.headers["Cache-Control"] == "no-store, private"
        )

    def test_let_static_files_be_kept_under_an_address_that_changes_with_them(self, app, visitor):
        page = Flow(app).open_form(visitor).get_data(as_text=True)
        address = next(part for part in page.split('"') if part.startswith("/static/") and "?v=" in part)
        assert "immutable" in visitor.get(address).headers["Cache-Control"]
        assert visitor.get(address.partition("?")[0]).headers["Cache-Control"] == "no-cache"
        assert visitor.get("/static/nothing.css?v=1").status_code == 404

    def test_set_no_cookie_where_nothing_is_remembered(self, app):
        assert "Set-Cookie" not in app.test_client().get("/healthz").headers


def test_json_has_money_as_text_and_moments_in_utc(app):
    moment = datetime(2026, 11, 21, 16, 30, tzinfo=timezone(timedelta(hours=8)))
    value = {
        "amount": Decimal("1234.5"),
        "zero": Decimal(0),
        "at": moment,
        "day": moment.date(),
        "word": lazy_gettext("plain"),
        "set": {"b", "a"},
        "utc": datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC),
    }
    assert json.loads(app.json.dumps(value)) == {
        "amount": "1234.50",
        "zero": "0.00",
        "at": "2026-11-21T08:30:00Z",
        "day": "2026-11-21",
        "word": "plain",
        "set": ["a", "b"],
        "utc": "2026-01-02T03:04:05.678900Z",
    }
    for wrong in (datetime(2026, 1, 1), object()):
        with pytest.raises(TypeError):
            app.json.dumps({"x": wrong})
