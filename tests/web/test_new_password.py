"""Another password for the own account: whoever came in by the old one is out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update

from portal.app import create_app
from portal.identity.check_password import check_password
from portal.identity.credentials import hash_password, hash_secret
from portal.identity.grants import keep_signed_in
from portal.identity.models import AuthorizationCode, UserAccount
from portal.identity.oauth_client import PORTAL
from portal.identity.sign_in import held_person, sign_in
from portal.identity.tokens import TokenMemory
from portal.kernel.db import transaction
from tests import cast
from tests.races import together, until_somebody_waits_for_a_row
from tests.web.protocol import CALLBACK, Flow
from tests.web_clients import Visitor

BUYER, NEW = cast.huadong.buyer, "another horse, another battery"


@pytest.fixture
def somebody(sign_in):
    visitor = sign_in(BUYER)
    visitor.post("/locale/en")
    return visitor


def change(visitor, current=cast.PASSWORD, new=NEW):
    visitor.get("/account")
    return visitor.post("/account/password", {"current": current, "new": new})


def is_signed_in(visitor):
    return visitor.get("/account").status_code == 200


def test_every_other_session_ends_and_this_device_stays(somebody, sign_in):
    elsewhere, colleague = sign_in(BUYER), sign_in(cast.huadong.finance)
    before = somebody._http.get_cookie("session").value
    assert change(somebody).location == "/account"
    assert "Password changed" in somebody.get("/account").get_data(as_text=True)
    assert (is_signed_in(somebody), is_signed_in(elsewhere), is_signed_in(colleague)) == (True, False, True)
    elsewhere._http.set_cookie("session", before)
    assert not is_signed_in(elsewhere), "a copy of this device's cookie is out too"


def test_every_token_ends(app, somebody):
    flow = Flow(app)
    tokens = flow.redeem(flow.code_for(BUYER)).json
    change(somebody)
    app.token_memory = TokenMemory()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert app.test_client().get("/api/v1/orders", headers=bearer).status_code == 401
    assert flow.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"


def live_sessions(owner):
    return owner.scalar(
        text("SELECT count(*) FROM user_session WHERE user_id = :id AND ended_at IS NULL"), {"id": BUYER.id}
    )


@pytest.mark.parametrize("scope", ["openid", "openid offline_access orders:read"])
def test_every_code_ends(app, somebody, owner, scope):
    flows = [Flow(app, scope) for _ in range(2)]
    codes = [flow.code_for(BUYER) for flow in flows]
    colleague = Flow(app)
    hers = colleague.code_for(cast.huadong.finance)
    change(somebody)
    assert [flow.redeem(code).json["error"] for flow, code in zip(flows, codes, strict=True)] == [
        "invalid_grant"
    ] * 2
    assert colleague.redeem(hers).status_code == 200
    assert live_sessions(owner) == 1


@pytest.mark.parametrize("round_", range(4))
def test_whether_the_change_or_the_redemption_is_first_nothing_of_the_old_password_is_left(
    app, somebody, owner, round_
):
    flow = Flow(app)
    codes = [flow.code_for(BUYER) for _ in range(3)]
    somebody.get("/account")
    form = somebody.form({"current": cast.PASSWORD, "new": NEW})
    changed, *redeemed = together(
        1 + len(codes),
        lambda place: (
            flow.redeem(codes[place - 1])
            if place
            else somebody.request("POST", "/account/password", data=form)
        ),
    )
    assert changed.status_code == 302, changed
    assert {answer.status_code for answer in redeemed} <= {200, 400}
    assert live_sessions(owner) == 1 and is_signed_in(somebody)
    for answer in redeemed:
        if answer.status_code == 200:
            assert flow.refresh(answer.json["refresh_token"]).json["error"] == "invalid_grant"


def test_a_redemption_under_way_is_waited_for_and_ends(app, somebody, owner, issuer_database):
    """As the token endpoint does it: the code is used up, then the session begun."""
    code_hash = hash_secret(Flow(app).code_for(BUYER))
    with ThreadPoolExecutor(1) as aside, transaction(issuer_database.system_session()) as redemption:
        redemption.execute(delete(AuthorizationCode).where(AuthorizationCode.code_hash == code_hash))
        changed = aside.submit(change, somebody)
        until_somebody_waits_for_a_row(owner)
        keep_signed_in(redemption, family=code_hash, user_id=BUYER.id, at=cast.NOW, life=timedelta(days=1))
        redemption.commit()
        assert changed.result().location == "/account"
    assert live_sessions(owner) == 1


def test_a_sign_in_that_is_at_the_form_is_waited_for_and_its_code_ends(app, somebody, owner, issuer_database):
    with ThreadPoolExecutor(1) as aside, transaction(issuer_database.system_session()) as checking:
        assert check_password(checking, email=BUYER.email, password=cast.PASSWORD, at=cast.NOW)
        changed = aside.submit(change, somebody)
        until_somebody_waits_for_a_row(owner)
        checking.execute(
            insert(AuthorizationCode).values(
                code_hash="a code",
                client_id=PORTAL,
                user_id=BUYER.id,
                redirect_uri=CALLBACK,
                scope="openid",
                code_challenge="x",
                auth_time=cast.NOW,
                expires_at=cast.NOW,
            )
        )
        checking.commit()
        assert changed.result().location == "/account"
    assert owner.scalar(select(AuthorizationCode.id)) is None


def test_a_browser_that_is_let_in_is_waited_for_and_its_session_ends(somebody, owner, issuer_database):
    with transaction(issuer_database.system_session()) as earlier:
        keep_signed_in(
            earlier, family="from the issuer", user_id=BUYER.id, at=cast.NOW, life=timedelta(days=1)
        )
    with ThreadPoolExecutor(1) as aside, transaction(issuer_database.system_session()) as coming_back:
        person = held_person(coming_back, user_id=BUYER.id, session_hash="from the issuer", at=cast.NOW)
        changed = aside.submit(change, somebody)
        until_somebody_waits_for_a_row(owner)
        sign_in(coming_back, person=person, hours=12, at=cast.NOW)
        coming_back.commit()
        assert changed.result().location == "/account"
    assert live_sessions(owner) == 1


def test_of_two_changes_at_the_same_time_the_later_one_must_know_the_new_password(somebody, owner):
    first = hash_password("the password of the first")
    with ThreadPoolExecutor(1) as aside:
        with owner.engine.begin() as faster:
            faster.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(password_hash=first))
            later = aside.submit(change, somebody)
            until_somebody_waits_for_a_row(owner)
        assert later.result().status_code == 422
    assert owner.scalar(select(UserAccount.password_hash).where(UserAccount.id == BUYER.id)) == first


class _Overtaken:
    """The portal at its issuer; the password is changed after a code was redeemed and before a browser's
    session begins.
    """

    def __init__(self, relying_party, meanwhile):
        self._relying_party, self._meanwhile = relying_party, meanwhile

    def depart(self, **options):
        return self._relying_party.depart(**options)

    def arrive(self, answer, departure):
        claims = self._relying_party.arrive(answer, departure)
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(self._meanwhile).result()
        return claims


def test_a_browser_that_comes_back_after_the_change_is_not_let_in(app, somebody, owner):
    app.extensions["relying_party"] = _Overtaken(app.extensions["relying_party"], lambda: change(somebody))
    late = Visitor(app)
    assert late.sign_in(BUYER).status_code == 400
    assert not is_signed_in(late) and live_sessions(owner) == 1


def test_the_new_password_opens_and_the_old_one_does_not(app, somebody):
    change(somebody)
    visitor = Visitor(app)
    assert visitor.sign_in(BUYER).status_code == 401
    assert visitor.sign_in(BUYER, NEW).status_code == 200 and is_signed_in(visitor)


@pytest.mark.parametrize(
    ("current", "new", "words"),
    [
        ("wrong", NEW, "This is not your current password"),
        ("", NEW, "This is not your current password"),
        (cast.PASSWORD, "short", "at least 10 characters"),
        (cast.PASSWORD, "x" * 1025, "at least 10 characters"),
        (cast.PASSWORD, cast.PASSWORD, "Choose another"),
    ],
    ids=["wrong", "none", "short", "endless", "same"],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_changes(app, somebody, current, new, words):
    answer = change(somebody, current, new)
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert is_signed_in(somebody)
    assert Visitor(app).sign_in(BUYER).status_code == 200


def test_guesses_at_the_present_password_are_counted_and_limited(settings, owner):
    app = create_app(settings.model_copy(update={"login_attempts": "3 per minute"}))
    visitor = Visitor(app)
    visitor.sign_in(BUYER)
    assert [change(visitor, "wrong").status_code for _ in range(4)] == [422, 422, 422, 429]
    query = text("SELECT attempts FROM refused_attempt WHERE subject = :subject")
    assert owner.scalar(query, {"subject": f"user:{BUYER.id}"}) == 3
    assert Flow(app).send_form(Visitor(app), BUYER).status_code == 302


def test_it_is_written_down_without_the_passwords(somebody, owner):
    change(somebody)
    assert "user:password_changed" in owner.scalars(text("SELECT action FROM audit_event")).all()
    assert NEW not in str(owner.execute(text("SELECT * FROM audit_event")).all())
    assert owner.scalar(
        text("SELECT password_hash FROM user_account WHERE id = :id"), {"id": BUYER.id}
    ).startswith("$argon2id$")


def test_staff_change_theirs(sign_in):
    assert change(sign_in(cast.south_manager)).location == "/account"
