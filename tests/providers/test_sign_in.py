"""People come in by the provider of their company, which is a process that nobody here wrote."""

from __future__ import annotations

from sqlalchemy import text

from portal.kernel.db import transaction
from portal.providers.keep_provider import set_rules
from portal.providers.switch_provider import turn_off
from tests import cast
from tests.providers.acts import BUYERS, FINANCE, a_provider, account_of, code_of, come_in
from tests.web_clients import Visitor

NEW = {"email": "li@huadong.example", "email_verified": True, "name": "李敏", "groups": ["buyers"]}


class TestTheFirstTime:
    def test_an_account_is_made_as_the_rule_says(self, visitor, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.knows("li", **NEW)
        answer = come_in(visitor, other, handle, "li", wanted="/orders")
        assert answer.status_code == 302 and answer.location == "/orders"
        assert "李敏" in visitor.get("/account").get_data(as_text=True)
        made = account_of(owner, "li@huadong.example")
        assert (made.dealer_id, made.roles, made.region_ids) == (cast.huadong.id, ["dealer_buyer"], [])

    def test_nobody_is_made_whom_no_rule_makes(self, visitor, other, issuer, owner):
        handle = a_provider(issuer, other.address, rules=(FINANCE,))
        other.knows("li", **NEW | {"groups": ["finance"]})
        answer = come_in(visitor, other, handle, "li")
        assert answer.status_code == 400 and code_of(answer) == "no_account_made"
        assert account_of(owner, "li@huadong.example") is None
        assert (
            owner.scalar(text("SELECT attempts FROM refused_attempt WHERE reason = 'no_account_made'")) == 1
        )

    def test_nobody_comes_in_to_whom_no_rule_gives_a_role(self, visitor, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.knows("li", **NEW | {"groups": ["canteen"]})
        assert code_of(come_in(visitor, other, handle, "li")) == "no_rule_fits"
        assert account_of(owner, "li@huadong.example") is None

    def test_people_of_headquarters_get_regions(self, visitor, other, issuer, owner):
        handle = a_provider(issuer, other.address, None)
        other.knows("wu", email="wu@hq.example", email_verified=True, groups=["desk"])
        assert come_in(visitor, other, handle, "wu").status_code == 302
        made = account_of(owner, "wu@hq.example")
        assert (made.dealer_id, made.roles, made.region_ids) == (None, ["order_desk"], [cast.east.id])
        assert made.display_name == "wu"


class TestLaterOn:
    def test_roles_are_read_again_at_each_sign_in(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.knows("li", **NEW)
        come_in(Visitor(app), other, handle, "li")
        other.knows("li", **NEW | {"groups": ["finance"]})
        assert come_in(Visitor(app), other, handle, "li").status_code == 302
        assert account_of(owner, "li@huadong.example").roles == ["dealer_finance"]
        acts = owner.execute(text("SELECT reason FROM audit_event WHERE action = 'user:roles_changed'"))
        assert acts.scalars().all() == [f"provider:{handle}"]

    def test_who_lost_every_role_is_signed_out_everywhere(self, app, other, issuer):
        handle = a_provider(issuer, other.address)
        other.knows("li", **NEW)
        elsewhere = Visitor(app)
        come_in(elsewhere, other, handle, "li")
        other.knows("li", **NEW | {"groups": []})
        assert code_of(come_in(Visitor(app), other, handle, "li")) == "no_rule_fits"
        assert elsewhere.get("/orders").location.startswith("/login")

    def test_another_address_there_is_the_same_person(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.knows("li", **NEW)
        come_in(Visitor(app), other, handle, "li")
        other.knows("li", **NEW | {"email": "li.min@elsewhere.example"})
        assert come_in(Visitor(app), other, handle, "li").status_code == 302
        assert owner.scalar(text("SELECT count(*) FROM user_account WHERE display_name = '李敏'")) == 1

    def test_who_is_deactivated_here_does_not_come_in(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.knows("li", **NEW)
        come_in(Visitor(app), other, handle, "li")
        owner.execute(text("UPDATE user_account SET disabled_at = now() WHERE email = 'li@huadong.example'"))
        assert code_of(come_in(Visitor(app), other, handle, "li")) == "shut_out"

    def test_nobody_of_headquarters_gives_themselves_a_role_by_a_rule(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address, None)
        _link(owner, handle, "admin", cast.administrator.id, None)
        other.knows("admin", email=cast.administrator.email, email_verified=True, groups=["desk"])
        assert come_in(Visitor(app), other, handle, "admin").status_code == 302
        assert account_of(owner, cast.administrator.email).roles == ["administrator"]

    def test_an_owner_stays_one_whatever_the_claims_say(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        _link(owner, handle, "boss", cast.huadong.boss.id, cast.huadong.id)
        other.knows("boss", email=cast.huadong.boss.email, email_verified=True, groups=["finance"])
        assert come_in(Visitor(app), other, handle, "boss").status_code == 302
        roles = account_of(owner, cast.huadong.boss.email).roles
        assert roles == ["dealer_finance", "dealer_owner"]

    def test_switched_off_it_lets_nobody_in_and_ends_what_it_began(self, app, other, issuer):
        handle = a_provider(issuer, other.address)
        other.knows("li", **NEW)
        inside = Visitor(app)
        come_in(inside, other, handle, "li")
        under_way = Visitor(app)
        back = other.sign_in(under_way.get(f"/login/company/{handle}").location, "li")
        actor = cast.huadong.boss.actor()
        with transaction(issuer.session_for(actor)) as session:
            turn_off(session, actor=actor, handle=handle, at=cast.NOW)
        assert inside.get("/orders").location.startswith("/login")
        assert code_of(under_way.get(back)) == "provider_off"
        assert code_of(Visitor(app).get(f"/login/company/{handle}")) == "provider_off"


BUYER = {"email": cast.huadong.buyer.email, "email_verified": True, "groups": ["buyers"]}


class TestAnAccountThatIsThere:
    def test_is_linked_by_its_own_password_once(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.knows("buyer", **BUYER)
        visitor = Visitor(app)
        page = come_in(visitor, other, handle, "buyer")
        assert page.status_code == 200 and "/login" in page.get_data(as_text=True)
        assert visitor.get("/orders").location.startswith("/login")  # a claim opens nothing
        visitor.sign_in(cast.huadong.buyer)
        linked = owner.execute(text("SELECT user_id, subject FROM provider_account")).one()
        assert tuple(linked) == (cast.huadong.buyer.id, "buyer")
        assert come_in(Visitor(app), other, handle, "buyer").status_code == 302

    def test_is_not_linked_by_somebody_elses_password(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.knows("buyer", **BUYER)
        visitor = Visitor(app)
        come_in(visitor, other, handle, "buyer")
        visitor.sign_in(cast.huadong.finance)
        assert owner.scalar(text("SELECT count(*) FROM provider_account")) == 0

    def test_has_its_password_no_more_once_linked_but_owners_have(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        _link(owner, handle, "buyer", cast.huadong.buyer.id, cast.huadong.id)
        _link(owner, handle, "boss", cast.huadong.boss.id, cast.huadong.id)
        refused = Visitor(app, locale="en")
        assert refused.sign_in(cast.huadong.buyer).status_code == 403
        assert refused.get("/orders").location.startswith("/login")
        assert Visitor(app).sign_in(cast.huadong.boss).status_code == 200

    def test_of_another_side_is_no_account_of_the_provider(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address, by=cast.administrator.actor(), domains=["yuegang.example"])
        other.knows("x", email=cast.yuegang.buyer.email, email_verified=True, groups=["buyers"])
        visitor = Visitor(app)
        assert code_of(come_in(visitor, other, handle, "x")) == "account_elsewhere"
        visitor.sign_in(cast.yuegang.buyer)
        assert owner.scalar(text("SELECT count(*) FROM provider_account")) == 0


def test_rules_that_were_changed_count_from_the_next_sign_in(app, other, issuer, owner):
    handle = a_provider(issuer, other.address)
    other.knows("li", **NEW)
    come_in(Visitor(app), other, handle, "li")
    actor = cast.huadong.boss.actor()
    with transaction(issuer.session_for(actor)) as session:
        rules = [BUYERS.__class__("groups", "is", "buyers", ("dealer_finance", "dealer_service"))]
        set_rules(session, actor=actor, handle=handle, revision=None, rules=rules, known_regions=())
    come_in(Visitor(app), other, handle, "li")
    assert account_of(owner, "li@huadong.example").roles == ["dealer_finance", "dealer_service"]


def _link(owner, handle, subject, user_id, dealer_id):
    owner.execute(
        text(
            "INSERT INTO provider_account (provider_id, subject, user_id, dealer_id, linked_at)"
            " SELECT id, :subject, :user_id, :dealer_id, now() FROM identity_provider"
            " WHERE handle = :handle"
        ),
        {"handle": handle, "subject": subject, "user_id": user_id, "dealer_id": dealer_id},
    )
