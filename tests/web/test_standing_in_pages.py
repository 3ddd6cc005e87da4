"""Acting in somebody's name in a browser: begun, shown on every page, ended, and refused once it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests import cast
from tests.identity.standing_in_acts import HOUR, consented, delegated, unconsented
from tests.races import together
from tests.shipping.acts import audited

ADDED = {"sku": cast.gloves.sku, "quantity": "1", "mode": "add"}
BANNER = 'action="/account/acting/end"'


def page(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def begin_address(visitor, kind):
    """The address of the only button that begins to act."""
    shown = page(visitor, "/account/acting")
    [address] = [
        part.partition('"')[0]
        for part in shown.split('action="')
        if f"/{kind}/" in part and part.partition('"')[0].endswith("/begin")
    ]
    return address


def acting(visitor, kind="consents"):
    answer = visitor.post(begin_address(visitor, kind), {})
    assert answer.status_code == 303
    return visitor


def test_rights_are_delegated_on_the_page_and_taken_back(sign_in, database, owner):
    giver, taker = sign_in(cast.hq_finance), sign_in(cast.finance_colleague)
    shown = page(giver, "/account/acting")
    key = shown.partition(f">{cast.finance_colleague.display_name}</option>")[0].rpartition('value="')[2]
    form = {
        "taker": key.partition('"')[0],
        "role": ["hq_finance"],
        "first_day": cast.TODAY.isoformat(),
        "last_day": cast.TODAY.isoformat(),
        "reason": "休假",
        "form_key": "once",
    }
    wrong = giver.post("/account/acting/delegations", form | {"last_day": "昨天", "form_key": "x"})
    assert wrong.status_code == 422 and "昨天" in wrong.get_data(as_text=True)
    wrong = giver.post("/account/acting/delegations", form | {"taker": "", "form_key": "y"})
    assert wrong.status_code == 422
    for _ in range(2):
        assert giver.post("/account/acting/delegations", form).status_code == 303
    assert owner.execute(text("SELECT count(*) FROM delegation")).scalar_one() == 1
    assert BANNER in page(acting(taker, "delegations"), "/hq/credit-limits")
    assert cast.hq_finance.display_name in page(taker, "/account")
    revoke = begin_address_of_revocation(giver)
    assert giver.post(revoke, {}).status_code == 303
    assert BANNER not in page(taker, "/hq/credit-limits")


def begin_address_of_revocation(visitor):
    shown = page(visitor, "/account/acting")
    [address] = [
        part.partition('"')[0] for part in shown.split('action="') if "/revocation" in part.partition('"')[0]
    ]
    return address


def test_headquarters_acts_for_a_dealer_visibly_and_ends_it(sign_in, issuer_database, owner):
    consented(issuer_database)
    manager = acting(sign_in(cast.east_manager))
    for path in ("/", "/orders", "/cart", "/account"):
        assert BANNER in page(manager, path)
    assert manager.get("/hq/dealers").status_code == 404
    ended = manager.post("/account/acting/end", {})
    assert ended.status_code == 303
    assert BANNER not in page(manager, "/hq/dealers")
    assert manager.get("/orders").status_code == 404
    events = owner.execute(
        text("SELECT action, on_behalf_of FROM audit_event WHERE subject_kind = 'standing_in' ORDER BY id")
    ).all()
    assert [tuple(row) for row in events] == [
        ("standing_in:begun", None),
        ("standing_in:ended", "dealer:huadong"),
    ]
    assert cast.east_manager.display_name in page(sign_in(cast.huadong.boss), "/settings/acting")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/settings/people"),
        ("GET", "/settings/acting"),
        ("GET", "/api-clients"),
        ("GET", "/webhooks"),
        ("GET", "/finance"),
        ("GET", "/statements"),
        ("GET", "/account/security"),
        ("POST", "/account/security/app"),
        ("POST", "/account/security/sessions/end-others"),
        ("POST", "/account/password"),
        ("POST", "/account/acting/delegations"),
    ],
)
def test_money_people_and_the_own_account_are_not_for_who_acts_for_a_dealer(
    sign_in, issuer_database, method, path
):
    consented(issuer_database, roles=("dealer_buyer", "dealer_service"))
    manager = acting(sign_in(cast.east_manager))
    answer = manager.get(path) if method == "GET" else manager.post(path, {})
    assert answer.status_code in (403, 422), path


def test_the_next_request_after_the_consent_is_taken_back_does_nothing(sign_in, issuer_database, owner):
    made = consented(issuer_database)
    manager = acting(sign_in(cast.east_manager))
    unconsented(issuer_database, made)
    answer = manager.post("/cart", ADDED)
    assert answer.status_code == 403
    assert owner.execute(text("SELECT count(*) FROM cart_line")).scalar_one() == 0
    assert BANNER not in page(manager, "/hq/dealers")


def test_a_consent_that_is_taken_back_meanwhile_is_one_or_the_other(sign_in, issuer_database, owner):
    made = consented(issuer_database)
    manager = acting(sign_in(cast.east_manager))

    def act(place):
        if place:
            return unconsented(issuer_database, made)
        return manager.post("/cart", ADDED).status_code

    status, ended = together(2, act)
    assert ended is None
    kept = owner.execute(text("SELECT count(*) FROM cart_line")).scalar_one()
    assert (status, kept) in {(403, 0), (302, 1)}
    assert manager.post("/cart", ADDED).status_code in (403, 404)
    assert owner.execute(text("SELECT count(*) FROM cart_line")).scalar_one() == kept


def test_nobody_begins_by_what_is_not_theirs(sign_in, issuer_database):
    consented(issuer_database)
    delegated(issuer_database)
    theirs = begin_address(sign_in(cast.east_manager), "consents")
    lent = begin_address(sign_in(cast.finance_colleague), "delegations")
    for stranger in (cast.south_manager, cast.quality, cast.yuegang.boss, cast.huadong.buyer):
        visitor = sign_in(stranger)
        assert visitor.post(theirs, {}).status_code == 404
        assert visitor.post(lent, {}).status_code == 404
        assert BANNER not in page(visitor, "/account")


def test_nothing_chains(sign_in, issuer_database):
    consented(issuer_database, mail=cast.national_manager.email)
    delegated(issuer_database, by=cast.quality, to=cast.national_manager)
    visitor = sign_in(cast.national_manager)
    lent = begin_address(visitor, "delegations")
    acting(visitor)
    assert visitor.post(lent, {}).status_code == 404
    assert "/begin" not in page(visitor, "/account/acting")


def test_a_consent_is_given_and_ended_on_the_page(sign_in, owner):
    boss = sign_in(cast.huadong.boss)
    form = {
        "mail": "East@HQ.example",
        "staff_role": "",
        "role": ["dealer_buyer"],
        "begin": "",
        "until": (cast.NOW + 5 * HOUR).isoformat()[:16],
        "reason": "代下单",
        "form_key": "once",
    }
    wrong = boss.post("/settings/acting", form | {"until": "明天", "form_key": "x"})
    assert wrong.status_code == 422 and "明天" in wrong.get_data(as_text=True)
    for _ in range(2):
        made = boss.post("/settings/acting", form | {"until": _in_days(2)})
        assert made.status_code == 303, made.get_data(as_text=True)
    [row] = owner.execute(text("SELECT dealer_id, staff_mail FROM acting_consent")).all()
    assert tuple(row) == (cast.huadong.id, cast.east_manager.email)
    revoke = page(boss, "/settings/acting").partition("/revocation")[0].rpartition('action="')[2]
    assert boss.post(f"{revoke}/revocation", {}).status_code == 303
    assert boss.post(f"{revoke}/revocation", {}).status_code == 409
    assert sign_in(cast.yuegang.boss).post(f"{revoke}/revocation", {}).status_code == 404
    assert sign_in(cast.huadong.buyer).get("/settings/acting").status_code == 403


def _in_days(days):
    return f"{cast.TODAY + timedelta(days=days)}T12:00"


def test_acts_of_the_delegate_bear_both_names(sign_in, issuer_database, owner):
    delegated(issuer_database, by=cast.national_manager, to=cast.national_colleague)
    colleague = acting(sign_in(cast.national_colleague), "delegations")
    form = {
        "region": cast.jiangsu.code,
        "area": cast.south.code,
        "valid_from": (cast.TODAY + timedelta(days=1)).isoformat(),
        "reason": "调整",
    }
    path = colleague.post("/hq/region-moves", form).headers["Location"]
    number = path.rpartition("/")[2]
    assert audited(owner, number) == ["region_move:proposed"]
    row = owner.execute(
        text("SELECT actor, on_behalf_of FROM audit_event WHERE subject = :number"), {"number": number}
    ).one()
    assert tuple(row) == (cast.national_colleague.actor().key, cast.national_manager.actor().key)
    assert colleague.post(f"{path}/approval", {}).status_code == 409
    manager = sign_in(cast.national_manager)
    assert manager.post(f"{path}/approval", {}).status_code == 409  # in whose name it was asked
    assert sign_in(cast.administrator).post(f"{path}/approval", {}).status_code == 303
