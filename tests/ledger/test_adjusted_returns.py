"""Goods whose price was adjusted give back what was paid for them, however they come back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.ledger.post_credit_note import Returned
from tests import cast
from tests.disputes.acts import a_note_on
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, returned


def notes(owner) -> list[Decimal]:
    rows = owner.execute(text("SELECT gross FROM adjustment_note ORDER BY id"))
    return list(rows.scalars())


@pytest.mark.parametrize("gives", ["10.00", "-10.00", "0.07"])
def test_all_that_comes_back_gives_back_all_that_was_paid(given, database, owner, gives):
    invoice = delivered(given, database, {cast.syringe: 30}).invoice_number
    a_note_on(database, cast.huadong, invoice, gives=gives)
    for units in (7, 11, 12):
        returned(database, invoice, Returned(1, units))
    assert balance(owner) == 0
    assert sum(notes(owner)) == 0
    assert broken_promises(owner) == {}


def test_an_adjustment_after_a_return_concerns_what_is_still_away(given, database, owner):
    invoice = delivered(given, database, {cast.syringe: 30}).invoice_number
    returned(database, invoice, Returned(1, 10))
    a_note_on(database, cast.huadong, invoice, gives="10.00")
    returned(database, invoice, Returned(1, 5))
    assert notes(owner) == [Decimal("-10.00"), Decimal("2.50")]


def test_a_line_that_was_not_adjusted_has_no_note(given, database, owner):
    invoice = delivered(given, database, {cast.gloves: 3, cast.syringe: 30}).invoice_number
    a_note_on(database, cast.huadong, invoice, gives="1.00")
    returned(database, invoice, Returned(2, 1))
    assert len(notes(owner)) == 1


def test_lines_that_were_adjusted_either_way_come_back_together(given, database, owner):
    invoice = delivered(given, database, {cast.gloves: 3, cast.syringe: 30}).invoice_number
    a_note_on(database, cast.huadong, invoice, gives="10.00")
    a_note_on(database, cast.huadong, invoice, gives="-10.00", line=2)
    returned(database, invoice, Returned(1, 3), Returned(2, 30))
    assert sorted(notes(owner)) == [Decimal(-10), Decimal(-10), Decimal(10), Decimal(10)]
    assert balance(owner) == 0
    assert broken_promises(owner) == {}
