"""Reversals: the opposite is posted, once; the first entry stays as it was."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, entry, paid, reversed_
from tests.races import failures, together
from tests.shipping.acts import audited


def test_a_reversed_payment_is_owed_again(given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    posted = paid(database, "150.00")
    undone = reversed_(database, posted.document_no)
    assert undone.receivable == 150
    assert balance(owner) == done.gross
    assert audited(owner, posted.document_no) == ["payment:posted", "entry:reversed"]
    assert broken_promises(owner) == {}


def test_the_first_entry_stays_and_the_second_points_to_it(database, owner):
    posted = paid(database, "150.00", on=cast.TODAY - timedelta(days=3))
    reversed_(database, posted.document_no)
    first, second = entry(owner, posted.document_no, "payment"), entry(owner, posted.document_no, "reversal")
    assert (first.receivable, first.occurred_on) == (Decimal(-150), cast.TODAY - timedelta(days=3))
    assert (second.receivable, second.occurred_on, second.reverses_id) == (Decimal(150), cast.TODAY, first.id)


def test_an_entry_is_reversed_once(database):
    posted = paid(database, "150.00")
    reversed_(database, posted.document_no)
    with pytest.raises(Conflict) as refusal:
        reversed_(database, posted.document_no)
    assert refusal.value.code == "already_reversed"


def test_two_at_once_reverse_once(database, owner):
    posted = paid(database, "150.00")
    outcomes = together(4, lambda _: reversed_(database, posted.document_no))
    assert {failure.code for failure in failures(outcomes)} == {"already_reversed"}
    assert balance(owner) == 0


def test_an_invoice_is_credited_not_reversed(given, database):
    done = delivered(given, database, {cast.gloves: 1})
    with pytest.raises(Conflict) as refusal:
        reversed_(database, done.invoice_number)
    assert refusal.value.code == "not_reversible"


def test_a_reason_is_needed(database):
    posted = paid(database, "150.00")
    with pytest.raises(Invalid):
        reversed_(database, posted.document_no, reason="  ")


def test_another_dealers_entry_is_not_found(database):
    posted = paid(database, "150.00")
    with pytest.raises(NotFound):
        reversed_(database, posted.document_no, dealer=cast.yuegang)


def test_only_headquarters_finance_reverses(database):
    posted = paid(database, "150.00")
    with pytest.raises(Forbidden):
        reversed_(database, posted.document_no, by=cast.order_desk)
