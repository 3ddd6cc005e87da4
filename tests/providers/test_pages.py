"""The owner of a dealer sets up the company sign-in on its pages, and so does the administrator for any."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import text

from tests import cast
from tests.providers.acts import a_provider, account_of, code_of, come_in
from tests.web_clients import Visitor

OURS, HQ = "/settings/company-sign-in", "/hq/company-sign-in"


def fields(other, **changes):
    return {
        "name": "明德",
        "issuer": f"{other.address}/.well-known/openid-configuration",
        "client_id": "tonglu",
        "client_secret": "a-secret-there",
        "domains": "huadong.example",
    } | changes


def page_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


class TestFromNothingToOn:
    def test_the_owner_sets_it_up_tries_it_and_switches_it_on(self, sign_in, app, other, owner):
        boss = sign_in(cast.huadong.boss, locale="en")
        made = boss.post(OURS, fields(other))
        assert made.status_code == 303
        address = made.location
        handle = address.rpartition("/")[2]
        refused = boss.post(f"{address}/on", follow_redirects=True)
        assert owner.scalar(text("SELECT state FROM identity_provider")) == "draft", refused

        other.knows("boss", email="boss@huadong.example", email_verified=True, groups=["buyers"])
        there = boss.get(f"{address}/trial")
        assert "prompt=login" in there.location
        tried = boss.get(other.sign_in(there.location, "boss"))
        assert tried.location == address
        assert "buyers" in page_of(boss.get(address))
        assert boss.get("/orders").status_code == 200  # still the owner

        row = {
            "claim-0": "groups",
            "test-0": "is",
            "value-0": "buyers",
            "role-0": ["dealer_buyer"],
            "makes-0": "1",
        }
        revision = owner.scalar(text("SELECT revision FROM identity_provider"))
        assert boss.post(f"{address}/rules", row | {"revision": revision}).status_code == 303
        assert boss.post(f"{address}/on").status_code == 303
        other.knows("li", email="li@huadong.example", email_verified=True, groups=["buyers"])
        assert come_in(Visitor(app), other, handle, "li").status_code == 302
        assert account_of(owner, "li@huadong.example").roles == ["dealer_buyer"]
        acts = owner.execute(
            text("SELECT action FROM audit_event WHERE subject_kind = 'provider' ORDER BY id")
        )
        assert acts.scalars().all() == [
            "provider:created",
            "provider:tried",
            "provider:rules_changed",
            "provider:turned_on",
            "provider:account_linked",
        ]

    def test_the_secret_is_sealed_and_never_shown(self, sign_in, other, owner, issuer):
        handle = a_provider(issuer, other.address)
        kept = owner.scalar(text("SELECT secret_sealed FROM identity_provider"))
        assert kept and "a-secret-there" not in kept
        boss = sign_in(cast.huadong.boss)
        for path in (OURS, f"{OURS}/{handle}", f"{OURS}/{handle}/edit", f"{OURS}/{handle}/rules"):
            assert "a-secret-there" not in boss.get(path).get_data(as_text=True)
        said = owner.execute(text("SELECT CAST(after AS text) FROM audit_event")).scalars().all()
        assert "a-secret-there" not in "".join(filter(None, said))

    def test_a_trial_that_fails_says_why(self, sign_in, other, issuer):
        handle = a_provider(issuer, other.address, on=False)
        other.knows("boss", email="boss@huadong.example", email_verified=True)
        other.says(aud="another")
        boss = sign_in(cast.huadong.boss, locale="en")
        there = boss.get(f"{OURS}/{handle}/trial").location
        page = page_of(boss.get(other.sign_in(there, "boss"), follow_redirects=True))
        assert "wrong_audience" in page and "another" in page

    def test_a_trial_whose_address_lets_nobody_in_switches_nothing_on(self, sign_in, other, issuer, owner):
        handle = a_provider(issuer, other.address, on=False)
        other.knows("boss", email="boss@elsewhere.example", email_verified=True)
        boss = sign_in(cast.huadong.boss)
        boss.get(other.sign_in(boss.get(f"{OURS}/{handle}/trial").location, "boss"))
        boss.post(f"{OURS}/{handle}/on")
        assert owner.scalar(text("SELECT state FROM identity_provider")) == "draft"


class TestRules:
    def test_are_tried_on_a_pasted_sample_without_being_kept(self, sign_in, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        boss = sign_in(cast.huadong.boss, locale="en")
        sample = {"sub": "li", "email": "li@yuegang.example", "groups": ["finance"]}
        row = {"claim-0": "groups", "test-0": "is", "value-0": "finance", "role-0": ["dealer_finance"]}
        page = page_of(boss.post(f"{OURS}/{handle}/rules/trial", row | {"sample": json.dumps(sample)}))
        assert "财务" in page
        assert "mail_not_verified" in page and "no_account_made" in page
        assert len(owner.scalar(text("SELECT rules FROM identity_provider"))) == 2
        for nothing in ("", "[]", "{", "{}" + " " * 20_000):
            answer = boss.post(f"{OURS}/{handle}/rules/trial", row | {"sample": nothing})
            assert answer.status_code == 422

    @pytest.mark.parametrize("role", ["dealer_owner", "administrator", "order_desk", "root"])
    def test_give_nobody_a_role_that_they_may_not(self, sign_in, other, issuer, owner, role):
        handle = a_provider(issuer, other.address, rules=())
        boss = sign_in(cast.huadong.boss)
        row = {"claim-0": "groups", "test-0": "is", "value-0": "x", "role-0": [role], "revision": 0}
        revision = owner.scalar(text("SELECT revision FROM identity_provider"))
        answer = boss.post(f"{OURS}/{handle}/rules", row | {"revision": revision})
        assert answer.status_code == 422
        assert owner.scalar(text("SELECT rules FROM identity_provider")) == []

    def test_of_two_who_change_them_the_second_is_told(self, sign_in, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        row = {"claim-0": "groups", "test-0": "is", "value-0": "x", "role-0": ["dealer_buyer"]}
        revision = owner.scalar(text("SELECT revision FROM identity_provider"))
        said = row | {"revision": revision}
        assert sign_in(cast.huadong.boss).post(f"{OURS}/{handle}/rules", said).status_code == 303
        answer = sign_in(cast.administrator).post(f"{HQ}/{handle}/rules", said | {"value-0": "y"})
        assert answer.status_code == 409


class TestWhose:
    def test_a_domain_is_of_one_company_sign_in(self, sign_in, other, rival, issuer):
        a_provider(issuer, other.address)
        answer = sign_in(cast.administrator).post(HQ, fields(rival, dealer="yuegang"))
        assert answer.status_code == 409

    @pytest.mark.parametrize("domain", ["yuegang.example", "qq.com", "huаdong.example", "nothing", ""])
    def test_an_owner_speaks_for_the_own_domain_alone(self, sign_in, other, owner, domain):
        answer = sign_in(cast.huadong.boss).post(OURS, fields(other, domains=domain))
        assert answer.status_code == 422
        assert owner.scalar(text("SELECT count(*) FROM provider_domain")) == 0

    @pytest.mark.parametrize(
        "issuer_address",
        ["http://login.example", "ftp://x.example", "https://u:p@x.example", "https://x.example/?a=b", ""],
    )
    def test_stands_at_an_address_that_may_be_asked(self, sign_in, other, owner, issuer_address):
        answer = sign_in(cast.huadong.boss).post(OURS, fields(other, issuer=issuer_address))
        assert answer.status_code == 422

    def test_the_rival_sees_and_changes_nothing_of_it(self, sign_in, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        rival = sign_in(cast.yuegang.boss)
        assert handle not in rival.get(OURS).get_data(as_text=True)
        for path in ("", "/edit", "/rules", "/trial"):
            assert rival.get(f"{OURS}/{handle}{path}").status_code == 404
        for path in ("", "/rules", "/rules/trial", "/on", "/off", "/removal"):
            assert rival.post(f"{OURS}/{handle}{path}", fields(other)).status_code == 404
        assert owner.scalar(text("SELECT state FROM identity_provider")) == "on"

    def test_the_administrator_of_a_region_does_not_see_headquarters_own(self, sign_in, other, issuer, owner):
        handle = a_provider(issuer, other.address, None)
        owner.execute(
            text("UPDATE user_account SET roles = '{administrator}' WHERE id = :id"),
            {"id": cast.east_manager.id},
        )
        regional = sign_in(cast.east_manager)
        assert handle not in regional.get(HQ).get_data(as_text=True)
        assert regional.get(f"{HQ}/{handle}").status_code == 404
        assert regional.post(HQ, fields(other, domains="hq.example")).status_code == 403

    def test_buyers_have_no_such_page(self, sign_in, other, issuer):
        handle = a_provider(issuer, other.address)
        assert sign_in(cast.huadong.buyer).get(f"{OURS}/{handle}").status_code == 403


class TestChanges:
    def test_another_issuer_unlinks_everybody_and_has_to_be_tried(
        self, sign_in, app, other, rival, issuer, owner
    ):
        handle = a_provider(issuer, other.address)
        other.knows("li", email="li@huadong.example", email_verified=True, groups=["buyers"])
        inside = Visitor(app)
        come_in(inside, other, handle, "li")
        revision = owner.scalar(text("SELECT revision FROM identity_provider"))
        boss = sign_in(cast.huadong.boss)
        moved = boss.post(f"{OURS}/{handle}", fields(rival, revision=revision))
        assert moved.status_code == 303
        state = owner.execute(
            text("SELECT state, tried_connection = connection FROM identity_provider")
        ).one()
        assert tuple(state) == ("off", False)
        assert owner.scalar(text("SELECT count(*) FROM provider_account")) == 0
        assert inside.get("/orders").location.startswith("/login")
        boss.post(f"{OURS}/{handle}/on")
        assert owner.scalar(text("SELECT state FROM identity_provider")) == "off"

    def test_a_name_alone_leaves_it_on(self, sign_in, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        revision = owner.scalar(text("SELECT revision FROM identity_provider"))
        said = fields(other, name="New name", client_secret="", revision=revision)
        assert sign_in(cast.huadong.boss).post(f"{OURS}/{handle}", said).status_code == 303
        assert owner.scalar(text("SELECT state FROM identity_provider")) == "on"

    def test_somebody_is_unlinked_and_it_is_removed(self, sign_in, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.knows("li", email="li@huadong.example", email_verified=True, groups=["buyers"])
        inside = Visitor(app)
        come_in(inside, other, handle, "li")
        boss = sign_in(cast.huadong.boss)
        page = boss.get(f"{OURS}/{handle}").get_data(as_text=True)
        unlink = re.search(rf'action="({OURS}/{handle}/people/[^"]+)"', page)[1]
        assert boss.post(unlink).status_code == 303
        assert inside.get("/orders").location.startswith("/login")
        assert boss.post(f"{OURS}/{handle}/removal").status_code == 303
        assert owner.scalar(text("SELECT count(*) FROM identity_provider")) == 0
        assert account_of(owner, "li@huadong.example") is not None


class TestTheWayIn:
    def test_is_found_by_the_domain_whoever_has_an_account(self, app, other, issuer):
        a_provider(issuer, other.address)
        pages = []
        for mail in (cast.huadong.buyer.email, "nobody@huadong.example", "X@HUADONG.example"):
            visitor = Visitor(app, locale="en")
            visitor.get("/login/company")
            page = visitor.post("/login/company", {"email": mail, "next": "/orders"})
            there = visitor.get(re.search(r"url=([^\"]+)", page.get_data(as_text=True))[1]).location
            assert there.startswith(f"{other.address}/oauth2/authorize")
            pages.append(re.sub(r"csrf[^>]+|X-CSRFToken[^>]+", "", page.get_data(as_text=True)))
        assert len(set(pages)) == 1

    @pytest.mark.parametrize(
        ("mail", "words"),
        [
            ("li@yuegang.example", "There is no company sign-in"),
            ("li@huаdong.example", "is not huadong.example"),
            ("li@huad0ng.example", "is not huadong.example"),
            ("li@münchen.example", "letters of another alphabet"),
            ("nothing", "Enter your email"),
        ],
    )
    def test_of_a_domain_without_one_is_the_password(self, app, other, issuer, mail, words):
        a_provider(issuer, other.address)
        visitor = Visitor(app, locale="en")
        visitor.get("/login/company")
        answer = visitor.post("/login/company", {"email": mail})
        assert answer.status_code == 422 and words in page_of(answer)

    def test_is_linked_from_the_sign_in_page_and_leads_where_one_wanted(self, app, other, issuer):
        handle = a_provider(issuer, other.address)
        other.knows("li", email="li@huadong.example", email_verified=True, groups=["buyers"])
        visitor = Visitor(app)
        form = visitor.get("/login?next=/invoices", follow_redirects=True).get_data(as_text=True)
        way = re.search(r'href="(/login/company[^"]*)"', form)[1].replace("&amp;", "&")
        assert 'name="next" value="/invoices"' in visitor.get(way).get_data(as_text=True)
        assert come_in(visitor, other, handle, "li", wanted="/invoices").location == "/invoices"

    def test_is_limited_by_network(self, app, other, issuer):
        app.settings = app.settings.model_copy(update={"company_sign_in_rate": "3 per minute"})
        visitor = Visitor(app)
        visitor.get("/login/company")
        answers = [visitor.post("/login/company", {"email": "a@b.example"}).status_code for _ in range(4)]
        assert answers == [422, 422, 422, 429]


class TestProvingAgain:
    def test_is_done_at_the_provider_by_who_has_no_password(self, app, sign_in, other, issuer, owner):
        handle = a_provider(issuer, other.address, None)
        owner.execute(
            text(
                "INSERT INTO provider_account (provider_id, subject, user_id, linked_at)"
                " SELECT id, 'admin', :user, now() FROM identity_provider WHERE handle = :handle"
            ),
            {"user": cast.administrator.id, "handle": handle},
        )
        other.knows("admin", email=cast.administrator.email, email_verified=True, groups=["desk"])
        other.knows("wu", email="wu@hq.example", email_verified=True, groups=["desk"])
        admin = Visitor(app, locale="en")
        come_in(admin, other, handle, "admin")
        owner.execute(text("UPDATE user_session SET proved_at = now() - interval '2 hours'"))
        asked = admin.post(f"{HQ}/{handle}/off")
        assert asked.status_code == 403 and "/login/proof" in asked.get_data(as_text=True)
        there = admin.get("/login/proof").location
        assert "max_age=0" in there and "prompt=login" in there
        assert code_of(admin.get(other.sign_in(there, "wu"))) == "other_person"
        assert admin.post(f"{HQ}/{handle}/off", {"proof_password": ""}).status_code == 403
        there = admin.get("/login/proof").location
        assert admin.get(other.sign_in(there, "admin")).status_code == 200
        assert admin.post(f"{HQ}/{handle}/off", {"proof_password": ""}).status_code == 303

    def test_needs_somebody_who_is_signed_in_by_a_provider(self, visitor, sign_in):
        assert code_of(visitor.get("/login/proof")) == "foreign_state"
        assert code_of(sign_in(cast.huadong.buyer).get("/login/proof")) == "provider_off"
