"""Settlements on pages: proposed in a form, decided on in a dialog, and the dealer's statement of rebates."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from portal.kernel import clock
from tests import cast
from tests.ledger.acts import delivered
from tests.rebates.acts import MONTH_ENDS, earned_by, published, reckoned
from tests.settlements.acts import a_note, carried_out, settled
from tests.settlements.test_liability import posted

LAST = clock.previous_period(clock.period_of(cast.TODAY))


@pytest.fixture
def programme(given, database) -> str:
    delivered(given, database, {cast.gauze: 40}, on=clock.last_day(LAST))
    _, number = published(database, valid_from=clock.first_day(LAST), valid_to=MONTH_ENDS)
    reckoned(database)
    return number


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def signed_in(sign_in, person):
    visitor = sign_in(person)
    visitor.post("/locale/en")
    return visitor


def form(programme, **said):
    return {"programme": programme, "period": LAST, "kind": "final", "percent": "", "note": "", **said}


def test_a_settlement_goes_from_the_form_to_the_dealers_statement(sign_in, programme, database):
    proposer, approver = signed_in(sign_in, cast.hq_finance), signed_in(sign_in, cast.finance_colleague)
    accrued = earned_by(database, programme, period=LAST).accrued
    page = text_of(proposer.get(f"/hq/rebate-settlements/new?programme={programme}&period={LAST}"))
    assert f'value="{programme}"' in page and f'value="{LAST}"' in page
    answer = proposer.post("/hq/rebate-settlements", form(programme))
    assert answer.status_code == 303
    address = answer.headers["Location"]
    number = address.rpartition("/")[2]
    assert "Another person decides." in text_of(proposer.get(address))
    assert "approve" not in re.findall(r'<dialog[^>]*id="(\w+)"', text_of(proposer.get(address)))
    assert "Rebate settlements to approve" in text_of(approver.get("/hq/"))
    assert f"¥{accrued:,.2f}" in text_of(approver.get(address))
    proposer.post(f"{address}/approval", {"reason": ""})
    assert "You asked for this yourself" in text_of(proposer.get(address))
    assert approver.post(f"{address}/approval", {"reason": ""}).status_code == 303
    carried_out(database, number, today=cast.TODAY, at=cast.NOW)
    assert "Settled" in text_of(proposer.get("/hq/rebate-settlements?state=settled"))
    dealer = signed_in(sign_in, cast.huadong.finance)
    statement = text_of(dealer.get("/rebate-statement"))
    assert "Cut by the budget" in statement and "What the columns mean" in statement
    assert f"¥{accrued:,.2f}" in statement
    [note] = set(re.findall(r"/rebate-notes/([\w-]+)", statement))
    of_dealer = text_of(dealer.get(f"/rebate-notes/{note}"))
    assert f"¥{accrued:,.2f}" in of_dealer and f'href="/rebates/{programme}"' in of_dealer
    assert f'href="/hq/rebate-notes/{note}"' in text_of(proposer.get(address))
    of_staff = text_of(proposer.get(f"/hq/rebate-notes/{note}"))
    assert f'href="{address}"' in of_staff and f'href="/hq/rebates/{programme}"' in of_staff
    assert signed_in(sign_in, cast.yuegang.finance).get(f"/rebate-notes/{note}").status_code == 404


def test_a_settlement_is_proposed_from_the_period_it_is_of(sign_in, programme):
    finance = signed_in(sign_in, cast.hq_finance)
    wanted = f"/hq/rebate-settlements/new?programme={programme}&amp;period={LAST}&amp;kind=final"
    for page in ("/hq/rebate-settlements/new", f"/hq/rebates/{programme}"):
        assert wanted in text_of(finance.get(page))
    finance.post("/hq/rebate-settlements", form(programme))
    for page in ("/hq/rebate-settlements/new", f"/hq/rebates/{programme}"):
        assert wanted not in text_of(finance.get(page))


def test_who_approves_reads_what_the_budget_cuts(sign_in, given, database):
    delivered(given, database, {cast.gauze: 40}, on=clock.last_day(LAST))
    days = {"valid_from": clock.first_day(LAST), "valid_to": MONTH_ENDS}
    _, number = published(database, **days, budget=Decimal("1.00"))
    reckoned(database)
    cut = earned_by(database, number, period=LAST).accrued - 1
    finance = signed_in(sign_in, cast.hq_finance)
    address = finance.post("/hq/rebate-settlements", form(number)).headers["Location"]
    assert f"¥{cut:,.2f} of what is due would be cut" in text_of(finance.get(address))


def test_what_was_typed_comes_back_with_what_is_wrong(sign_in, programme):
    finance = signed_in(sign_in, cast.hq_finance)
    answer = finance.post("/hq/rebate-settlements", form(programme, kind="provisional", note="my note"))
    assert answer.status_code == 422
    page = text_of(answer)
    assert "more than 0 and at most 100 per cent" in page and "my note" in page
    assert finance.post("/hq/rebate-settlements", form(programme, percent="abc")).status_code == 422
    assert finance.post("/hq/rebate-settlements", form("FL-NOBODYS")).status_code == 422
    finance.post("/hq/rebate-settlements", form(programme))
    assert finance.post("/hq/rebate-settlements", form(programme)).status_code == 409


def test_a_form_sent_twice_proposes_once(sign_in, programme):
    finance = signed_in(sign_in, cast.hq_finance)
    key = {"form_key": "one-and-the-same"}
    answers = [finance.post("/hq/rebate-settlements", form(programme) | key) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1


def test_what_is_owed_is_shown_by_month(sign_in, programme, database):
    finance = signed_in(sign_in, cast.hq_finance)
    assert "Nothing is posted yet" in text_of(finance.get("/hq/rebate-settlements/liability"))
    posted(database, LAST, today=cast.TODAY)
    page = text_of(finance.get("/hq/rebate-settlements/liability"))
    assert "Together" in page and "Rebate of the month" in page


def test_what_is_kept_for_later_invoices_is_shown_to_its_dealer(sign_in, given, database):
    delivered(given, database, {cast.gauze: 40}, on=clock.last_day(LAST))
    days = {"valid_from": clock.first_day(LAST), "valid_to": MONTH_ENDS}
    _, programme = published(database, usable_share=Decimal("12.5"), **days)
    reckoned(database)
    accrued = earned_by(database, programme, period=LAST).accrued
    settled(database, programme, LAST, today=cast.TODAY)
    page = text_of(signed_in(sign_in, cast.huadong.finance).get("/rebate-statement"))
    assert "Balance for later invoices" in page and "12.5%" in page and f"¥{accrued:,.2f}" in page


def test_a_note_is_taken_away_as_pdf_by_both_sides_and_by_no_rival(sign_in, database):
    number = a_note(database)
    for visitor, address in (
        (sign_in(cast.huadong.finance), f"/rebate-notes/{number}"),
        (sign_in(cast.hq_finance), f"/hq/rebate-notes/{number}"),
    ):
        assert f'href="{address}.pdf"' in visitor.get(address).get_data(as_text=True)
        answer = visitor.get(f"{address}.pdf")
        assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    assert sign_in(cast.yuegang.finance).get(f"/rebate-notes/{number}.pdf").status_code == 404
