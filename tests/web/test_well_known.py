"""What browsers and researchers look for at every site."""

from __future__ import annotations

import json
from datetime import date

import pytest
from structlog.testing import capture_logs

from portal.blueprints.well_known import _first_of_month_in_half_a_year
from portal.web import csp_reports
from tests.shared_portal import opened
from tests.web_clients import Visitor


class TestSecurity:
    def test_names_whom_to_tell(self, settings):
        contacts = ("mailto:security@tonglu.example", "https://tonglu.example/security")
        with opened(settings.model_copy(update={"security_contacts": contacts})) as app:
            answer = app.test_client().get("/.well-known/security.txt")
        text = answer.get_data(as_text=True)
        assert answer.mimetype == "text/plain"
        assert text.splitlines()[:2] == [f"Contact: {contact}" for contact in contacts]
        assert "Canonical: http://localhost/.well-known/security.txt" in text
        (expires,) = [line for line in text.splitlines() if line.startswith("Expires: ")]
        assert expires.endswith("-01T00:00:00Z")

    @pytest.mark.only_asks
    def test_is_not_there_without_anybody(self, app):
        assert app.test_client().get("/.well-known/security.txt").status_code == 404

    @pytest.mark.parametrize(
        ("day", "until"),
        [
            (date(2026, 11, 28), date(2027, 5, 1)),
            (date(2026, 6, 30), date(2026, 12, 1)),
            (date(2026, 7, 1), date(2027, 1, 1)),
        ],
    )
    def test_never_is_about_to_run_out(self, day, until):
        assert _first_of_month_in_half_a_year(day) == until


@pytest.mark.only_asks
def test_a_password_manager_finds_the_form_and_that_others_are_not_there(app):
    client = app.test_client()
    assert client.get("/.well-known/change-password").location == "/account#password"
    missing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert client.get(missing).status_code == 404


def legacy(**changes):
    told = {
        "document-uri": "http://localhost/orders/SO2611-4C8P0XNQ7?q=secret",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/a.js?user=1",
    }
    return {"csp-report": told | changes}


def modern(**changes):
    body = {
        "documentURL": "http://localhost/account",
        "effectiveDirective": "img-src",
        "blockedURL": "inline",
    }
    return {"type": "csp-violation", "body": body | changes}


class TestReports:
    @pytest.fixture
    def sent(self, app):
        def send(body, kind="application/csp-report"):
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            return app.test_client().post("/csp-reports", data=raw, content_type=kind)

        return send

    def test_are_logged_and_counted_without_what_they_are_about(self, sent):
        with capture_logs() as said:
            assert sent(legacy()).status_code == 204
            assert sent([modern(), {"type": "deprecation"}], "application/reports+json").status_code == 204
        told = [line for line in said if line["event"] == "csp_violation"]
        assert [(line["directive"], line["blocked"], line["page"], line["today"]) for line in told] == [
            ("script-src-elem", "https://evil.example", "orders.show", 1),
            ("img-src", "inline", "account.profile", 1),
        ]
        assert "secret" not in str(told) and "SO2611" not in str(told)

    def test_many_of_a_kind_are_told_when_they_double(self, sent):
        with capture_logs() as said:
            for _ in range(9):
                sent(legacy())
        assert [line["today"] for line in said if line["event"] == "csp_violation"] == [1, 2, 4, 8]

    @pytest.mark.parametrize(
        "body", [b"", b"x", b"[]", b"{}", b"3", b'{"csp-report": 3}', b"[3]", b"\xff", b'[{"type": 5}]']
    )
    def test_rubbish_is_taken_and_forgotten(self, sent, body):
        with capture_logs() as said:
            assert sent(body).status_code == 204
        assert not [line for line in said if line["event"] == "csp_violation"]

    def test_large_ones_are_refused(self, sent):
        assert sent(b"x" * (16 * 1024 + 1)).status_code == 413

    def test_a_flood_is_refused(self, sent):
        assert [sent(legacy()).status_code for _ in range(31)][-2:] == [204, 429]

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        ("address", "origin"),
        [
            ("https://user:pass@evil.example:8443/x", "https://evil.example:8443"),
            ("data:text/html,secret", "data"),
            ("eval", "eval"),
            ("chrome-extension://abc", "other"),
            ("https://x:99999/", "other"),
            ("https://evil.example/\nx", "other"),
            ("https://", "other"),
            ("", "other"),
            (5, "other"),
        ],
    )
    def test_an_address_is_its_origin(self, address, origin):
        assert csp_reports._origin(address) == origin

    @pytest.mark.only_asks
    def test_pages_say_where_to(self, app):
        answer = Visitor(app).get("/login", follow_redirects=True)
        assert "report-uri /csp-reports; report-to csp" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Reporting-Endpoints"] == 'csp="/csp-reports"'
