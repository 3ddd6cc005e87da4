"""What a claim is worth, and the notes that pay it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.claims.entry import ClaimEntry, ProtectedLine
from portal.claims.rules import ClaimKind, Treatment
from portal.kernel.errors import Conflict, Invalid
from tests import cast
from tests.builders import net
from tests.checks.acts import found
from tests.claims.acts import (
    FINANCE,
    LAST_MONTH,
    LAST_MONTH_ENDS,
    MANAGER,
    SECOND,
    a_programme,
    an_invoice,
    claimed,
    decided,
    drafted,
    expenses,
    of_period,
    seen,
    submitted,
    withdrawn,
)
from tests.dealerstock.acts import counted, reported
from tests.ledger.acts import delivered
from tests.played import played
from tests.rebates import acts as rebates
from tests.settlements import acts as settlements
from tests.tampering import tampering

CUT_ON = cast.TODAY - timedelta(days=1)


def notes(owner, number):
    query = text(
        "SELECT n.number, n.treatment, n.gross, n.tax, array_agg(l.invoice ORDER BY l.line_no) AS invoices,"
        " array_agg(-l.gross ORDER BY l.line_no) AS parts"
        "  FROM rebate_note n JOIN rebate_note_line l ON (l.dealer_id, l.note_id) = (n.dealer_id, n.id)"
        " WHERE n.source = :number GROUP BY n.id, n.number, n.treatment, n.gross, n.tax ORDER BY n.id"
    )
    return owner.execute(query, {"number": number}).all()


def test_a_period_is_settled_by_its_claim_and_its_note_names_the_invoices(given, database, owner):
    number = claimed(database, of_period(a_programme(given, database)))
    made = decided(database, number)
    [note] = notes(owner, number)
    assert (made.note, note.gross, note.treatment) == (note.number, D("-16.00"), "price_reduction")
    assert note.tax < 0 and all(invoice.startswith("IN") for invoice in note.invoices)
    assert seen(database, number).paid_no == note.number
    assert not found(database)


def test_less_settles_the_period_for_less_and_nothing_is_due_any_more(given, database, owner):
    programme = a_programme(given, database)
    number = claimed(database, of_period(programme))
    decided(database, number, amount="10.00", reason="returns")
    assert [note.gross for note in notes(owner, number)] == [D("-10.00")]
    assert not found(database)


def test_what_is_granted_beyond_the_calculation_is_a_note_of_its_own(given, database, owner):
    owner.execute(text("UPDATE rebate_claim_chain SET above_amount = 0 WHERE kind = 'period' AND place = 2"))
    number = claimed(database, of_period(a_programme(given, database), "50.00"))
    decided(database, number)
    decided(database, number, by=FINANCE, reason="agreed with the board")
    assert [(note.gross, note.invoices) for note in notes(owner, number)][1] == (D("-34.00"), [""])
    assert seen(database, number).approved == D("50.00") and not found(database)


def test_a_claim_on_a_period_that_a_run_has_settled_meanwhile_pays_nothing_more(given, database, owner):
    owner.execute(text("UPDATE rebate_claim_chain SET above_amount = 0 WHERE kind = 'period' AND place = 2"))
    programme = a_programme(given, database)
    number = claimed(database, of_period(programme, "50.00"))
    settlements.settled(database, programme, LAST_MONTH, today=cast.TODAY)
    decided(database, number)
    with pytest.raises(Conflict, match="already_settled"):
        decided(database, number, by=FINANCE, reason="agreed with the board")
    assert not notes(owner, number)


def test_what_is_kept_as_a_balance_is_refused_when_it_is_claimed(given, database):
    programme = a_programme(given, database, usable_share=D(10))
    with pytest.raises(Invalid) as refused:
        drafted(database, of_period(programme))
    assert [(one.pointer, one.code) for one in refused.value.faults] == [("/programme", "kept_as_balance")]


def test_a_service_carries_no_tax_and_a_price_reduction_is_taken_off_what_was_billed_last(
    given, database, owner
):
    older = delivered(given, database, {cast.gloves: 10}, on=LAST_MONTH_ENDS)
    latest = delivered(given, database, {cast.gloves: 5})
    service = claimed(database, expenses())
    decided(database, service)
    [note] = notes(owner, service)
    assert (note.treatment, note.gross, note.tax, note.invoices) == ("service", D("-8000.00"), 0, [""])
    reduction = claimed(
        database,
        expenses("350.00", invoices=(an_invoice("2", "350.00"),), treatment=Treatment.PRICE_REDUCTION),
    )
    decided(database, reduction)
    [note] = notes(owner, reduction)
    assert note.invoices == [latest.invoice_number, older.invoice_number, ""]
    assert note.tax < 0 and sum(note.parts) == D("350.00") and not found(database)


def protection(*lines: ProtectedLine, **said) -> ClaimEntry:
    return ClaimEntry(kind=ClaimKind.PRICE_PROTECTION, first_day=CUT_ON, last_day=CUT_ON, lines=lines, **said)


@played
def held(given, database, owner):
    """Thirty pairs of gloves at Huadong, of which it counted twelve; the price was cut the day before."""
    parcel = delivered(given, database, {cast.gloves: 30}, on=LAST_MONTH_ENDS)
    given.a_receipt_of(parcel.shipment_number, by=cast.huadong.buyer)
    with tampering(owner, "shipment"):  # the clock of the test stands still
        owner.execute(text("UPDATE shipment SET received_at = received_at - interval '20 days'"))
    reported(database, [counted("GLOVES", cast.gloves_lot.lot_no, 12, CUT_ON)], as_of=CUT_ON)
    moment = datetime.combine(CUT_ON, time(0), cast.ZONE)
    given.a_policy(
        net("15.00", dealer=cast.huadong, product=cast.gloves), valid_from=moment, published_at=moment
    )


def test_price_protection_is_calculated_from_what_was_held_and_the_cut_that_there_was(held, database, owner):
    line = ProtectedLine("GLOVES", 20, D("21.00"), D("15.00"))
    number = claimed(database, protection(line))
    detail = seen(database, number, by=MANAGER)
    known = detail.known["GLOVES"]
    assert (known.held, known.old_price, known.new_price) == (12, D("20.00"), D("15.00"))
    assert (detail.asked, detail.calculated_now) == (D("120.00"), D("60.00"))
    assert [str(doubt) for doubt in detail.doubts] == ["above_calculated", "no_evidence"]
    decided(database, number, amount="60.00", reason="as counted")
    [note] = notes(owner, number)
    assert note.treatment == "price_reduction" and note.gross == D("-60.00") and not found(database)


def test_an_unknown_product_and_one_without_a_price_protect_nothing(held, database, given):
    without = given.a_product(price=None)
    line = ProtectedLine(without.sku, 2, D("10.00"), D("8.00"))
    assert seen(database, drafted(database, protection(line)).number).calculated == 0
    with pytest.raises(Invalid) as refused:
        drafted(database, protection(ProtectedLine("NONE", 2, D("10.00"), D("8.00"))))
    assert [fault.pointer for fault in refused.value.faults] == ["/lines/0/sku"]


def test_a_programme_without_tax_is_paid_with_the_tax_on_top(given, database, owner):
    programme = a_programme(given, database, basis=rebates.Basis.AMOUNT_NET)
    number = claimed(database, of_period(programme))
    made = decided(database, number)
    [note] = notes(owner, number)
    assert -note.gross > made.approved and not found(database)


def test_high_expenses_are_paid_when_the_last_of_three_has_signed(database, owner):
    number = claimed(database, expenses("150000.00", invoices=(an_invoice(amount="150000.00"),)))
    for who in (MANAGER, FINANCE):
        decided(database, number, by=who)
        assert not notes(owner, number)
    decided(database, number, by=SECOND)
    assert [note.gross for note in notes(owner, number)] == [D("-150000.00")]
    assert not found(database)


def test_a_price_cut_is_claimed_once_for_each_product(held, database):
    line = ProtectedLine("GLOVES", 12, D("20.00"), D("15.00"))
    first = claimed(database, protection(line))
    again = drafted(database, protection(ProtectedLine("GLOVES", 11, D("20.00"), D("15.00")))).number
    with pytest.raises(Invalid) as refused:
        submitted(database, again)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/lines/0/sku", "cut_used")]
    assert not found(database)
    withdrawn(database, first)
    submitted(database, again)
    assert not found(database)


def test_lines_that_come_to_more_than_can_be_asked_are_refused_at_the_amount(held, database):
    line = ProtectedLine("GLOVES", 1_000_000, D("999999999.00"), D("1.00"))
    with pytest.raises(Invalid) as refused:
        drafted(database, protection(line))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/amount", "amount")]


def test_a_claim_under_a_programme_that_was_withdrawn_is_decided_as_worth_nothing(given, database, owner):
    owner.execute(text("UPDATE rebate_claim_chain SET above_amount = 0 WHERE kind = 'period' AND place = 2"))
    programme = a_programme(given, database)
    number = claimed(database, of_period(programme))
    owner.execute(
        text(
            "UPDATE rebate_programme SET ended_on = valid_from - 1, state = 'withdrawn', reason = 'x',"
            " withdrawn_at = now(), withdrawn_by = 'user:999', withdrawn_by_label = 'x',"
            " revision = revision + 1"
            " WHERE number = :number"
        ),
        {"number": programme},
    )
    rebates.reckoned(database)
    decided(database, number)
    with pytest.raises(Invalid):
        decided(database, number, by=FINANCE)
    decided(database, number, by=FINANCE, reason="promised before")
    assert [note.gross for note in notes(owner, number)] == [D("-16.00")] and not found(database)
