"""Pages of roles that a side composes: made, given on people's pages, changed for everybody, deleted."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text

from portal.identity.models import CustomRole, Invitation, UserAccount
from portal.identity.people import person_key
from portal.kernel.opaque import Sealer
from tests import cast
from tests.identity.acts import A_PASSWORD, token_of
from tests.identity.custom_role_acts import composed, given
from tests.identity.standing_in_acts import delegated
from tests.web.test_people_pages import NEW, grow_old
from tests.web_clients import Visitor

BOSS, BUYER, ADMIN, RIVAL = cast.huadong.boss, cast.huadong.buyer, cast.administrator, cast.yuegang.boss
FORM = {"name": "只看订单", "right": ["orders:read", "catalogue:read"]}


@pytest.fixture
def sealer(settings) -> Sealer:
    return Sealer(settings.secret_key.get_secret_value())


def body(answer):
    return answer.get_data(as_text=True)


def kept(owner):
    return owner.execute(select(CustomRole).order_by(CustomRole.id.desc()).limit(1)).one_or_none()


def test_an_owner_composes_one_gives_it_and_its_person_does_what_it_says(sign_in, owner, sealer):
    boss, buyer = sign_in(BOSS), sign_in(BUYER)
    made = boss.post("/settings/roles", FORM)
    assert made.status_code == 303 and made.location == f"/settings/roles/{kept(owner).code}"
    page = f"/settings/people/{person_key(sealer, BUYER.id)}"
    assert "只看订单" in body(boss.get(page))
    assert boss.post(f"{page}/roles", {"role": [kept(owner).code]}).status_code == 303
    assert "只看订单" in body(boss.get("/settings/people"))
    assert buyer.get("/orders").status_code == 200 and buyer.get("/cart").status_code == 403
    assert "只看订单" in body(buyer.get("/orders"))
    changed = FORM | {"right": ["orders:read", "orders:write", "prices:read"], "revision": "1"}
    assert boss.post(made.location, changed).status_code == 303
    assert buyer.get("/cart").status_code == 200


def test_it_stands_in_the_matrix_beside_the_built_in_roles(sign_in, issuer_database):
    composed(issuer_database, by=ADMIN, name="审计员", rights=["hq:audit"])
    composed(issuer_database, name="内勤", rights=["orders:read"])
    for person, address, name, right in (
        (BOSS, "/settings/roles", "内勤", "orders:read"),
        (ADMIN, "/hq/roles", "审计员", "hq:audit"),
        (ADMIN, "/hq/rights", "审计员", "hq:audit"),
    ):
        page = body(sign_in(person).get(address))
        [row] = re.findall(rf'<th scope="row" class="code">{right}</th>.*?</tr>', page, re.S)
        assert name in row and page.count(f">{name}</span>") == 1
    assert "内勤" not in body(sign_in(ADMIN).get("/hq/roles"))


def test_offered_are_the_rights_that_somebody_has(sign_in):
    boss = body(sign_in(BOSS).get("/settings/roles/new"))
    assert 'value="orders:write"' in boss and 'value="people:write"' not in boss
    assert 'value="hq:' not in boss
    admin = body(sign_in(ADMIN).get("/hq/roles/new"))
    assert 'value="hq:audit"' in admin
    for right in ("hq:admin", "hq:finance-post", "orders:read"):
        assert f'value="{right}"' not in admin


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(sign_in, owner):
    boss = sign_in(BOSS)
    answer = boss.post("/settings/roles", {"name": "", "right": ["people:write", "orders:read"]})
    page = body(answer)
    assert answer.status_code == 422 and kept(owner) is None
    assert 'id="field-name-error"' in page and 'id="rights-error"' in page
    assert re.search(r'value="orders:read" checked', page)


def test_a_name_that_is_taken_an_old_page_and_a_role_in_use_are_told(sign_in, owner, issuer_database):
    boss = sign_in(BOSS)
    boss.post("/locale/en")
    boss.post("/settings/roles", FORM)
    taken = boss.post("/settings/roles", FORM)
    assert taken.status_code == 409 and "of this name already" in body(taken)
    one = f"/settings/roles/{kept(owner).code}"
    assert boss.post(one, FORM | {"name": "A", "revision": "1"}).status_code == 303
    late = boss.post(one, FORM | {"name": "B", "revision": "1"})
    assert late.status_code == 409 and 'value="B"' in body(late)
    given(issuer_database, BUYER, kept(owner).code)
    used = boss.post(f"{one}/deletion")
    assert used.status_code == 409 and "Somebody has this role" in body(used)
    assert "1 person has this role" in body(boss.get(one))
    given(issuer_database, BUYER, "dealer_buyer")
    assert boss.post(f"{one}/deletion").location == "/settings/roles"
    assert kept(owner) is None


def test_a_form_sent_twice_makes_one(sign_in, owner):
    boss = sign_in(BOSS)
    for _ in range(2):
        assert boss.post("/settings/roles", FORM | {"form_key": "k"}).status_code == 303
    assert owner.scalar(text("SELECT count(*) FROM custom_role")) == 1


def test_acts_upon_what_people_may_ask_again_who_it_is(sign_in, owner, issuer_database):
    code, boss = composed(issuer_database), sign_in(BOSS)
    boss.get("/settings/roles")
    grow_old(owner, BOSS)
    one = f"/settings/roles/{code}"
    for address, form in (("/settings/roles", FORM), (one, FORM), (f"{one}/deletion", {})):
        assert boss.post(address, form).status_code == 403
    assert kept(owner).name == "只下单"


def test_a_rivals_and_headquarters_own_do_not_exist(sign_in, issuer_database):
    theirs, hq = composed(issuer_database, by=RIVAL), composed(issuer_database, by=ADMIN, rights=["hq:audit"])
    boss, admin = sign_in(BOSS), sign_in(ADMIN)
    for code in (theirs, hq, "own-000000000000", "x"):
        one = f"/settings/roles/{code}"
        assert boss.get(one).status_code == 404
        assert boss.post(one, FORM).status_code == boss.post(f"{one}/deletion").status_code == 404
    assert admin.get(f"/hq/roles/{theirs}").status_code == 404
    assert theirs not in body(boss.get("/settings/roles")) and hq not in body(boss.get("/settings/people"))


@pytest.mark.parametrize("address", ["/settings/roles", "/settings/roles/new"])
def test_nobody_else_sees_them(sign_in, address):
    assert sign_in(BUYER).get(address).status_code == 403
    assert sign_in(ADMIN).get(address).status_code == 404


def test_an_administrator_gives_a_dealers_own_role_on_the_page_of_its_person(
    sign_in, sealer, issuer_database
):
    code = composed(issuer_database)
    theirs = composed(issuer_database, by=RIVAL, name="别家")
    admin = sign_in(ADMIN)
    page = f"/hq/people/{person_key(sealer, BUYER.id)}"
    assert code in body(admin.get(page)) and theirs not in body(admin.get(page))
    assert admin.post(f"{page}/roles", {"role": [code]}).status_code == 303
    assert admin.post(f"{page}/roles", {"role": [theirs]}).status_code == 422
    assert "只下单" in body(admin.get("/hq/people?q=buyer@huadong"))


def test_a_regions_administrator_is_told_who_composes_headquarters(sign_in, owner):
    south = cast.south_manager
    owner.execute(text("UPDATE user_account SET roles = '{administrator}' WHERE id = :id"), {"id": south.id})
    answer = sign_in(south).post("/hq/roles", {"name": "A", "right": ["hq:audit"]})
    assert answer.status_code == 403 and kept(owner) is None


def test_invited_to_one_somebody_reads_its_name_and_comes_in(app, sign_in, owner, sealer, issuer_database):
    code, boss = composed(issuer_database), sign_in(BOSS)
    assert code in body(boss.get("/settings/people/new"))
    assert boss.post("/settings/people", NEW | {"role": [code]}).status_code == 303
    assert "只下单" in body(boss.get("/settings/people"))
    link = f"/invitation/{token_of(owner, sealer, owner.scalar(select(Invitation.id)))}"
    visitor = Visitor(app)
    assert "只下单" in body(visitor.get(link))
    assert visitor.post(link, {"name": "新人", "password": A_PASSWORD}).status_code == 303
    roles = owner.scalar(select(UserAccount.roles).where(UserAccount.email == NEW["email"]))
    assert roles == [code]


def test_a_delegated_one_is_named_on_the_page_of_acting(sign_in, issuer_database):
    code = composed(issuer_database)
    given(issuer_database, BOSS, "dealer_owner", code)
    boss = sign_in(BOSS)
    assert "只下单" in body(boss.get("/account/acting"))
    delegated(issuer_database, by=BOSS, to=BUYER)
    given(issuer_database, BUYER, code)
    assert "只下单" in body(sign_in(BUYER).get("/account/acting"))


def test_amounts_without_approval_name_it(sign_in, issuer_database):
    composed(issuer_database)
    composed(issuer_database, name="只看", rights=["orders:read"])
    page = body(sign_in(BOSS).get("/approval-amounts"))
    assert "只下单" in page and "只看<" not in page


def test_what_the_pages_ask_does_not_grow(sign_in, issuer_database, count_statements):
    for n in range(5):
        composed(issuer_database, name=f"R{n}")
    for person, address in ((BOSS, "/settings/roles"), (ADMIN, "/hq/rights"), (BOSS, "/settings/people")):
        visitor = sign_in(person)
        visitor.get(address)
        with count_statements() as counted:
            assert visitor.get(address).status_code == 200
        assert len(counted) <= 12, counted
