"""Rebates through the API: a programme written by one system, approved by another, seen by whom it is for."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.rebates.vocabulary import RebateRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.ledger.acts import delivered
from tests.rebates.acts import MONTH_BEGINS, MONTH_ENDS, reckoned


@pytest.fixture
def author(system):
    return system(RebateRight.PROPOSE, RebateRight.APPROVE)


@pytest.fixture
def colleague(system):
    return system(RebateRight.APPROVE, RebateRight.PROPOSE)


def body(**said):
    usual = {
        "title_zh": "月度返利",
        "title_en": "Rebate of the month",
        "valid_from": str(MONTH_BEGINS),
        "valid_to": str(MONTH_ENDS),
        "period": "month",
        "dealers": ["huadong"],
        "measure": "invoiced",
        "basis": "amount",
        "method": "incremental",
        "tiers_of": [{"from": "0", "percent": "1.5"}, {"from": "99999999.00", "percent": "3"}],
    }
    return usual | said


def step(caller, number, act, **more):
    revision = kept(caller.get(f"/hq/rebates/programmes/{number}"))["revision"]
    return caller.post(f"/hq/rebates/programmes/{number}/{act}", {"revision": revision, **more})


def run(author, colleague, **said) -> str:
    number = kept(author.post("/hq/rebates/programmes", body(**said)))["number"]
    kept(step(author, number, "submission"))
    kept(step(colleague, number, "approval"))
    kept(step(author, number, "publication"))
    return number


def test_a_programme_has_one_name_for_headquarters_and_dealers(author, colleague, huadong, given, database):
    delivered(given, database, {cast.gloves: 2})
    made = kept(author.post("/hq/rebates/programmes", body()))
    for caller, act in ((author, "submission"), (colleague, "approval"), (author, "publication")):
        assert kept(step(caller, made["id"], act))["id"] == made["id"]
    reckoned(database)
    assert kept(huadong.get(f"/rebates/accruals?programme={made['id']}"))["programme"] == made["number"]
    assert made["id"] in {one["id"] for one in kept(author.get("/hq/rebates/programmes"))["items"]}


def test_the_dealer_sees_every_line_of_its_own_and_the_rival_nothing(
    author, colleague, huadong, rival, given, database
):
    delivered(given, database, {cast.gloves: 2, cast.gauze: 1})
    delivered(given, database, {cast.gloves: 5}, to=cast.yuegang)
    number = run(author, colleague, budget="5000.00")
    reckoned(database)
    earned = kept(huadong.get(f"/rebates/accruals?programme={number}"))
    assert earned["period"] == cast.TODAY.strftime("%Y-%m") and earned["reached_tier"] == 1
    assert D(earned["accrued"]) == (D(earned["qualified"]) * D("0.015")).quantize(D("0.01"))
    assert {line["sku"] for line in earned["lines"]} == {"GLOVES", "GAUZE"}
    assert earned["next_tier"]["from"] == "99999999.00"
    first = kept(huadong.get(f"/rebates/accruals?programme={number}&limit=1"))
    rest = kept(huadong.get(f"/rebates/accruals?programme={number}&limit=1&cursor={first['next_cursor']}"))
    assert first["lines"] + rest["lines"] == earned["lines"] and rest["next_cursor"] is None
    assert "5000" not in huadong.get("/rebates/programmes").get_data(as_text=True)
    refused(rival.get(f"/rebates/accruals?programme={number}"), 404)
    assert kept(rival.get("/rebates/programmes"))["items"] == []
    refused(rival.get(f"/rebates/accruals?programme={number}&dealer=huadong"), 404)
    refused(rival.get("/hq/rebates/programmes"), 403, "insufficient_scope")
    refused(huadong.get(f"/rebates/accruals?programme={cast.rebate_programme_number}"), 404)
    refused(huadong.get(f"/rebates/accruals?programme={number}&period=1999-01"), 404)


def test_headquarters_names_the_dealer(author, colleague, given, database):
    delivered(given, database, {cast.gloves: 2})
    number = run(author, colleague)
    reckoned(database)
    address = f"/rebates/accruals?programme={number}"
    assert D(kept(author.get(f"{address}&dealer=huadong"))["accrued"]) > 0
    assert faults(author.get(address)) == {"/dealer": "missing"}
    refused(author.get(f"{address}&dealer=suzhou"), 404)


def test_pieces_and_everything_else_that_a_programme_says_come_back(author):
    said = body(
        basis="quantity",
        payout={"basis": "amount_net", "skus": ["GAUZE"]},
        tiers_of=[{"from": 100, "percent": "2"}, {"from": "300", "percent": "3.25"}],
        growth={"by": "amount", "pays": "increase", "base_at_least": "50.00", "zero_base": "counts"},
        mix={"at_least": "20", "skus": ["GLOVES"], "factor": "0.5"},
        on_time={"mode": "graded", "grades": [{"days": 15, "pays": "100"}]},
        returns_at_most="3",
        inventory_reports=5,
        no_diversion_case=True,
        multiplier="1.1",
        cap="900.00",
        late_returns="origin_period",
        amendments=[{"from": str(MONTH_ENDS), "tiers_of": [{"from": 1, "fixed": "5.00"}]}],
    )
    made = kept(author.post("/hq/rebates/programmes", said))
    assert [tier["from"] for tier in made["tiers_of"]] == ["100.00", "300.00"]
    assert made["payout"] == {"basis": "amount_net", "skus": ["GAUZE"], "category": None}
    assert made["growth"] == said["growth"]
    assert made["mix"] == {"at_least": "20.00", "skus": ["GLOVES"], "category": None, "factor": "0.50"}
    assert made["on_time"]["grades"] == [{"days": 15, "pays": "100.00"}]
    assert (made["multiplier"], made["cap"], made["late_returns"]) == ("1.10", "900.00", "origin_period")
    assert made["amendments"][0]["tiers_of"][0]["fixed"] == "5.00"
    assert (made["inventory_reports"], made["no_diversion_case"]) == (5, True)
    assert kept(author.get(f"/hq/rebates/programmes/{made['id']}")) == made


def test_every_fault_is_told_at_once(author):
    wrong = body(
        tiers_of=[{"from": "5", "percent": "1"}, {"from": "5", "percent": "101"}],
        dealers=["nobody"],
        valid_to="2020-01-01",
        cap="0",
        inventory_reports=29,
        title_zh="",
    )
    assert faults(author.post("/hq/rebates/programmes", wrong)) == {
        "/title_zh": "title",
        "/valid_to": "ends_before",
        "/tiers_of/1/from": "overlap",
        "/tiers_of/1/percent": "rate",
        "/cap": "amount",
        "/inventory_reports": "days",
        "/dealers/0": "unknown_dealer",
    }
    unread = body(period="fortnight", tiers_of=[{"from": "many", "percent": True}], basis="weight")
    assert faults(author.post("/hq/rebates/programmes", unread)).keys() == {
        *("/period", "/basis", "/tiers_of/0/from", "/tiers_of/0/percent")
    }
    assert faults(author.post("/hq/rebates/programmes", body(tiers_of=[{"percent": "1"}]))).keys() == {
        "/tiers_of/0/from"
    }


def test_who_wrote_it_does_not_approve_it(author, colleague, system):
    number = kept(author.post("/hq/rebates/programmes", body()))["number"]
    kept(step(author, number, "submission"))
    refused(step(author, number, "approval"), 403)
    refused(step(author, number, "publication"), 409, "not_approved")
    path = f"/hq/rebates/programmes/{number}"
    refused(colleague.post(f"{path}/approval", {"revision": 1}), 409, "edited_meanwhile")
    refused(system(RebateRight.PROPOSE).post(f"{path}/approval", {"revision": 2}), 403, "insufficient_scope")
    refused(system(OrderRight.DESK).get("/hq/rebates/programmes"), 403, "insufficient_scope")
    for name in ("FL-NONE", "0", str(2**63)):
        refused(author.get(f"/hq/rebates/programmes/{name}"), 404)


def test_what_more_would_earn_is_told_to_whom_it_is_for(
    author, colleague, huadong, rival, system, given, database
):
    delivered(given, database, {cast.gloves: 2})
    number = run(author, colleague)
    reckoned(database)
    address = f"/rebates/what-if?programme={number}"
    told = kept(huadong.get(f"{address}&amount=1000"))
    assert (told["gain"], told["gross"], told["reached_tier_then"]) == ("15.00", "1000.00", 1)
    assert kept(author.get(f"{address}&amount=1000&dealer=huadong")) == told
    refused(rival.get(f"{address}&amount=1000"), 404)
    assert faults(huadong.get(f"{address}&amount=much&quantity=0")).keys() == {"/amount", "/quantity"}
    assert faults(huadong.get(f"{address}&quantity=5&sku=NOPE")) == {"/sku": "unknown_sku"}
    order = {"lines": [{"sku": "GLOVES", "quantity": 5}]}
    assert kept(huadong.post("/orders/validation", order))["rebates"] is None
    assert kept(huadong.post("/orders/validation", order | {"rebates": True}))["rebates"]["total"] == "1.50"
    blind = system(OrderRight.WRITE, RebateRight.READ, dealer=cast.huadong)  # without prices
    assert kept(blind.post("/orders/validation", order | {"rebates": True}))["rebates"] is None
    deaf = system(OrderRight.WRITE, PriceRight.READ, dealer=cast.huadong)
    assert kept(deaf.post("/orders/validation", order | {"rebates": True}))["rebates"] is None


def test_a_simulation_is_asked_for_by_who_answers_and_refused_otherwise(author, colleague, system):
    number = kept(author.post("/hq/rebates/programmes", body()))["number"]
    path = f"/hq/rebates/programmes/{number}/simulations"
    assert faults(author.post(path, {"from": "2025-02-30", "to": ""})).keys() == {"/from", "/to"}
    asked = kept(colleague.post(path, {}))
    assert (asked["simulation"], asked["state"]) == (1, "waiting")
    refused(author.post(path, {}), 409, "simulation_under_way")
    found = kept(author.get(f"{path}/1"))
    assert (found["is_current"], found["dealers"], found["accrued"]) == (True, [], None)
    for place in ("2", "0", "x", str(2**63)):
        refused(author.get(f"{path}/{place}"), 404)
    refused(system(OrderRight.DESK).post(path, {}), 403, "insufficient_scope")


def test_headquarters_reads_what_every_dealer_earned(author, colleague, given, database, system):
    delivered(given, database, {cast.gloves: 2})
    delivered(given, database, {cast.gloves: 5}, to=cast.suzhou)
    number = run(author, colleague, dealers=["huadong", "suzhou"])
    address = f"/hq/rebates/accruals?programme={number}"
    assert kept(author.get(address))["items"] == []
    reckoned(database)
    first = kept(author.get(f"{address}&limit=1"))
    rest = kept(author.get(f"{address}&limit=1&cursor={first['next_cursor']}"))
    assert [one["dealer"] for one in first["items"] + rest["items"]] == ["suzhou", "huadong"]
    assert [one["dealer"] for one in kept(author.get(f"{address}&sort=code"))["items"]] == [
        "huadong",
        "suzhou",
    ]
    assert [one["dealer"] for one in kept(author.get(f"{address}&dealer=huadong"))["items"]] == ["huadong"]
    total = D(first["totals"][0]["accrued"])
    assert total == sum(D(one["accrued"]) for one in first["items"] + rest["items"])
    refused(author.get(f"{address}&period=1999-01"), 404)
    refused(system(RebateRight.READ, dealer=cast.huadong).get(address), 403, "insufficient_scope")
