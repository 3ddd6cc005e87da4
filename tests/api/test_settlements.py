"""Settlements by the API: proposed by one program, approved by another, seen by the dealer, by no rival."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from portal.kernel import clock
from portal.rebates.vocabulary import RebateRight
from portal.settlements.vocabulary import SettlementRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.ledger.acts import delivered
from tests.rebates.acts import MONTH_ENDS, earned_by, published, reckoned
from tests.settlements.acts import a_note, carried_out

LAST = clock.previous_period(clock.period_of(cast.TODAY))
MONTH = clock.period_of(cast.TODAY)


@pytest.fixture
def finance(system):
    return system(SettlementRight.SETTLE, RebateRight.PROPOSE)


@pytest.fixture
def colleague(system):
    return system(SettlementRight.SETTLE, RebateRight.READ)


@pytest.fixture
def programme(given, database) -> str:
    """Two months of two dealers, reckoned."""
    for dealer in (cast.huadong, cast.suzhou):
        delivered(given, database, {cast.gauze: 40}, to=dealer, on=clock.last_day(LAST))
    delivered(given, database, {cast.gloves: 3})
    _, number = published(database, valid_from=clock.first_day(LAST), valid_to=MONTH_ENDS)
    reckoned(database)
    return number


def propose(caller, programme, period=LAST, **said):
    return caller.post("/hq/rebates/settlements", {"programme": programme, "period": period, **said})


def test_a_month_is_settled_by_two_and_seen_by_its_dealer_alone(
    finance, colleague, huadong, rival, programme, database
):
    made = kept(propose(finance, programme, note="as agreed"))
    number, due = made["number"], earned_by(database, programme, period=LAST).accrued
    assert (made["state"], made["dealers"], made["paid"]) == ("proposed", 2, "0.00")
    [one] = [
        row
        for row in kept(finance.get(f"/hq/rebates/settlements/{number}/dealers"))["items"]
        if row["dealer"] == "huadong"
    ]
    assert (D(one["paid"]), one["note"]) == (due, None)
    decision = f"/hq/rebates/settlements/{number}/decision"
    refused(finance.post(decision, {"decision": "approve"}), 403, "same_person")
    assert kept(colleague.post(decision, {"decision": "approve"}))["state"] == "approved"
    carried_out(database, number, today=cast.TODAY, at=cast.NOW)
    done = kept(finance.get(f"/hq/rebates/settlements/{number}"))
    assert (done["state"], D(done["paid"])) == ("settled", D(made["amount"]))
    [row] = kept(huadong.get("/rebates/settlements"))["items"]
    assert (row["programme"], row["period"], D(row["paid"]), row["month"]) == (programme, LAST, due, MONTH)
    note = kept(huadong.get(f"/rebates/notes/{row['note']}"))
    assert sum(D(line["gross"]) for line in note["lines"]) == due
    assert {line["tax_rate"] for line in note["lines"]} == {"0.13"}
    entries = kept(huadong.get(f"/ledger?period={MONTH}"))["items"]
    assert [-D(e["amount"]) for e in entries if e["kind"] == "rebate"] == [due]
    assert kept(rival.get("/rebates/settlements"))["items"] == []
    refused(rival.get(f"/rebates/notes/{row['note']}"), 404)
    refused(rival.get(f"/rebates/notes/{row['note']}?dealer=huadong"), 404)
    refused(huadong.get(f"/hq/rebates/settlements/{number}"), 403, "insufficient_scope")


def test_what_is_wrong_is_said_beside_its_member(finance, programme):
    assert faults(propose(finance, programme, MONTH)) == {"/period": "period_runs"}
    assert faults(propose(finance, programme, kind="provisional")) == {"/percent": "percent"}
    assert faults(propose(finance, programme, percent="5")) == {"/percent": "percent"}
    assert faults(propose(finance, programme, "1999-01")) == {"/period": "unknown_period"}
    refused(propose(finance, "FL-NOBODYS"), 404)
    kept(propose(finance, programme))
    refused(propose(finance, programme), 409, "run_open")


def test_a_rejection_needs_a_reason_and_ends_it(finance, colleague, programme):
    number = kept(propose(finance, programme))["number"]
    decision = f"/hq/rebates/settlements/{number}/decision"
    assert faults(colleague.post(decision, {"decision": "reject"})) == {"/reason": "reason"}
    assert kept(colleague.post(decision, {"decision": "reject", "reason": "disputed"}))["state"] == "rejected"
    refused(colleague.post(decision, {"decision": "approve"}), 409, "not_waiting")
    listed = kept(finance.get(f"/hq/rebates/settlements?state=rejected&programme={programme}"))["items"]
    assert [one["number"] for one in listed] == [number]
    assert kept(finance.get("/hq/rebates/liability"))["items"] == []


def test_a_note_is_read_as_pdf_in_the_language_that_is_asked_for(huadong, rival, database):
    number = a_note(database)
    answer = huadong.get(f"/rebates/notes/{number}.pdf")
    assert answer.mimetype == "application/pdf" and f"{number}-" in answer.headers["Content-Disposition"]
    assert huadong.get(f"/rebates/notes/{number}.pdf").data == answer.data
    refused(rival.get(f"/rebates/notes/{number}.pdf"), 404)
