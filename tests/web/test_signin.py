"""Signing in and out through the real protocol, and what somebody with bad intentions finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select, text, update

from portal.app import create_app
from portal.audit.models import AuditEvent
from portal.dealers.models import Dealer
from portal.identity.models import AuthorizationCode, UserAccount, UserSession
from tests import cast
from tests.web.protocol import Flow, query_of
from tests.web_clients import Visitor

BUYER = cast.huadong.buyer


@pytest.fixture
def sign_in(app):
    """Through the issuer, as everybody comes; other tests take the session for granted."""

    def signed_in(person):
        visitor = Visitor(app)
        assert visitor.sign_in(person).status_code == 200
        return visitor

    return signed_in


def is_signed_in(visitor):
    return visitor.get("/account").status_code == 200


def actions(owner):
    return owner.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()


def behind_a_proxy(settings, **limits):
    return create_app(settings.model_copy(update={"trusted_proxies": 1} | limits))


def attempt(app, person=BUYER, *, from_address, password=cast.PASSWORD):
    """Somebody in a browser of their own at an address."""
    visitor = Visitor(app, locale="en")
    visitor._languages |= {"X-Forwarded-For": from_address}
    return Flow(app).send_form(visitor, person, password=password)


class TestSigningIn:
    @pytest.mark.parametrize("person", [BUYER, cast.hq_finance], ids=["dealer", "staff"])
    def test_leads_to_the_place_of_work(self, visitor, person):
        page = visitor.sign_in(person)
        assert page.status_code == 200
        assert person.display_name in page.get_data(as_text=True)
        assert (
            page.request.path.startswith("/hq") == (person.dealer_id is None)
            or page.request.path == "/account"
        )

    def test_leads_to_the_page_that_was_wanted(self, visitor):
        asked = visitor.get("/account?tab=2")
        assert asked.location == "/login?next=/account?tab%3D2"
        form = visitor.get(asked.location, follow_redirects=True)
        answer = visitor.post(form.request.full_path, {"email": BUYER.email, "password": cast.PASSWORD})
        assert visitor.get(answer.location).location == "/account?tab=2"

    def test_is_written_down(self, visitor, owner):
        visitor.sign_in(BUYER)
        assert actions(owner) == ["token:issued", "session:signed_in"]
        event = owner.execute(select(AuditEvent).where(AuditEvent.action == "session:signed_in")).one()
        assert (event.actor, event.dealer_id, event.address) == (
            f"user:{BUYER.id}",
            cast.huadong.id,
            "127.0.0.1",
        )
        assert event.request_id

    def test_again_leads_home_without_a_form(self, visitor):
        visitor.sign_in(BUYER)
        assert visitor.get("/login").status_code == 302
        assert "oauth" not in visitor.get("/login").location

    def test_puts_the_person_s_language_on_a_new_device(self, visitor, owner):
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(locale="en"))
        visitor.sign_in(BUYER)
        assert 'lang="en"' in visitor.get("/account").get_data(as_text=True)

    def test_begins_a_new_session_whatever_was_in_the_old_one(self, app, owner):
        client = app.test_client()
        with client.session_transaction() as planted:
            planted["planted"] = "by somebody else"
        visitor = Visitor(app)
        visitor._http = client
        visitor.sign_in(BUYER)
        browsers = select(UserSession.secret_hash).where(
            UserSession.expires_at > cast.NOW + timedelta(hours=1)
        )  # the token's ends sooner
        first = owner.scalars(browsers).all()
        visitor.post("/logout")
        visitor.sign_in(BUYER)
        assert len(set(owner.scalars(browsers).all()) - set(first)) == 1
        with client.session_transaction() as left:
            assert "planted" not in left


class TestRefusals:
    @pytest.mark.parametrize(
        "email", [BUYER.email, "nobody@nowhere.example"], ids=["wrong password", "unknown mail"]
    )
    def test_say_the_same_to_everybody(self, app, email):
        visitor, flow = Visitor(app, locale="en"), Flow(app)
        flow.open_form(visitor)
        answer = visitor.post(flow.address, {"email": email, "password": "wrong"})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 401
        assert "The email or the password is wrong." in page
        assert email in page and 'wrong"' not in page
        assert not is_signed_in(visitor)

    def test_are_written_down_although_nothing_else_is_kept(self, app, visitor, owner):
        Flow(app).send_form(visitor, BUYER, password="wrong")
        assert actions(owner) == ["session:refused"]

    def test_of_a_form_with_no_fields(self, app, visitor):
        flow = Flow(app)
        flow.open_form(visitor)
        assert visitor.post(flow.address, {}).status_code == 401

    def test_become_too_many_for_an_account_from_one_address(self, settings):
        app = behind_a_proxy(settings, login_attempts="3 per minute")
        assert [
            attempt(app, from_address="198.51.100.1", password="wrong").status_code for _ in range(3)
        ] == [401] * 3
        answer = attempt(app, from_address="198.51.100.1")
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert "Too many requests" in answer.get_data(as_text=True)

    def test_of_a_stranger_do_not_lock_the_owner_out(self, settings):
        app = behind_a_proxy(settings, login_attempts="3 per minute")
        statuses = [attempt(app, from_address="198.51.100.1", password="wrong").status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert attempt(app, from_address="203.0.113.7").status_code == 302

    def test_for_one_account_are_no_hindrance_to_another_at_the_same_address(self, settings):
        app = behind_a_proxy(settings, login_attempts="3 per minute")
        assert [attempt(app, from_address="198.51.100.1", password="wrong").status_code for _ in range(4)][
            -1
        ] == 429
        assert attempt(app, cast.yuegang.buyer, from_address="198.51.100.1").status_code == 302

    @pytest.mark.parametrize("email", [BUYER.email, "nobody@nowhere.example"], ids=["account", "no account"])
    def test_become_too_many_for_an_account_from_wherever(self, settings, email):
        app = behind_a_proxy(settings, login_attempts_account="3 per minute")
        somebody = replace(BUYER, email=email)
        statuses = [
            attempt(app, somebody, from_address=f"198.51.100.{place}", password="wrong").status_code
            for place in range(4)
        ]
        assert statuses == [401, 401, 401, 429]
        assert attempt(app, cast.yuegang.buyer, from_address="198.51.100.1").status_code == 302

    def test_beyond_the_limit_of_an_address_do_not_count_for_the_account(self, settings):
        app = behind_a_proxy(settings, login_attempts="2 per minute", login_attempts_account="4 per minute")
        for _ in range(6):
            attempt(app, from_address="198.51.100.1", password="wrong")
        assert attempt(app, from_address="203.0.113.7").status_code == 302

    def test_become_too_many_for_an_address_whoever_is_tried(self, settings):
        app = behind_a_proxy(settings, login_attempts_address="3 per minute")
        for person in cast.people[:3]:
            assert attempt(app, person, from_address="198.51.100.1", password="wrong").status_code == 401
        assert attempt(app, from_address="198.51.100.1").status_code == 429
        assert attempt(app, from_address="198.51.100.2").status_code == 302

    def test_from_anywhere_in_a_network_of_one_customer_count_together(self, settings):
        app = behind_a_proxy(settings, login_attempts="3 per minute")
        statuses = [
            attempt(app, from_address=f"2001:db8:0:1::{place}", password="wrong").status_code
            for place in range(1, 5)
        ]
        assert statuses == [401, 401, 401, 429]
        assert attempt(app, from_address="2001:db8:0:2::1").status_code == 302

    def test_are_not_used_up_by_those_who_know_their_password(self, settings):
        app = create_app(settings.model_copy(update={"login_attempts": "3 per minute"}))
        assert {Flow(app).send_form(Visitor(app), BUYER).status_code for _ in range(5)} == {302}

    @pytest.mark.parametrize("limit", ["login_attempts", "login_attempts_account", "login_attempts_address"])
    def test_are_counted_even_while_valkey_is_away(self, settings, limit):
        app = create_app(settings.model_copy(update={limit: "2 per minute", "redis_url": _Away()}))
        statuses = [Flow(app).send_form(Visitor(app), BUYER, password="wrong").status_code for _ in range(3)]
        assert statuses == [401, 401, 429]

    def test_of_a_disabled_account(self, app, visitor, owner):
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(disabled_at=cast.NOW))
        assert Flow(app).send_form(visitor, BUYER).status_code == 401

    def test_of_somebody_disabled_between_form_and_callback(self, app, visitor, owner):
        form = visitor.get("/login", follow_redirects=True)
        back = visitor.post(
            form.request.full_path, {"email": BUYER.email, "password": cast.PASSWORD}
        ).location
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(disabled_at=cast.NOW))
        assert visitor.get(back).status_code == 400
        assert not is_signed_in(visitor)


class _Away:
    """A Valkey that is not there."""

    def get_secret_value(self):
        return "redis://127.0.0.1:1/0"


class TestTheCallback:
    @pytest.fixture
    def back(self, visitor):
        """The address with which the issuer sent the visitor back."""
        form = visitor.get("/login", follow_redirects=True)
        return visitor.post(
            form.request.full_path, {"email": BUYER.email, "password": cast.PASSWORD}
        ).location

    def test_names_its_issuer(self, back):
        assert query_of(back)["iss"] == "http://localhost"

    def test_works_once(self, visitor, app, back):
        assert visitor.get(back).status_code == 302
        assert is_signed_in(visitor)
        assert visitor.get(back).location in ("/", "/account")
        stranger = Visitor(app)
        assert stranger.get(back).status_code == 400
        assert not is_signed_in(stranger)

    def test_is_of_no_use_in_another_browser(self, app, back):
        victim = Visitor(app, locale="en")
        victim.get("/login")
        answer = victim.get(back)
        assert answer.status_code == 400
        assert "it was not started in this browser" in answer.get_data(as_text=True)
        assert 'href="/login"' in answer.get_data(as_text=True)
        assert not is_signed_in(victim)

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        "change",
        [
            ("state=", "state=x"),
            ("state=", "other="),
            ("code=", "code=x"),
            ("code=", "other="),
            ("iss=http", "iss=https"),
            ("?", "?error=access_denied&"),
        ],
        ids=str,
    )
    def test_with_a_change_signs_nobody_in(self, visitor, back, change):
        assert visitor.get(back.replace(*change)).status_code == 400
        assert not is_signed_in(visitor)

    def test_without_anything_signs_nobody_in(self, visitor):
        assert visitor.get("/login/callback").status_code == 400

    def test_takes_no_code_of_another_sign_in(self, app, visitor, back):
        foreign = Flow(app).code_for(cast.yuegang.buyer)
        assert visitor.get(back.replace(query_of(back)["code"], foreign)).status_code == 400
        assert not is_signed_in(visitor)

    def test_of_one_of_several_tabs_works(self, visitor):
        first = visitor.get("/login?next=/account?tab=1").location
        visitor.get("/login?next=/account?tab=2")
        page = visitor.get(first)
        back = visitor.post(
            page.request.full_path, {"email": BUYER.email, "password": cast.PASSWORD}
        ).location
        assert visitor.get(back).location == "/account?tab=1"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_sent_to_a_foreign_site(visitor, target):
    form = visitor.get(f"/login?next={target}", follow_redirects=True)
    answer = visitor.post(form.request.full_path, {"email": BUYER.email, "password": cast.PASSWORD})
    assert "evil" not in visitor.get(answer.location).location
    assert "evil" not in visitor.get(f"/login?next={target}").location
    visitor.get("/account")
    assert "evil" not in visitor.post("/locale/en", {"next": unquote(target)}).location


class TestTheSession:
    @pytest.fixture
    def somebody(self, sign_in):
        return sign_in(BUYER)

    def cookie(self, visitor):
        return visitor._http.get_cookie("session")

    def test_cookie_is_for_the_server_only(self, visitor):
        visitor.get("/login")
        form = visitor.get("/login", follow_redirects=True)
        answer = visitor.post(form.request.full_path, {"email": BUYER.email, "password": cast.PASSWORD})
        cookie = visitor.get(answer.location).headers.getlist("Set-Cookie")
        session = next(line for line in cookie if line.startswith("session="))
        assert "HttpOnly" in session and "SameSite=Lax" in session and "Expires=" in session

    def test_cookie_is_bound_to_https_and_this_host_in_production(self, settings):
        app = create_app(settings.model_copy(update={"cookie_secure": True, "base_url": "https://localhost"}))
        answer = app.test_client().get("/login", base_url="https://localhost")
        (session,) = [line for line in answer.headers.getlist("Set-Cookie") if "session" in line]
        assert (
            session.startswith("__Host-session=")
            and "Secure" in session
            and "Path=/" in session
            and "Domain" not in session
        )

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        "change",
        [
            lambda value: value[:-3] + "abc",
            lambda value: "x" + value,
            lambda value: "",
            lambda value: "eyJfdXNlcl9pZCI6IjEifQ.x.x",
        ],
    )
    def test_that_was_tampered_with_is_no_session(self, somebody, change):
        somebody._http.set_cookie("session", change(self.cookie(somebody).value))
        assert somebody.get("/account").location.startswith("/login")

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        "reference",
        [
            "",
            "x",
            "x.y.z",
            "secret.1.",
            f"secret.{cast.administrator.id}.",
            f"secret.{BUYER.id}.{cast.yuegang.id}",
            "a.b.c.d",
        ],
    )
    def test_with_a_good_signature_and_a_made_up_content_is_no_session(self, visitor, reference):
        with visitor._http.session_transaction() as forged:
            forged["_user_id"] = reference
        assert not is_signed_in(visitor)

    def test_cannot_be_carried_to_another_dealer(self, app, somebody):
        with somebody._http.session_transaction() as stolen:
            secret = stolen["_user_id"].partition(".")[0]
            stolen["_user_id"] = f"{secret}.{app.sealer.seal('visitor', [BUYER.id, cast.yuegang.id])}"
        assert not is_signed_in(somebody)

    def test_ends_with_the_sign_out_on_the_server_too(self, app, somebody, owner):
        copied = self.cookie(somebody).value
        assert somebody.post("/logout").location == "/login"
        assert not is_signed_in(somebody)
        thief = Visitor(app)
        thief._http.set_cookie("session", copied)
        assert not is_signed_in(thief)
        assert actions(owner)[-1] == "session:signed_out"

    def test_is_not_ended_by_a_link(self, somebody):
        assert somebody.get("/logout").status_code == 405
        assert is_signed_in(somebody)

    def test_runs_out(self, somebody, owner):
        owner.execute(text("UPDATE user_session SET expires_at = now()"))
        assert not is_signed_in(somebody)

    def test_ends_at_once_for_somebody_who_is_disabled(self, somebody, owner):
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(disabled_at=cast.NOW))
        assert not is_signed_in(somebody)

    def test_ends_at_once_when_the_dealer_is_closed_and_not_when_it_is_suspended(self, somebody, owner):
        owner.execute(update(Dealer).where(Dealer.id == cast.huadong.id).values(state="suspended"))
        assert is_signed_in(somebody)
        owner.execute(update(Dealer).where(Dealer.id == cast.huadong.id).values(state="closed"))
        assert not is_signed_in(somebody)

    def test_costs_one_statement_a_page(self, sign_in, count_statements):
        # The frame asks what the bell counts.
        # Nobody's favourites are asked for again: the process knows them since the page before.
        for person, besides, scopes in (
            (cast.huadong.finance, ["FROM notification "], 1),
            (cast.east_manager, ["FROM notification "], 2),
        ):
            visitor = sign_in(person)
            with count_statements() as counted:
                assert is_signed_in(visitor)
            of_the_session, *others = counted.work
            assert "JOIN user_session " in of_the_session and counted.scopes == scopes, counted
            assert len(others) == len(besides), counted
            assert all(part in asked for part, asked in zip(besides, others, strict=True)), counted

    def test_costs_nothing_where_nobody_needs_to_be_known(self, somebody, count_statements):
        with count_statements() as counted:
            somebody.get("/healthz")
            somebody.get("/static/favicon.svg")
        assert (len(counted), counted.scopes) == (0, 0)


class TestWithoutASession:
    def test_a_page_leads_to_the_sign_in(self, visitor):
        assert visitor.get("/account").location == "/login?next=/account"
        assert visitor.get("/").location == "/login?next=/"

    def test_a_part_of_a_page_says_so_in_its_place(self, visitor):
        answer = visitor.fragment("/account")
        assert answer.status_code == 401
        assert "data-error-fragment" in answer.get_data(as_text=True)
        assert "<html" not in answer.get_data(as_text=True)

    def test_a_form_is_refused_rather_than_lost_in_a_redirect(self, visitor):
        assert visitor.post("/logout").status_code == 401


def test_somebody_who_comes_by_another_name_is_sent_to_the_one_the_cookie_is_for(visitor):
    answer = visitor.request("GET", "/login?next=/account", base_url="http://127.0.0.1:8000")
    assert answer.location == "http://localhost/login?next=/account&moved=1"


def test_somebody_whose_proxy_hides_the_name_is_not_sent_in_circles(visitor):
    answer = visitor.request("GET", "/login?next=/account&moved=1", base_url="http://127.0.0.1:8000")
    assert "/oauth/authorize" in answer.location


class TestTheLanguage:
    def test_is_chinese_unless_the_browser_or_the_visitor_says_otherwise(self, app):
        for accepted, expected in (
            ("", "zh-CN"),
            ("zh-CN,zh;q=0.9", "zh-CN"),
            ("en-GB,en;q=0.8", "en"),
            ("fr", "zh-CN"),
            ("fr, en;q=0.1", "en"),
        ):
            page = Flow(app).open_form(Visitor(app, locale=accepted)).get_data(as_text=True)
            assert f'<html lang="{expected}"' in page, accepted

    def test_is_switched_on_this_device_before_anybody_signed_in(self, app):
        visitor, flow = Visitor(app, locale="en"), Flow(app)
        flow.open_form(visitor)
        assert visitor.post("/locale/zh", {"next": flow.address}).location == flow.address
        assert 'lang="zh-CN"' in flow.open_form(visitor).get_data(as_text=True)

    def test_chosen_before_the_sign_in_is_kept_through_it_for_pages_and_letters(self, visitor, owner):
        visitor.get("/login", follow_redirects=True)
        visitor.post("/locale/en")
        visitor.sign_in(BUYER)
        assert 'lang="en"' in visitor.get("/account").get_data(as_text=True)
        assert owner.scalar(select(UserAccount.locale).where(UserAccount.id == BUYER.id)) == "en"

    def test_that_somebody_else_left_on_the_device_does_not_become_ones_own(self, visitor, owner):
        visitor.sign_in(cast.huadong.finance)
        visitor.post("/locale/en")
        visitor.post("/logout")
        visitor.sign_in(BUYER)
        assert owner.scalar(select(UserAccount.locale).where(UserAccount.id == BUYER.id)) == "zh"

    def test_of_somebody_signed_in_is_kept_for_every_device(self, sign_in, owner):
        sign_in(BUYER).post("/locale/en")
        assert owner.scalar(select(UserAccount.locale).where(UserAccount.id == BUYER.id)) == "en"

    def test_must_be_one_of_ours(self, sign_in):
        assert sign_in(BUYER).post("/locale/tlh").status_code == 404

    def test_is_not_switched_by_a_foreign_page(self, sign_in):
        assert sign_in(BUYER).request("POST", "/locale/en").status_code == 400


def test_codes_are_kept_as_hashes_for_a_minute(app, owner):
    code = Flow(app).code_for(BUYER)
    row = owner.execute(select(AuthorizationCode)).one()
    assert code not in str(row)
    assert (row.expires_at - row.auth_time).total_seconds() == 60
