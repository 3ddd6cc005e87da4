"""Pages of people, links of letters, own sessions, and who is asked again who they are."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from portal.identity.account_links import RESET
from portal.identity.models import Invitation, PasswordReset, SignIn, UserAccount, UserSession
from portal.identity.people import person_key
from portal.kernel.opaque import Sealer
from portal.web.fresh_sign_in import FRESH
from tests import cast
from tests.identity.acts import A_PASSWORD, reset_token, token_of
from tests.web_clients import Visitor

BOSS, BUYER, ADMIN = cast.huadong.boss, cast.huadong.buyer, cast.administrator
NEW = {"name": "新人", "email": "new@huadong.example", "locale": "zh", "role": ["dealer_buyer"]}


@pytest.fixture
def sealer(settings) -> Sealer:
    return Sealer(settings.secret_key.get_secret_value())


def body(answer):
    return answer.get_data(as_text=True)


def grow_old(owner, person):
    """The person proved an hour ago who they are."""
    owner.execute(
        update(UserSession)
        .where(UserSession.user_id == person.id)
        .values(proved_at=UserSession.proved_at - timedelta(hours=1))
    )


class TestThePages:
    def test_an_owner_invites_sees_it_sends_it_again_and_revokes_it(self, sign_in, owner):
        boss = sign_in(BOSS)
        assert boss.post("/settings/people", NEW).location == "/settings/people"
        page = body(boss.get("/settings/people"))
        assert "new@huadong.example" in page and cast.yuegang.buyer.email not in page
        for act in ("letter", "revocation"):
            address = re.search(rf"/settings/people/invitations/[^\"/]+/{act}", page).group()
            assert boss.post(address).status_code == 303
        assert owner.scalar(select(Invitation.revoked_at)) is not None
        assert owner.scalar(text("SELECT count(*) FROM outbox WHERE topic = 'identity.invited'")) == 2

    def test_what_was_typed_is_shown_again_beside_what_is_wrong(self, sign_in):
        answer = sign_in(BOSS).post("/settings/people", NEW | {"email": "no mail", "name": "老张"})
        assert answer.status_code == 422
        assert 'value="老张"' in body(answer) and "field-email-error" in body(answer)

    def test_a_dealer_named_in_the_form_of_an_owner_counts_for_nothing(self, sign_in, owner):
        sign_in(BOSS).post("/settings/people", NEW | {"side": cast.yuegang.code})
        assert owner.scalar(select(Invitation.dealer_id)) == cast.huadong.id

    def test_a_form_sent_twice_invites_once(self, sign_in, owner):
        boss = sign_in(BOSS)
        for _ in range(2):
            assert boss.post("/settings/people", NEW | {"form_key": "k"}).status_code == 303
        assert owner.scalar(text("SELECT count(*) FROM invitation")) == 1

    def test_an_administrator_invites_to_a_dealer_and_to_headquarters(self, sign_in, owner):
        admin = sign_in(ADMIN)
        admin.post("/hq/people", NEW | {"side": cast.yuegang.code})
        admin.post("/hq/people", NEW | {"side": "hq", "role": ["quality"], "region": ["east"]})
        found = owner.execute(
            select(Invitation.dealer_id, Invitation.region_ids).order_by(Invitation.id)
        ).all()
        assert [tuple(row) for row in found] == [(cast.yuegang.id, []), (None, [11])]
        assert admin.post("/hq/people", NEW | {"side": "nobody"}).status_code == 422

    def test_roles_deactivation_and_reactivation(self, sign_in, owner, sealer):
        boss, buyer = sign_in(BOSS), sign_in(BUYER)
        page = f"/settings/people/{person_key(sealer, BUYER.id)}"
        assert boss.post(f"{page}/roles", {"role": ["dealer_finance"]}).status_code == 303
        assert owner.scalar(select(UserAccount.roles).where(UserAccount.id == BUYER.id)) == ["dealer_finance"]
        assert boss.post(f"{page}/deactivation", {"reason": ""}).status_code == 422
        assert boss.post(f"{page}/deactivation", {"reason": "left"}).status_code == 303
        assert buyer.get("/account").status_code == 302
        assert boss.post(f"{page}/reactivation").status_code == 303

    def test_the_last_owner_is_told_why_it_stays(self, sign_in, sealer):
        page = f"/settings/people/{person_key(sealer, BOSS.id)}"
        boss = sign_in(BOSS)
        boss.post("/locale/en")
        answer = boss.post(f"{page}/deactivation", {"reason": "tired"})
        assert answer.status_code == 409 and "last owner" in body(answer) and 'value="tired"' in body(answer)

    @pytest.mark.parametrize("whom", [cast.yuegang.buyer, ADMIN], ids=lambda one: one.email)
    def test_others_people_do_not_exist_for_an_owner(self, sign_in, sealer, whom):
        boss, page = sign_in(BOSS), f"/settings/people/{person_key(sealer, whom.id)}"
        assert boss.get(page).status_code == 404
        for act in ("roles", "deactivation", "reactivation"):
            assert boss.post(f"{page}/{act}", {"role": ["dealer_buyer"], "reason": "x"}).status_code == 404

    def test_no_serial_id_stands_on_them(self, sign_in):
        for person, address in ((BOSS, "/settings/people"), (ADMIN, "/hq/people")):
            assert not re.search(r"\b101[1-4]\b|\b102[1-4]\b", body(sign_in(person).get(address)))

    def test_an_administrator_sees_somebodys_sign_ins(self, app, sign_in, sealer):
        Visitor(app).sign_in(BUYER)
        page = body(sign_in(ADMIN).get(f"/hq/people/{person_key(sealer, BUYER.id)}"))
        assert "127.0.0.1" in page

    def test_what_they_ask_does_not_grow_with_the_people(self, sign_in, count_statements):
        for person, address in ((BOSS, "/settings/people"), (ADMIN, "/hq/people")):
            visitor = sign_in(person)
            visitor.get(address)
            with count_statements() as counted:
                assert visitor.get(address).status_code == 200
            assert len(counted) <= 12, counted


class TestTheLinkOfAnInvitation:
    @pytest.fixture
    def link(self, sign_in, owner, sealer):
        sign_in(BOSS).post("/settings/people", NEW)
        return f"/invitation/{token_of(owner, sealer, owner.scalar(select(Invitation.id)))}"

    def test_who_opens_it_chooses_a_password_and_signs_in(self, app, link, owner):
        visitor = Visitor(app)
        page = body(visitor.get(link))
        assert cast.huadong.name_zh in page and "new@huadong.example" in page
        assert visitor.post(link, {"name": "新人", "password": A_PASSWORD}).location == "/login"
        form = visitor.get("/login", follow_redirects=True)
        answer = visitor.post(
            form.request.full_path,
            {"email": "new@huadong.example", "password": A_PASSWORD},
            follow_redirects=True,
        )
        assert answer.status_code == 200 and visitor.get("/account").status_code == 200

    def test_the_mail_the_dealer_and_the_roles_cannot_be_swapped(self, app, link, owner):
        Visitor(app).post(
            link,
            {
                "name": "新人",
                "password": A_PASSWORD,
                "email": "evil@rival.example",
                "dealer_id": str(cast.yuegang.id),
                "role": "dealer_owner",
                "next": "https://evil.example/",
            },
        )
        made = owner.execute(select(UserAccount).where(UserAccount.email == "new@huadong.example")).one()
        assert (made.dealer_id, made.roles) == (cast.huadong.id, ["dealer_buyer"])

    def test_used_twice_it_opens_nothing_and_says_so(self, app, link):
        visitor = Visitor(app)
        visitor.post(link, {"name": "新人", "password": A_PASSWORD})
        assert visitor.get(link).status_code == 410
        assert visitor.post(link, {"name": "新人", "password": A_PASSWORD}).status_code == 410

    def test_who_is_signed_in_on_the_device_is_signed_out_of_it(self, link, sign_in):
        visitor = sign_in(cast.huadong.finance)
        visitor.post(link, {"name": "新人", "password": A_PASSWORD})
        assert visitor.get("/account").status_code == 302

    def test_its_secret_is_in_no_log_and_goes_to_no_other_site(self, app, link, capfd):
        answer = Visitor(app).get(link)
        assert link.rpartition("/")[2] not in capfd.readouterr().err
        assert answer.headers["Referrer-Policy"] == "same-origin"


class TestAForgottenPassword:
    def ask(self, app, email=BUYER.email):
        return Visitor(app).post("/password/forgotten", {"email": email})

    def test_the_link_sets_another_once_and_ends_every_session(self, app, owner, sealer, sign_in):
        elsewhere = sign_in(BUYER)
        self.ask(app)
        link = f"/password/{reset_token(owner, sealer)}"
        visitor = Visitor(app)
        assert BUYER.email in body(visitor.get(link))
        assert visitor.post(link, {"new": "short"}).status_code == 422
        assert visitor.post(link, {"new": A_PASSWORD}).location == "/login"
        assert elsewhere.get("/account").status_code == 302
        assert Visitor(app).post(link, {"new": A_PASSWORD}).status_code == 410
        assert visitor.sign_in(BUYER, A_PASSWORD).status_code == 200

    @pytest.mark.parametrize(
        "email", ["nobody@huadong.example", "", "no mail", "x" * 5000, BUYER.email.replace("a", "\u0430")]
    )
    def test_the_answer_is_the_same_for_every_address(self, app, owner, email):
        known, unknown = self.ask(app), self.ask(app, email)
        assert (known.status_code, mask(known)) == (unknown.status_code, mask(unknown))
        assert owner.scalar(text("SELECT count(*) FROM password_reset")) == 1

    def test_who_may_not_come_in_gets_none(self, app, owner):
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(disabled_at=cast.NOW))
        self.ask(app)
        assert not owner.execute(select(PasswordReset)).all()

    def test_another_link_of_the_same_person_is_dead_with_it_and_so_is_an_old_one(self, app, owner, sealer):
        self.ask(app)
        first = reset_token(owner, sealer)
        self.ask(app)
        second = reset_token(owner, sealer)
        assert Visitor(app).post(f"/password/{second}", {"new": A_PASSWORD}).status_code == 303
        assert Visitor(app).get(f"/password/{first}").status_code == 410
        self.ask(app)
        owner.execute(update(PasswordReset).values(expires_at=cast.NOW - timedelta(hours=1)))
        assert Visitor(app).get(f"/password/{reset_token(owner, sealer)}").status_code == 410

    def test_asking_is_limited_by_address_typed_and_by_network(self, settings):
        from tests.shared_portal import opened

        few = {"password_reset_rate": "2 per hour", "password_reset_rate_address": "3 per hour"}
        with opened(settings.model_copy(update=few)) as app:
            assert [self.ask(app).status_code for _ in range(3)] == [200, 200, 429]
            assert self.ask(app, "other@huadong.example").status_code == 429

    def test_the_portals_own_seal_for_anything_else_opens_nothing(self, app, sealer):
        made = sealer.seal("person", [BUYER.id])
        for token in (made, sealer.seal(f"link: {RESET}", ["no nonce of ours"]), "x", "x" * 5000):
            assert Visitor(app).get(f"/password/{token}").status_code == 410


class TestOwnSessions:
    def test_they_are_listed_and_one_or_all_others_are_ended(self, app, sign_in):
        here, there, third = sign_in(BUYER), sign_in(BUYER), sign_in(BUYER)
        page = body(here.get("/account/security"))
        addresses = re.findall(r"/account/security/sessions/[^\"]+/end(?=\")", page)
        assert len(addresses) == 2
        assert here.post(addresses[0]).status_code == 303
        assert sorted(one.get("/account").status_code for one in (there, third)) == [200, 302]
        here.post("/account/security/sessions/end-others")
        assert [one.get("/account").status_code for one in (here, there, third)] == [200, 302, 302]

    def test_nobody_ends_anothers(self, sign_in):
        here, rival = sign_in(BUYER), sign_in(cast.yuegang.buyer)
        sign_in(BUYER)
        address = re.search(
            r"/account/security/sessions/[^\"]+/end(?=\")", body(here.get("/account/security"))
        )
        assert rival.post(address.group()).status_code == 404

    def test_a_sign_in_is_remembered_with_its_device(self, app, owner):
        visitor = Visitor(app)
        visitor._languages["User-Agent"] = (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        )
        visitor.sign_in(BUYER)
        assert "Firefox · Linux" in body(visitor.get("/account/security"))
        assert owner.scalar(select(SignIn.user_id)) == BUYER.id

    def test_the_last_use_moves_on_after_some_minutes_and_not_before(self, sign_in, owner):
        visitor = sign_in(BUYER)
        used = owner.scalar(select(UserSession.used_at).where(UserSession.device.is_not(None)))
        visitor.get("/account")
        assert owner.scalar(select(UserSession.used_at).where(UserSession.device.is_not(None))) == used
        owner.execute(update(UserSession).values(used_at=used - timedelta(minutes=6)))
        visitor.get("/account")
        now = owner.scalar(select(UserSession.used_at).where(UserSession.device.is_not(None)))
        assert now >= used


class TestBeingAskedAgain:
    def test_what_was_typed_is_kept_and_goes_on_with_the_password(self, sign_in, owner):
        boss = sign_in(BOSS)
        grow_old(owner, BOSS)
        asked = boss.post("/settings/people", NEW)
        assert asked.status_code == 403
        assert 'name="email" value="new@huadong.example"' in body(asked)
        assert not owner.execute(select(Invitation)).all()
        wrong = boss.post("/settings/people", NEW | {"proof_password": "not it at all"})
        assert wrong.status_code == 401 and "new@huadong.example" in body(wrong)
        assert "not it at all" not in body(wrong)
        done = boss.post("/settings/people", NEW | {"proof_password": cast.PASSWORD, "form_key": "k"})
        assert done.status_code == 303
        assert owner.scalar(select(Invitation.email)) == "new@huadong.example"
        assert boss.post("/settings/people", NEW | {"email": "b@huadong.example"}).status_code == 303

    @pytest.mark.parametrize(
        "endpoint",
        [
            "account_documents.reversal",
            "account_documents.repayment",
            "claims_desk.decision",
            "corrections.approval",
            "credit_limits.approval",
            "document_forms.opening",
            "document_forms.refund",
            "document_forms.write_off",
            "ledger.reversal",
            "settlements.approval",
            "statement_corrections.approval",
        ],
    )
    def test_acts_of_money_ask(self, app, endpoint):
        assert getattr(app.view_functions[endpoint], FRESH, False)

    def test_a_fresh_sign_in_is_not_asked(self, sign_in):
        assert sign_in(BOSS).post("/settings/people", NEW).status_code == 303

    def test_guessing_is_limited(self, settings, owner):
        from tests.shared_portal import opened

        with opened(settings.model_copy(update={"login_attempts": "3 per minute"})) as app:
            boss = Visitor(app)
            boss.come_in(BOSS)
            grow_old(owner, BOSS)
            tried = [boss.post("/settings/people", NEW | {"proof_password": "guess"}) for _ in range(4)]
            assert [one.status_code for one in tried] == [401, 401, 401, 429]

    def test_with_no_minutes_nobody_is_asked(self, settings, owner):
        from tests.shared_portal import opened

        with opened(settings.model_copy(update={"fresh_sign_in_minutes": 0})) as app:
            boss = Visitor(app)
            boss.come_in(BOSS)
            grow_old(owner, BOSS)
            assert boss.post("/settings/people", NEW).status_code == 303

    def test_the_password_is_in_no_log_and_no_row(self, sign_in, owner, capfd):
        boss = sign_in(BOSS)
        grow_old(owner, BOSS)
        boss.post("/settings/people", NEW | {"proof_password": cast.PASSWORD, "form_key": "k"})
        said = capfd.readouterr().err + str(owner.execute(text("SELECT * FROM idempotency_key")).all())
        assert cast.PASSWORD not in said + str(owner.execute(text("SELECT * FROM audit_event")).all())


def mask(answer):
    return re.sub(r'(csrf_token" value="|X-CSRFToken": "|request[-_]id"?[ :=>]+)[^"<]+', "", body(answer))
