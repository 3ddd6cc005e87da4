"""Second factors: enrolled, asked for, replayed, guessed, lost, demanded."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, text, update

from portal.identity.models import FactorAttempt, RecoveryCode, SecondFactor, SignInStep, UserAccount
from portal.identity.passkeys import RelyingHost
from portal.identity.people import person_key
from portal.identity.second_factors import Vault
from portal.identity.second_step import Given, pass_step
from portal.kernel.db import transaction
from portal.kernel.opaque import Sealer
from tests import cast
from tests.identity.custom_role_acts import composed, given
from tests.races import together
from tests.shared_portal import opened
from tests.web_clients import Visitor

BUYER, ADMIN = cast.huadong.buyer, cast.administrator
_SECRET = re.compile(r'class="[^"]*"[^>]*>((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})<')
_CODE = re.compile(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b")


def body(answer):
    return answer.get_data(as_text=True)


def code_of(secret, steps=0):
    now = cast.NOW.now(cast.NOW.tzinfo)
    return pyotp.TOTP(secret).at(now + timedelta(seconds=30 * steps))


def enrolled(visitor):
    """The secret and the recovery codes of a new app."""
    secret = _SECRET.search(body(visitor.post("/account/security/app"))).group(1).replace(" ", "")
    answer = visitor.post(
        "/account/security/app/confirmation", {"label": "手机", "code": code_of(secret, -1)}
    )
    assert answer.status_code == 200, body(answer)
    return secret, _CODE.findall(body(answer))


def password_given(app, person=BUYER):
    """A browser before the second form, its address, and the token of the step."""
    visitor = Visitor(app)
    form = visitor.get("/login", follow_redirects=True)
    address = form.request.full_path
    answer = visitor.post(address, {"email": person.email, "password": cast.PASSWORD})
    assert answer.status_code == 200, answer.location
    return visitor, address, re.search(r'name="step" value="([^"]+)"', body(answer)).group(1)


def give(app, code, person=BUYER):
    visitor, address, step = password_given(app, person)
    answer = visitor.post(address, {"step": step, "code": code}, follow_redirects=True)
    return visitor, answer


def is_in(visitor):
    return visitor.get("/account").status_code == 200


class TestAnApp:
    def test_the_sign_in_asks_for_its_code_and_only_then_lets_in(self, app, sign_in):
        secret, _codes = enrolled(sign_in(BUYER))
        visitor, _address, _step = password_given(app)
        assert not is_in(visitor)
        visitor, _answer = give(app, code_of(secret))
        assert is_in(visitor)

    def test_a_code_is_good_once_and_none_before_it(self, app, sign_in):
        secret, _codes = enrolled(sign_in(BUYER))
        code = code_of(secret)
        assert is_in(give(app, code)[0])
        for again in (code, code_of(secret, -1)):
            visitor, answer = give(app, again)
            assert answer.status_code == 401 and not is_in(visitor)

    def test_of_two_who_send_the_same_code_at_once_one_comes_in(
        self, app, sign_in, settings, issuer_database
    ):
        secret, _codes = enrolled(sign_in(BUYER))
        steps = [password_given(app)[2] for _ in range(2)]
        vault = Vault(settings.secret_key.get_secret_value())
        host, code = RelyingHost(settings.base_url, "x"), code_of(secret)

        def passed(place):
            with transaction(issuer_database.system_session()) as session:
                at = cast.NOW.now(cast.NOW.tzinfo)
                return pass_step(
                    session, token=steps[place], given=Given(code), host=host, vault=vault, at=at
                )

        assert sum(one.person is not None for one in together(2, passed)) == 1

    def test_it_counts_only_once_confirmed(self, app, sign_in, owner):
        visitor = sign_in(BUYER)
        visitor.post("/account/security/app")
        wrong = visitor.post("/account/security/app/confirmation", {"label": "x", "code": "000000"})
        assert wrong.status_code == 422
        assert not owner.scalar(select(UserAccount.has_second_factor).where(UserAccount.id == BUYER.id))
        assert Visitor(app).sign_in(BUYER).status_code == 200

    def test_its_secret_is_kept_encrypted_and_nothing_of_it_is_in_log_or_audit(self, sign_in, owner, capfd):
        secret, codes = enrolled(sign_in(BUYER))
        kept = str(owner.execute(select(SecondFactor)).all()) + str(owner.execute(select(RecoveryCode)).all())
        kept += str(owner.execute(text("SELECT * FROM audit_event")).all()) + capfd.readouterr().err
        assert secret not in kept and not any(code in kept for code in codes)

    def test_wrong_codes_make_everybody_wait_longer_each_time(self, app, sign_in, owner):
        secret, _codes = enrolled(sign_in(BUYER))
        visitor, address, step = password_given(app)
        for _ in range(5):
            assert visitor.post(address, {"step": step, "code": "000000"}).status_code == 401
        _other, answer = give(app, code_of(secret))
        assert answer.status_code == 401, "the right code, from elsewhere, has to wait too"
        attempt = owner.execute(select(FactorAttempt)).one()
        assert attempt.failures == 5 and attempt.free_at > cast.NOW
        owner.execute(update(FactorAttempt).values(free_at=cast.NOW - timedelta(seconds=1)))
        assert is_in(give(app, code_of(secret))[0])
        assert not owner.execute(select(FactorAttempt)).all()

    def test_the_second_form_is_of_no_use_after_some_minutes_or_after_another_password(
        self, app, sign_in, owner
    ):
        here = sign_in(BUYER)
        secret, _codes = enrolled(here)
        visitor, address, step = password_given(app)
        owner.execute(update(SignInStep).values(expires_at=cast.NOW - timedelta(minutes=1)))
        assert visitor.post(address, {"step": step, "code": code_of(secret)}).status_code == 401
        visitor, address, step = password_given(app)
        here.get("/account")
        new = "another horse, another battery"
        assert here.post("/account/password", {"current": cast.PASSWORD, "new": new}).status_code == 302
        assert visitor.post(address, {"step": step, "code": code_of(secret)}).status_code == 401

    def test_a_made_up_step_lets_nobody_in(self, app):
        visitor = Visitor(app)
        address = visitor.get("/login", follow_redirects=True).request.full_path
        for step in ("", "x", "x" * 5000, "\x00"):
            assert visitor.post(address, {"step": step, "code": "123456"}).status_code == 401


class TestRecoveryCodes:
    def test_each_stands_in_once_however_it_is_typed(self, app, sign_in, owner):
        _secret, codes = enrolled(sign_in(BUYER))
        assert len(codes) == 10
        assert is_in(give(app, codes[0].upper().replace("-", " "))[0])
        assert give(app, codes[0])[1].status_code == 401
        assert (
            owner.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'factor:recovery_code_used'"))
            == 1
        )

    def test_of_two_who_use_one_at_once_one_comes_in(self, app, sign_in, settings, issuer_database):
        _secret, codes = enrolled(sign_in(BUYER))
        steps = [password_given(app)[2] for _ in range(2)]
        vault = Vault(settings.secret_key.get_secret_value())
        host = RelyingHost(settings.base_url, "x")

        def passed(place):
            with transaction(issuer_database.system_session()) as session:
                given = Given(codes[0])
                return pass_step(
                    session, token=steps[place], given=given, host=host, vault=vault, at=cast.NOW
                )

        assert sum(one.person is not None for one in together(2, passed)) == 1

    def test_new_ones_end_those_of_before(self, app, sign_in):
        visitor = sign_in(BUYER)
        _secret, before = enrolled(visitor)
        after = _CODE.findall(body(visitor.post("/account/security/recovery-codes")))
        assert give(app, before[0])[1].status_code == 401
        assert is_in(give(app, after[0])[0])

    def test_they_go_with_the_last_factor(self, app, sign_in, owner):
        visitor = sign_in(BUYER)
        enrolled(visitor)
        page = body(visitor.get("/account/security"))
        address = re.search(r"/account/security/factors/[^\"]+/removal", page).group()
        assert sign_in(cast.yuegang.buyer).post(address).status_code == 404
        assert visitor.post(address).status_code == 303
        assert not owner.execute(select(RecoveryCode)).all()
        assert Visitor(app).sign_in(BUYER).status_code == 200
        assert visitor.post("/account/security/recovery-codes").status_code == 303

    def test_removing_asks_again_who_it_is(self, sign_in, owner):
        visitor = sign_in(BUYER)
        enrolled(visitor)
        owner.execute(text("UPDATE user_session SET proved_at = proved_at - interval '1 hour'"))
        page = body(visitor.get("/account/security"))
        address = re.search(r"/account/security/factors/[^\"]+/removal", page).group()
        assert visitor.post(address).status_code == 403
        assert owner.execute(select(SecondFactor)).all()


def test_an_administrator_lets_in_who_lost_it_and_not_themselves(app, sign_in, owner, settings):
    sealer = Sealer(settings.secret_key.get_secret_value())
    buyer, admin = sign_in(BUYER), sign_in(ADMIN)
    for visitor in (buyer, admin):
        enrolled(visitor)
    assert admin.post(f"/hq/people/{person_key(sealer, ADMIN.id)}/factors").status_code == 403
    assert admin.post(f"/hq/people/{person_key(sealer, BUYER.id)}/factors").status_code == 303
    assert buyer.get("/account").status_code == 302
    assert is_in_by_password(app)
    assert owner.execute(select(SecondFactor.user_id).distinct()).scalars().all() == [ADMIN.id]


def is_in_by_password(app):
    visitor = Visitor(app)
    visitor.sign_in(BUYER)
    return is_in(visitor)


def test_a_role_may_demand_one(settings):
    demanding = settings.model_copy(update={"second_factor_roles": ("administrator",)})
    with opened(demanding) as app:
        admin, buyer = Visitor(app), Visitor(app)
        admin.come_in(ADMIN)
        buyer.come_in(BUYER)
        assert buyer.get("/orders").status_code == 200
        assert admin.get("/hq/people").location == "/account/security"
        assert admin.post("/hq/people", {}).status_code == 403
        assert admin.get("/account/security").status_code == 200
        enrolled(admin)
        assert admin.get("/hq/people").status_code == 200


def test_a_right_that_only_such_a_role_gives_demands_one_in_whatever_role_it_is(settings, issuer_database):
    code = composed(issuer_database, by=ADMIN, name="审计", rights=["hq:operations"])
    given(issuer_database, cast.order_desk, "order_desk", code, by=ADMIN, all_regions=True)
    demanding = settings.model_copy(update={"second_factor_roles": ("administrator",)})
    with opened(demanding) as app:
        desk, colleague = Visitor(app), Visitor(app)
        desk.come_in(cast.order_desk)
        colleague.come_in(cast.hq_finance)
        assert desk.get("/hq/operations").location == "/account/security"
        assert colleague.get("/hq/finances").status_code != 302
        enrolled(desk)
        assert desk.get("/hq/operations").status_code == 200


def test_the_serving_role_reads_none_of_it(database):
    for table in ("second_factor", "recovery_code", "factor_attempt", "sign_in_step"):
        with pytest.raises(Exception, match="permission denied"), database.system_session() as session:
            session.execute(text(f"SELECT 1 FROM {table}"))


def test_nobody_sees_anothers_even_as_the_issuer(sign_in, issuer_database):
    enrolled(sign_in(BUYER))
    for person in (cast.huadong.boss, cast.yuegang.boss, cast.east_manager):
        with issuer_database.session_for(person.actor()) as session:
            assert not session.execute(select(SecondFactor.id)).all()
            assert not session.execute(select(RecoveryCode.user_id)).all()
