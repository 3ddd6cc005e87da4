"""Returns: the units go back to their lots, the money and its tax back to the dealer, never more than was
shipped.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.errors import Forbidden, Invalid, NotFound
from portal.ledger.post_credit_note import Returned
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, entry, journal, returned
from tests.races import failures, together
from tests.shipping.acts import audited, level, lots


@pytest.fixture
def gauze(given, database):
    """Fifty shipped swabs: 30 of GZ-SHORT and 20 of GZ-FRESH in line 1."""
    return delivered(given, database, {cast.gauze: 50})


def faults(database, invoice_number, *lines, **how):
    with pytest.raises(Invalid) as refusal:
        returned(database, invoice_number, *lines, **how)
    return {fault.pointer: fault.code for fault in refusal.value.faults}


def test_what_comes_back_lies_in_its_lot_again(gauze, database, owner):
    returned(database, gauze.invoice_number, Returned(1, 5, "GZ-FRESH"))
    assert lots(owner, cast.gauze)["GZ-FRESH"] == (55, 0, "saleable")
    assert level(owner, cast.gauze) == (55, 0)
    assert broken_promises(owner) == {}


def test_the_dealer_owes_less_by_price_and_tax(gauze, database, owner):
    before = balance(owner)
    note = returned(database, gauze.invoice_number, Returned(1, 5, "GZ-FRESH"))
    assert balance(owner) == before + note.gross
    assert note.gross == -5 * owner.execute(text("SELECT unit_price FROM order_line")).scalar_one()
    assert journal(owner, note.number) == {
        "receivable": note.gross,
        "revenue": -note.net,
        "output_vat": -note.tax,
    }
    assert entry(owner, note.number).kind == "credit_note"


def test_everything_returned_in_parts_leaves_nothing_not_even_a_fen_of_tax(gauze, database, owner):
    for units, lot in ((7, "GZ-SHORT"), (23, "GZ-SHORT"), (1, "GZ-FRESH"), (19, "GZ-FRESH")):
        returned(database, gauze.invoice_number, Returned(1, units, lot))
    sums = owner.execute(
        text("SELECT sum(gross) AS gross, sum(tax) AS tax, sum(net) AS net FROM invoice")
    ).one()
    assert tuple(sums) == (0, 0, 0)
    assert balance(owner) == 0
    assert broken_promises(owner) == {}


def test_a_lot_blocked_meanwhile_takes_its_units_back_unsold(gauze, database, owner):
    owner.execute(
        text("UPDATE lot_stock SET state = 'blocked' WHERE lot_id = :l"), {"l": cast.gauze_lot_short_dated.id}
    )
    returned(database, gauze.invoice_number, Returned(1, 4, "GZ-SHORT"))
    assert lots(owner, cast.gauze)["GZ-SHORT"] == (0, 0, "blocked")
    assert (
        owner.execute(
            text("SELECT quarantined FROM lot_stock WHERE lot_id = :l"), {"l": cast.gauze_lot_short_dated.id}
        ).scalar_one()
        == 4
    )
    assert level(owner, cast.gauze) == (50, 0)
    assert broken_promises(owner) == {}


def test_the_lot_has_to_be_named_where_there_are_several(gauze, database):
    assert faults(database, gauze.invoice_number, Returned(1, 5)) == {"/lines/0/lot": "which_lot"}


def test_one_lot_needs_no_name(given, database, owner):
    done = delivered(given, database, {cast.gloves: 3})
    returned(database, done.invoice_number, Returned(1, 3))
    assert balance(owner) == 0


def test_every_fault_is_told_at_once(gauze, database):
    wrong = (
        Returned(9, 1),
        Returned(1, 1, "NO-SUCH"),
        Returned(1, 31, "GZ-SHORT"),
        Returned(1, 0, "GZ-FRESH"),
    )
    assert faults(database, gauze.invoice_number, *wrong, reason=" ") == {
        "/reason": "reason_missing",
        "/lines/0/line": "unknown_line",
        "/lines/1/lot": "which_lot",
        "/lines/2/quantity": "quantity_out_of_range",
        "/lines/3/quantity": "quantity_out_of_range",
    }


def test_nothing_named_is_nothing_returned(gauze, database):
    assert faults(database, gauze.invoice_number) == {"/lines": "no_lines"}


def test_the_same_lot_named_twice_is_added_up(gauze, database):
    lines = (Returned(1, 15, "GZ-SHORT"), Returned(1, 16, "GZ-SHORT"))
    assert faults(database, gauze.invoice_number, *lines) == {"/lines/1/quantity": "quantity_out_of_range"}


def test_what_came_back_cannot_come_back_again(gauze, database):
    returned(database, gauze.invoice_number, Returned(1, 20, "GZ-FRESH"))
    assert faults(database, gauze.invoice_number, Returned(1, 1, "GZ-FRESH")) == {
        "/lines/0/quantity": "quantity_out_of_range"
    }


def test_two_at_once_cannot_return_the_same_units(gauze, database, owner):
    outcomes = together(4, lambda _: returned(database, gauze.invoice_number, Returned(1, 12, "GZ-FRESH")))
    assert len(failures(outcomes)) == 3
    assert all(isinstance(failure, Invalid) for failure in failures(outcomes))
    assert broken_promises(owner) == {}


def test_a_credit_note_cannot_be_credited(gauze, database):
    note = returned(database, gauze.invoice_number, Returned(1, 5, "GZ-FRESH"))
    with pytest.raises(NotFound):
        returned(database, note.number, Returned(1, 5, "GZ-FRESH"))


@pytest.mark.parametrize("person", [cast.order_desk, cast.quality, cast.huadong.finance, cast.yuegang.boss])
def test_only_headquarters_finance_gives_money_back(gauze, database, person):
    with pytest.raises(Forbidden):
        returned(database, gauze.invoice_number, Returned(1, 5, "GZ-FRESH"), by=person)


def test_the_audit_knows_why(gauze, database, owner):
    note = returned(database, gauze.invoice_number, Returned(1, 5, "GZ-FRESH"), reason=" 包装破损 ")
    assert audited(owner, note.number) == ["credit_note:posted"]
    reason = owner.execute(
        text("SELECT reason FROM audit_event WHERE subject = :n"), {"n": note.number}
    ).scalar_one()
    assert reason == "包装破损"


def test_credit_is_negative_and_due_at_once(gauze, database, owner):
    note = returned(database, gauze.invoice_number, Returned(1, 5, "GZ-FRESH"))
    assert note.gross < 0 and note.tax < 0 and note.net + note.tax == note.gross
    assert note.due_on == cast.TODAY
    assert isinstance(note.gross, Decimal)
