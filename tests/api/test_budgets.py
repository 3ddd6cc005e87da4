"""Budgets and activities through the API: planned, approved of a pot, withdrawn; the rival sees nothing."""

from __future__ import annotations

import pytest

from portal.budgets.vocabulary import BudgetRight
from portal.orders.vocabulary import OrderRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.budgets.acts import plan, pot


@pytest.fixture
def proposer(system):
    return system(BudgetRight.PROPOSE, BudgetRight.DECIDE)


@pytest.fixture
def colleague(system):
    return system(BudgetRight.APPROVE, BudgetRight.PROPOSE)


def body(**said):
    one = plan()
    usual = {
        "kind": one.kind,
        "title": one.title,
        "text": one.text,
        "place": one.place,
        "first_day": str(one.first_day),
        "last_day": str(one.last_day),
        "amount": str(one.amount),
    }
    return usual | said


def budget(**said):
    one = pot()
    usual = {
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "kind": one.kind,
        "first_day": str(one.first_day),
        "last_day": str(one.last_day),
        "amount": str(one.amount),
    }
    return usual | said


def test_an_activity_is_planned_approved_and_paid_from_a_pot(proposer, colleague, huadong, rival):
    made = kept(proposer.post("/hq/rebates/budgets", budget()))
    assert (made["standing"], made["amount"], made["proposed"]) == ("waits", "0.00", "1000.00")
    address = f"/hq/rebates/budgets/{made['number']}"
    refused(proposer.post(f"{address}/approval", {}), 403)
    assert kept(colleague.post(f"{address}/approval", {}))["free"] == "1000.00"
    planned = kept(huadong.post("/rebates/activities", body()))
    number = planned["number"]
    assert planned["state"] == "submitted" and planned["approved"] is None
    decision = f"/hq/rebates/activities/{number}/decision"
    approval = {"decision": "approve", "amount": "300.00", "budget": made["number"]}
    assert faults(proposer.post(decision, approval)) == {"/reason": "reason_missing"}
    decided = kept(proposer.post(decision, approval | {"reason": "七五折"}))
    assert (decided["state"], decided["approved"], decided["left"]) == ("approved", "300.00", "300.00")
    refused(proposer.post(decision, approval | {"reason": "again"}), 409, "activity_state")
    assert kept(proposer.get(address))["reserved"] == "300.00"
    assert kept(huadong.get(f"/rebates/activities/{number}"))["left"] == "300.00"
    assert [one["number"] for one in kept(huadong.get("/rebates/activities?state=approved"))["items"]] == [
        number,
        cast.activity_number,
    ]
    refused(rival.get(f"/rebates/activities/{number}"), 404)
    refused(rival.post(f"/rebates/activities/{number}/withdrawal"), 404)
    assert [one["number"] for one in kept(rival.get("/rebates/activities"))["items"]] == [
        cast.activity_number
    ]
    refused(huadong.get("/hq/rebates/budgets"), 403, "insufficient_scope")
    assert kept(huadong.post(f"/rebates/activities/{number}/withdrawal"))["state"] == "withdrawn"
    assert kept(proposer.get(address))["free"] == "1000.00"


def test_a_draft_is_the_dealers_own_until_it_is_handed_in(proposer, huadong):
    draft = kept(huadong.post("/rebates/activities", body(submit=False)))
    assert draft["state"] == "draft"
    refused(proposer.get(f"/hq/rebates/activities/{draft['number']}"), 404)
    listed = kept(proposer.get("/hq/rebates/activities?state=draft"))["items"]
    assert listed == [] and draft["number"] not in str(kept(proposer.get("/hq/rebates/activities")))


def test_an_activity_is_sent_back_and_refused_with_a_reason(proposer, huadong):
    for decision, state in (("return", "returned"), ("reject", "rejected")):
        number = kept(huadong.post("/rebates/activities", body()))["number"]
        address = f"/hq/rebates/activities/{number}"
        assert faults(proposer.post(f"{address}/decision", {"decision": decision})) == {
            "/reason": "reason_missing"
        }
        said = {"decision": decision, "reason": "请补充"}
        assert kept(proposer.post(f"{address}/decision", said))["state"] == state
        assert kept(proposer.get(address))["reason"] == "请补充"


def test_an_amount_is_proposed_and_rejected(proposer, colleague):
    number = kept(proposer.post("/hq/rebates/budgets", budget(region="east")))["number"]
    address = f"/hq/rebates/budgets/{number}"
    kept(colleague.post(f"{address}/approval", {"decision": "approve", "reason": "好"}))
    assert faults(proposer.post(f"{address}/amount", {"amount": "-1", "reason": ""})) == {
        "/amount": "amount",
        "/reason": "reason_missing",
    }
    waiting = kept(proposer.post(f"{address}/amount", {"amount": "1500.00", "reason": "增加"}))
    assert (waiting["proposed"], waiting["amount"]) == ("1500.00", "1000.00")
    after = kept(colleague.post(f"{address}/approval", {"decision": "reject", "reason": "超支"}))
    assert (after["proposed"], after["amount"], after["state"]) == (None, "1000.00", "open")
    listed = kept(colleague.get("/hq/rebates/budgets?region=east&kind=marketing&standing=even"))["items"]
    assert [one["number"] for one in listed] == [number]
    assert kept(colleague.get("/hq/rebates/budgets?region=south"))["items"] == []


def test_every_fault_is_told_at_once(proposer, huadong, system):
    wrong = body(title="", place="x" * 200, amount="0", last_day="2020-01-01")
    assert faults(huadong.post("/rebates/activities", wrong)).keys() == {
        *("/title", "/place", "/amount", "/last_day")
    }
    assert faults(huadong.post("/rebates/activities", body(kind="fun", amount="1e3"))).keys() == {
        *("/kind", "/amount")
    }
    bad = budget(kind="programme", region="nowhere", title_zh="")
    assert faults(proposer.post("/hq/rebates/budgets", bad)) == {
        "/title_zh": "missing",
        "/programme": "programme_missing",
        "/region": "unknown_region",
    }
    refused(
        system(OrderRight.WRITE, dealer=cast.huadong).post("/rebates/activities", body()),
        403,
        "insufficient_scope",
    )


def changed(caller, address, said):
    return caller.request("PUT", address, json=said)


def test_an_activity_that_came_back_is_changed_as_it_was_read(proposer, huadong, rival):
    number = kept(huadong.post("/rebates/activities", body()))["number"]
    address = f"/rebates/activities/{number}"
    read = kept(huadong.get(address))
    refused(changed(huadong, address, body(title="Too early", revision=read["revision"])), 409)
    kept(
        proposer.post(f"/hq/rebates/activities/{number}/decision", {"decision": "return", "reason": "whom?"})
    )
    read = kept(huadong.get(address))
    refused(changed(rival, address, body(revision=read["revision"])), 404)
    refused(changed(huadong, address, body(title=" ", revision=read["revision"])), 422)
    kept(changed(huadong, address, body(title="For surgeons", revision=read["revision"], submit=False)))
    refused(changed(huadong, address, body(revision=read["revision"])), 409, "edited_meanwhile")
    read = kept(huadong.get(address))
    assert (read["title"], read["state"]) == ("For surgeons", "returned")
    again = kept(changed(huadong, address, body(title="For surgeons", revision=read["revision"])))
    assert again["state"] == "submitted"
