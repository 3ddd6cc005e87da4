"""A period is settled once: what was accrued is paid by a note that links the invoices it was earned on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger.post_credit_note import Returned
from portal.rebates.rules import Basis
from portal.settlements.queries import run as one_run
from portal.settlements.queries import run_dealers
from portal.settlements.rules import SettlementKind
from tests import cast
from tests.checks.acts import found
from tests.ledger.acts import delivered, returned
from tests.races import together
from tests.rebates.acts import MONTH_ENDS, earned_by, percents, published, reckoned
from tests.settlements.acts import (
    APPROVER,
    PROPOSER,
    balance,
    carried_out,
    claimed,
    decided,
    notes,
    proposed,
    rows,
    settled,
)

MONTH = cast.TODAY.strftime("%Y-%m")
STATE = text("SELECT state FROM rebate_run WHERE number LIKE 'RS2%'")  # not that of the stage


def a_programme(given, database, lines=None, **said):
    """Deliveries in the month and what they earned: number of the programme, and what was accrued."""
    parcel = delivered(given, database, lines or {cast.gloves: 3, cast.gauze: 7})
    _, number = published(database, **said)
    reckoned(database)
    return parcel, number, earned_by(database, number).accrued


def test_what_was_accrued_is_paid_by_a_note_on_the_invoices_that_earned_it(given, database, owner):
    parcel, number, accrued = a_programme(given, database)
    owed = balance(owner)
    run = settled(database, number, MONTH)
    [row] = rows(owner)
    assert (row.kind, row.source, row.accrued, row.paid) == ("final", run, accrued, accrued)
    lines = notes(owner)
    assert {line.invoice for line in lines} == {parcel.invoice_number}
    assert sum(line.line_gross for line in lines) == lines[0].gross == -accrued
    assert lines[0].net + lines[0].tax == lines[0].gross
    assert lines[0].tax == sum(line.line_tax for line in lines) < 0
    assert balance(owner) == owed - accrued


def test_a_rebate_without_tax_is_paid_with_the_tax_on_top(given, database, owner):
    _, number, accrued = a_programme(given, database, {cast.gauze: 40}, basis=Basis.AMOUNT_NET)
    settled(database, number, MONTH)
    [note] = notes(owner)
    assert note.tax_rate == D("0.13")
    assert -note.gross == (accrued * D("1.13")).quantize(D("0.01"))


def test_a_period_is_settled_once(given, database, owner):
    _, number, accrued = a_programme(given, database)
    settled(database, number, MONTH)
    with pytest.raises(Conflict, match="nothing"):
        proposed(database, number, MONTH)
    with pytest.raises(Conflict) as refused:
        claimed(database, number, MONTH, "1.00")
    assert refused.value.code == "less_is_due"
    assert len(notes(owner)) == len({(note.number, note.invoice, note.tax_rate) for note in notes(owner)})
    assert sum(row.paid for row in rows(owner)) == accrued


def test_who_proposes_does_not_approve(given, database):
    _, number, _ = a_programme(given, database)
    run = proposed(database, number, MONTH)
    with pytest.raises(Forbidden):
        decided(database, run, person=PROPOSER)
    with pytest.raises(Forbidden):
        decided(database, run, person=cast.national_manager)
    decided(database, run, approve=False, reason="the figures are disputed")
    assert carried_out(database, run) == 0
    with pytest.raises(Conflict):
        decided(database, run)


def test_a_rejection_gives_its_reason(given, database):
    _, number, _ = a_programme(given, database)
    run = proposed(database, number, MONTH)
    with pytest.raises(Invalid):
        decided(database, run, approve=False)


def test_a_period_that_runs_is_not_settled_and_may_be_advanced(given, database, owner):
    _, number, accrued = a_programme(given, database)
    with pytest.raises(Invalid) as refused:
        proposed(database, number, MONTH, today=cast.TODAY)
    assert [fault.code for fault in refused.value.faults] == ["period_runs"]
    advance = settled(
        database, number, MONTH, kind=SettlementKind.PROVISIONAL, percent="60", today=MONTH_ENDS
    )
    [row] = rows(owner)
    paid = (accrued * D("0.6")).quantize(D("0.01"))
    assert (row.kind, row.source, row.accrued, row.advanced, row.paid) == (
        "provisional",
        advance,
        0,
        -paid,
        paid,
    )
    settled(database, number, MONTH)
    final = rows(owner)[-1]
    assert (final.advanced, final.paid) == (paid, accrued - paid)
    assert sum(row.paid for row in rows(owner)) == accrued


def test_an_advance_beyond_what_is_earned_in_the_end_is_taken_back(given, database, owner):
    parcel, number, accrued = a_programme(given, database, {cast.gauze: 50})
    settled(database, number, MONTH, kind=SettlementKind.PROVISIONAL, percent="100", today=MONTH_ENDS)
    returned(database, parcel.invoice_number, Returned(1, 20, "GZ-FRESH"))
    reckoned(database)
    now = earned_by(database, number).accrued
    owed = balance(owner)
    settled(database, number, MONTH)
    assert rows(owner)[-1].paid == now - accrued < 0
    assert balance(owner) == owed + accrued - now
    assert notes(owner)[-1].gross > 0


def test_what_comes_back_after_the_settlement_is_an_adjustment_of_its_period(given, database, owner):
    parcel, number, accrued = a_programme(given, database, {cast.gauze: 50})
    settled(database, number, MONTH)
    returned(database, parcel.invoice_number, Returned(1, 20, "GZ-FRESH"))  # dated within the month
    reckoned(database)
    adjustment = settled(database, number, MONTH, kind=SettlementKind.ADJUSTMENT)
    first, second = rows(owner)
    now = earned_by(database, number).accrued
    assert (second.kind, second.source, second.accrued) == ("adjustment", adjustment, now - accrued)
    assert first.paid + second.paid == now
    with pytest.raises(Conflict):
        proposed(database, number, MONTH, kind=SettlementKind.ADJUSTMENT)


def test_less_than_the_smallest_payout_waits_and_a_guaranteed_minimum_is_paid(given, database, owner):
    _, number, accrued = a_programme(given, database, minimum_payout=D("100000"))
    settled(database, number, MONTH)
    [row] = rows(owner)
    assert (row.carried_out, row.paid, row.note_no) == (accrued, 0, None)
    assert not notes(owner)
    _, guaranteed = published(database, guaranteed=D("9000"), title_en="Another")
    reckoned(database)
    settled(database, guaranteed, MONTH)
    row = rows(owner)[-1]
    assert (row.guaranteed, row.paid) == (9000 - accrued, 9000)
    assert notes(owner)[-1].gross == -9000


def test_what_waited_is_paid_with_the_next_period(given, database, owner):
    delivered(given, database, {cast.gauze: 10}, on=cast.TODAY)
    first = (cast.TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)
    _, number = published(database, valid_from=first, minimum_payout=D("50"))
    reckoned(database)
    owner.execute(
        text(
            "INSERT INTO rebate_settlement (dealer_id, programme_id, first_day, period, kind, source,"
            " accrued, guaranteed, carried_in, advanced, carried_out, cut, paid, settled_at,"
            " settled_by_label)"
            " SELECT :d, id, :day, :period, 'final', 'RS-BEFORE', 30, 0, 0, 0, 30, 0, 0, now(), 'x'"
            " FROM rebate_programme WHERE number = :n"
        ),
        {"d": cast.huadong.id, "day": first, "period": first.strftime("%Y-%m"), "n": number},
    )
    accrued = earned_by(database, number, period=MONTH).accrued
    settled(database, number, MONTH)
    final = next(row for row in rows(owner) if row.kind == "final" and row.source != "RS-BEFORE")
    assert final.carried_in == 30
    # What was settled of the month before is not accrued any more, and is taken back in its own line.
    adjusted = next(row for row in rows(owner) if row.kind == "adjustment")
    assert adjusted.paid == -30
    assert final.paid + adjusted.paid == accrued or final.carried_out


def test_a_budget_cuts_in_the_order_of_settlement_and_says_so(given, database, owner):
    delivered(given, database, {cast.gauze: 40})
    delivered(given, database, {cast.gauze: 40}, to=cast.suzhou)
    _, number = published(database, budget=D("12"))
    reckoned(database)
    settled(database, number, MONTH)
    paid = rows(owner)[0].paid + rows(owner, cast.suzhou)[0].paid
    assert paid == 12
    assert rows(owner)[0].cut + rows(owner, cast.suzhou)[0].cut > 0


def test_a_claim_settles_what_was_approved_and_cuts_the_rest(given, database, owner):
    _, number, accrued = a_programme(given, database)
    note = claimed(database, number, MONTH, "2.00")
    [row] = rows(owner)
    assert note.gross == row.paid == D("2.00")
    assert row.cut == accrued - 2
    with pytest.raises(Conflict):
        claimed(database, number, MONTH, "1.00", claim="CL2608-2")


def test_more_than_is_due_is_never_paid(given, database, owner):
    _, number, accrued = a_programme(given, database)
    with pytest.raises(Conflict) as refused:
        claimed(database, number, MONTH, str(accrued + D("0.01")))
    assert refused.value.code == "less_is_due"
    assert not rows(owner)
    assert not notes(owner)


def test_a_run_killed_in_the_middle_goes_on_and_pays_nobody_twice(given, database, owner):
    for dealer in (cast.huadong, cast.suzhou):
        delivered(given, database, {cast.gauze: 40}, to=dealer)
    _, number = published(database)
    reckoned(database)
    run = proposed(database, number, MONTH)
    decided(database, run)
    assert carried_out(database, run, most=1) == 1
    assert owner.execute(STATE).scalar_one() == "approved"
    carried_out(database, run)
    for dealer in (cast.huadong, cast.suzhou):
        assert [row.source for row in rows(owner, dealer)] == [run]
    assert owner.execute(STATE).scalar_one() == "settled"


def test_a_claim_and_a_run_at_once_pay_once(given, database, owner):
    _, number, accrued = a_programme(given, database)
    run = proposed(database, number, MONTH)
    decided(database, run)
    acts = (lambda: carried_out(database, run), lambda: claimed(database, number, MONTH, str(accrued)))
    results = together(2, lambda place: acts[place]())
    assert sum(row.paid for row in rows(owner)) == accrued, results
    assert len({note.number for note in notes(owner)}) == 1


def test_two_proposals_of_a_period_at_once_are_one(given, database, owner):
    _, number, _ = a_programme(given, database)
    people = (PROPOSER, APPROVER)
    together(2, lambda place: proposed(database, number, MONTH, person=people[place]))
    assert owner.execute(text("SELECT count(*) FROM rebate_run WHERE number LIKE 'RS2%'")).scalar_one() == 1


def test_what_was_settled_never_changes(given, database, owner):
    _, number, _ = a_programme(given, database)
    settled(database, number, MONTH)
    for table in ("rebate_settlement", "rebate_note", "rebate_note_line"):
        with pytest.raises(Exception, match=r"append|change|never|issued"):
            owner.execute(text(f"DELETE FROM {table}"))


def test_an_unknown_period_or_programme_is_said(given, database):
    _, number, _ = a_programme(given, database)
    with pytest.raises(Invalid) as refused:
        proposed(database, number, "2020-01")
    assert refused.value.faults[0].code == "unknown_period"
    with pytest.raises(NotFound):
        proposed(database, "FL-NONE", MONTH)
    with pytest.raises(Invalid) as refused:
        proposed(database, number, MONTH, kind=SettlementKind.PROVISIONAL, percent="101")
    assert refused.value.faults[0].pointer == "/percent"


def test_what_a_claim_cut_is_not_taken_back_when_goods_return(given, database, owner):
    parcel, number, accrued = a_programme(given, database, {cast.gauze: 50})
    claimed(database, number, MONTH, "2.00")
    returned(database, parcel.invoice_number, Returned(1, 20, "GZ-FRESH"))
    reckoned(database)
    assert 2 < earned_by(database, number).accrued < accrued
    settled(database, number, MONTH, kind=SettlementKind.ADJUSTMENT)
    assert sum(row.paid for row in rows(owner)) == 2
    assert rows(owner)[-1].cut < 0 and not found(database)


def test_a_run_goes_on_where_a_dealer_has_left_the_programme_meanwhile(given, database, owner):
    for dealer in (cast.huadong, cast.suzhou):
        delivered(given, database, {cast.gauze: 40}, to=dealer)
    _, number = published(database)
    reckoned(database)
    run = proposed(database, number, MONTH)
    decided(database, run)
    withdrawn = text(
        "UPDATE rebate_programme SET ended_on = valid_from - 1, state = 'withdrawn', withdrawn_at = now(),"
        " withdrawn_by = 'user:5', withdrawn_by_label = 'x', reason = 'x', revision = revision + 1"
        " WHERE number = :n"
    )
    owner.execute(withdrawn, {"n": number})
    assert carried_out(database, run) == 0
    assert owner.execute(STATE).scalar_one() == "settled"


def test_an_advance_that_the_budget_makes_smaller_is_taken_off_as_it_was_paid(given, database, owner):
    _, number, accrued = a_programme(given, database, {cast.gauze: 40}, budget=D("2"))
    settled(database, number, MONTH, kind=SettlementKind.PROVISIONAL, percent="100", today=MONTH_ENDS)
    [row] = rows(owner)
    assert (row.advanced, row.paid, row.cut) == (-2, 2, 0)
    owner.execute(text("UPDATE rebate_budget SET amount = 9999 WHERE programme_id IS NOT NULL"))
    settled(database, number, MONTH)
    assert sum(row.paid for row in rows(owner)) == accrued > 2 and not found(database)


def test_what_is_taken_back_is_free_in_the_budget_again(given, database, owner):
    parcel, number, accrued = a_programme(given, database, {cast.gauze: 50}, budget=D("9999"))
    settled(database, number, MONTH)
    returned(database, parcel.invoice_number, Returned(1, 20, "GZ-FRESH"))
    reckoned(database)
    settled(database, number, MONTH, kind=SettlementKind.ADJUSTMENT)
    now = earned_by(database, number).accrued
    spent = owner.execute(text("SELECT spent FROM rebate_budget WHERE programme_id IS NOT NULL")).scalar_one()
    assert spent == now < accrued
    assert not found(database)


def test_whom_nothing_is_paid_is_left_out_of_the_figures(given, database, owner):
    delivered(given, database, {cast.gauze: 4}, to=cast.suzhou)
    _, number, _ = a_programme(given, database, {cast.gauze: 40}, tiers_of=percents(("200", "2")))
    run = proposed(database, number, MONTH)
    dealers = text("SELECT dealers FROM rebate_run WHERE number = :run")
    assert owner.execute(dealers, {"run": run}).scalar_one() == 1
    staff = APPROVER.actor()
    with database.staff_session(staff) as session:
        page = run_dealers(session, one_run(session, run, actor=staff))
    assert [one.dealer_code for one in page.items] == [cast.huadong.code]
