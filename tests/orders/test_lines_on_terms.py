"""Lines with a discount, with bands of price, and gifts, on their whole road after the order: each of their
units is worth its share of the line.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.ledger.post_credit_note import Returned
from portal.orders import queries
from tests import cast
from tests.builders import Terms, a_lot
from tests.checks.acts import found
from tests.invariants import broken_promises
from tests.ledger.acts import balance, no_books_yet, returned
from tests.shipping.acts import account, cancelled, picked, put_back, released, retired, shipped
from tests.tampering import tampering

STRIPS = Terms(((30, "79.90"),), "88.31")  # 2,308.69 for 30, and 265.60 of it VAT
SYRINGES = Terms(((10, "0.85"), (40, "0.78"), (10, "0.72")), "0.03")
GIFT = Terms(gift=True)


@pytest.fixture
def strips(given):
    """A product with 60 pieces in stock."""
    product = given.a_product(price="79.90")
    given.stock_of(product, cast.shanghai_warehouse, a_lot("STRIP-1", 60))
    return product


@pytest.fixture
def order(given, strips):
    """30 strips for 2,308.69, 60 syringes in three bands for 46.87 and a gift of five gloves."""
    placed = given.an_order({strips: 30, cast.syringe: 60, cast.gloves: 5})
    given.on_terms(placed.number, {1: STRIPS, 2: SYRINGES, 3: GIFT})
    return placed.number


def sent(database, number: str, units: dict[int, int], on: date = cast.TODAY):
    """Some units of the order leave."""
    parcel = picked(database, number, quantities=units, today=on)
    return shipped(database, parcel.shipment_number, today=on)


def billed(owner, number: str) -> dict[int, tuple[str, str, str]]:
    """Amount, discount and tax by line of a document."""
    rows = owner.execute(
        text(
            "SELECT l.order_line_no, l.amount, l.discount, l.tax FROM invoice_line l"
            " JOIN invoice v ON (v.dealer_id, v.id) = (l.dealer_id, l.invoice_id) WHERE v.number = :number"
        ),
        {"number": number},
    )
    return {row.order_line_no: (str(row.amount), str(row.discount), str(row.tax)) for row in rows}


def test_the_order_is_worth_its_lines(order, database, owner):
    assert account(owner) == ("0.00", "2355.56")
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        shown = queries.order(session, order)
    assert shown.open_amount == shown.total == Decimal("2355.56")
    assert [(str(line.unit_price), str(line.discount), line.gift) for line in shown.lines] == [
        ("79.90", "88.31", False),
        ("0.78", "0.03", False),
        ("0.00", "0.00", True),
    ]


def test_parts_are_billed_by_their_shares(order, database, owner):
    bills = [sent(database, order, {1: 10, 2: 20, 3: 0}) for _ in range(2)]
    bills.append(sent(database, order, {1: 10, 2: 20, 3: 5}))
    lines = [billed(owner, bill.invoice_number) for bill in bills]
    assert [line[1] for line in lines] == [
        ("769.56", "29.44", "88.53"),
        ("769.57", "29.43", "88.54"),
        ("769.56", "29.44", "88.53"),
    ]
    assert sum(Decimal(line[2][0]) for line in lines) == Decimal("46.87")
    assert lines[2][3] == ("0.00", "0.00", "0.00")
    assert account(owner) == ("2355.56", "0.00")
    assert broken_promises(owner) == {}


def test_what_comes_back_gives_back_its_share_and_all_of_it_what_was_paid(order, database, owner):
    invoice = sent(database, order, {1: 30, 2: 60, 3: 5}).invoice_number
    notes = [returned(database, invoice, Returned(1, 10)) for _ in range(3)]
    assert [str(note.gross) for note in notes] == ["-769.56", "-769.57", "-769.56"]
    assert [str(note.tax) for note in notes] == ["-88.53", "-88.54", "-88.53"]
    gift = returned(database, invoice, Returned(3, 5))
    assert gift.gross == 0
    for units in (7, 20, 33):
        returned(database, invoice, Returned(2, units, "SY-EARLY"))
    assert balance(owner) == 0
    assert owner.execute(text("SELECT sum(net) FROM invoice")).scalar_one() == 0
    assert broken_promises(owner) == {}


@pytest.mark.parametrize("gone", [1, 3, 7, 10, 29])
def test_what_is_cancelled_behind_a_part_delivery_gives_back_the_rest_of_the_line(
    order, database, owner, gone
):
    bill = sent(database, order, {1: gone, 2: 10 * gone % 60, 3: 0})
    given_up = cancelled(database, order, by=cast.order_desk)
    assert bill.gross + given_up.amount == Decimal("2355.56")
    assert account(owner) == (str(bill.gross), "0.00")
    assert broken_promises(owner) == {}


@pytest.mark.parametrize(
    ("there", "worth"), [(12, "923.48"), (15, "1154.35"), (20, "1539.13"), (29, "2231.73")]
)
def test_units_that_are_missing_are_given_up_from_the_back(given, database, owner, there, worth):
    product = given.a_product(price="79.90")
    given.stock_of(
        product, cast.shanghai_warehouse, a_lot("GONE", 30, expires_on=cast.TODAY + timedelta(days=1))
    )
    number = given.an_order({product: 30}).number
    given.on_terms(number, {1: STRIPS})
    retired(database)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("NEW", there))
    released(database, number, cancel_missing=True)
    assert account(owner) == ("0.00", worth)
    bill = sent(database, number, {1: there})
    assert str(bill.gross) == worth and account(owner) == (worth, "0.00")
    assert broken_promises(owner) == {}


def test_all_checks_of_a_month_with_such_lines_agree(order, given, database, owner):
    last_month = clock.previous_period(clock.period_of(cast.TODAY))
    no_books_yet(owner)
    first = sent(database, order, {1: 11, 2: 20, 3: 5}, clock.last_day(last_month))
    picked(database, order, quantities={1: 3})
    put_back(database, order)
    returned(database, first.invoice_number, Returned(1, 4), Returned(3, 2))
    given.a_payment_by(cast.huadong, "500.00")
    given.a_closed_month(last_month)
    returned(database, first.invoice_number, Returned(1, 4))
    cancelled(database, order, by=cast.order_desk)
    assert broken_promises(owner) == {}
    assert found(database) == {}


@pytest.mark.parametrize(
    ("line", "values", "constraint"),
    [
        (1, "amount = amount + 0.01", None),
        (1, "amount = amount + 0.16", "ck_order_line_amount"),
        (1, "discount = discount - 0.16", "ck_order_line_amount"),
        (1, "amount = -0.01, tax = 0, discount = 2397.01", "ck_order_line_amount"),
        (1, "amount = 2397.10, discount = -0.10", "ck_order_line_discount"),
        (1, "gift = true", "ck_order_line_gift"),
        (3, "amount = 0.01", "ck_order_line_gift"),
        (3, "discount = 0.01", "ck_order_line_gift"),
    ],
)
def test_the_database_refuses_a_line_that_is_not_worth_its_price_less_its_discount(
    order, owner, line, values, constraint
):
    update = text(f"UPDATE order_line SET {values} WHERE line_no = :line")
    with tampering(owner, "order_line"):
        if constraint is None:
            owner.execute(update, {"line": line})
            return
        with pytest.raises(IntegrityError, match=constraint):
            owner.execute(update, {"line": line})
