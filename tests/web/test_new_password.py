"""Another password for the own account: whoever came in by the old one is out."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.app import create_app
from portal.identity.tokens import TokenMemory
from tests import cast
from tests.web_clients import Visitor
from tests.web.protocol import Flow

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


def test_the_new_password_opens_and_the_old_one_does_not(app, somebody):
    change(somebody)
    visitor = Visitor(app)
    assert visitor.sign_in(BUYER).status_code == 401
    assert visitor.sign_in(BUYER, NEW).status_code == 200 and is_signed_in(visitor)


@pytest.mark.parametrize(
    ("current", "new", "words"),
    [
        ("wrong", NEW, "This is not your current password"), ("", NEW, "This is not your current password"), (cast.PASSWORD, "short", "at least 10 characters"),
        (cast.PASSWORD, "x" * 1025, "at least 10 characters"), (cast.PASSWORD, cast.PASSWORD, "Choose another"),
    ],
    ids=["wrong", "none", "short", "endless", "same"],
)  # fmt: skip
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
    assert owner.scalar(text("SELECT password_hash FROM user_account WHERE id = :id"), {"id": BUYER.id}).startswith("$argon2id$")


def test_staff_change_theirs(sign_in):
    assert change(sign_in(cast.south_manager)).location == "/account"
