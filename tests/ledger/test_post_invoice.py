"""Invoices: one a shipment, split by line, due after the terms, adding up to the order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text

from portal.kernel.money import tax_within
from tests import cast
from tests.builders import amount_off
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, entry, journal
from tests.shipping.acts import audited, picked, shipped


def invoice(owner, number):
    return owner.execute(text("SELECT * FROM invoice WHERE number = :n"), {"n": number}).one()


def test_an_invoice_is_posted_to_receivable_revenue_and_vat(given, database, owner):
    done = delivered(given, database, {cast.syringe: 20, cast.gloves: 3})
    billed = invoice(owner, done.invoice_number)
    assert billed.gross == done.gross == balance(owner)
    assert journal(owner, done.invoice_number) == {
        "receivable": billed.gross,
        "revenue": -billed.net,
        "output_vat": -billed.tax,
    }


def test_an_invoice_is_due_after_the_dealers_terms(given, database, owner):
    done = delivered(given, database, {cast.gloves: 1})
    terms = owner.execute(
        text("SELECT payment_terms_days FROM dealer WHERE id = :d"), {"d": cast.huadong.id}
    ).scalar_one()
    assert invoice(owner, done.invoice_number).due_on == cast.TODAY + timedelta(days=terms)
    assert entry(owner, done.invoice_number).due_on == cast.TODAY + timedelta(days=terms)


def test_the_entry_refers_to_the_order(given, database, owner):
    order = given.an_order({cast.gloves: 1})
    done = shipped(database, picked(database, order.number).shipment_number)
    assert entry(owner, done.invoice_number).reference == order.number


def test_tax_is_split_by_line(given, database, owner):
    done = delivered(given, database, {cast.syringe: 30, cast.gloves: 7})
    lines = owner.execute(text("SELECT * FROM invoice_line ORDER BY line_no")).all()
    assert [line.tax for line in lines] == [tax_within(line.amount, line.tax_rate) for line in lines]
    assert sum(line.tax for line in lines) == invoice(owner, done.invoice_number).tax


def test_the_invoices_of_part_shipments_add_up_to_the_order_exactly(given, database, owner):
    order = given.an_order({cast.syringe: 70})
    for units in (10, 10, 20, 30):
        shipped(database, picked(database, order.number, quantities={1: units}).shipment_number)
    sums = owner.execute(
        text("SELECT count(*) AS n, sum(gross) AS gross, sum(tax) AS tax FROM invoice")
    ).one()
    assert (sums.n, str(sums.gross), str(sums.tax)) == (4, order.answer["total"], order.answer["tax"])
    assert broken_promises(owner) == {}


def test_the_audit_says_what_was_billed(given, database, owner):
    done = delivered(given, database, {cast.gloves: 1})
    assert audited(owner, done.invoice_number) == ["invoice:posted"]


def test_a_gift_is_billed_at_nothing(given, database, owner):
    given.a_policy(amount_off("25.00", product=cast.gloves, dealer=cast.huadong))
    done = delivered(given, database, {cast.gloves: 2})
    assert done.gross == Decimal(0)
    assert journal(owner, done.invoice_number) == {"receivable": Decimal(0)}


def test_posting_takes_as_many_round_trips_for_two_lines_as_for_one(given, database, count_statements):
    delivered(given, database, {cast.gloves: 1})
    counts = []
    for lines in ({cast.gloves: 3}, {cast.syringe: 20, cast.gloves: 3}):
        parcel = picked(database, given.an_order(lines).number)
        with count_statements() as counted:
            shipped(database, parcel.shipment_number)
        counts.append(len(counted))
    assert counts[0] == counts[1]
