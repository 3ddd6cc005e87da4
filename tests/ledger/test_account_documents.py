"""Deposits, write-offs, refunds, opening balances, interest: each with its entry, bounds and reversal."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.kernel.db import transaction
from portal.ledger.post_interest import post_interest
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import balance, entry, journal, reversed_

DUE = cast.TODAY + timedelta(days=14)


def charged(database, amount="12.34", *, by=cast.hq_finance, dealer=cast.huadong, source="DL2611-1"):
    with transaction(database.session_for(by.actor())) as session:
        return post_interest(
            session,
            actor=by.actor(),
            dealer_id=dealer.id,
            amount=Decimal(amount),
            occurred_on=cast.TODAY,
            due_on=DUE,
            source=source,
            at=cast.NOW,
        )


def test_interest_is_a_debt_with_its_own_day(database, owner):
    number = charged(database).document_no
    assert journal(owner, number) == {"receivable": Decimal("12.34"), "interest_income": Decimal("-12.34")}
    booked = entry(owner, number)
    assert (booked.kind, booked.due_on, booked.reference) == ("interest", DUE, "DL2611-1")
    assert balance(owner) == Decimal("12.34")
    reversed_(database, number)
    assert balance(owner) == 0
    assert broken_promises(owner) == {}


@pytest.mark.parametrize(("amount", "source"), [("0.00", "DL2611-1"), ("-1.00", "DL2611-1"), ("1.00", "")])
def test_interest_of_nothing_or_for_nothing_is_a_fault_of_the_program(database, amount, source):
    with pytest.raises(ValueError, match="interest of"):
        charged(database, amount, source=source)
