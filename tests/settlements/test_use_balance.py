"""A rebate that is kept pays later invoices their share, each once, and never more than there is."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from sqlalchemy import text

from portal.checks.run_checks import CHECKS
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict
from portal.ledger.post_credit_note import Returned
from portal.settlements.rules import usable_on
from portal.settlements.use_balance import balance_left, dealers_to_pay, use_balances
from tests import cast
from tests.ledger.acts import delivered, returned
from tests.races import together
from tests.rebates.acts import earned_by, published, reckoned
from tests.settlements.acts import AFTER, LATER, balance, claimed, notes, settled

MONTH = cast.TODAY.strftime("%Y-%m")
FEN = st.decimals(0, 10**6, places=2)


@pytest.fixture
def programme(given, database) -> str:
    """Huadong has earned something under a programme whose rebates pay 10 % of later invoices."""
    delivered(given, database, {cast.gauze: 40})
    _, number = published(database, usable_share=D(10))
    reckoned(database)
    return number


def used(database, dealer=cast.huadong) -> int:
    with transaction(database.system_session()) as session:
        assert dealers_to_pay(session, after=0, limit=9) in ([], [dealer.id])
    with transaction(database.system_session()) as session:
        return use_balances(session, actor=SYSTEM, dealer_id=dealer.id, on=AFTER, at=LATER)


def left(database) -> D:
    with transaction(database.system_session()) as session:
        return sum((one.balance for one in balance_left(session, dealer_id=cast.huadong.id)), D(0))


def differences(owner) -> list:
    wanted = [one for one in CHECKS if one.name.startswith(("settlements", "ledger"))]
    return [row for one in wanted for row in owner.execute(text(one.sql)).all()]


def test_what_is_settled_is_kept_and_pays_a_share_of_what_is_bought_later(given, database, owner, programme):
    accrued, owed = earned_by(database, programme).accrued, balance(owner)
    settled(database, programme, MONTH)
    assert (left(database), balance(owner), notes(owner)) == (accrued, owed, [])
    assert used(database) == 0
    invoice = delivered(given, database, {cast.gauze: 4}, on=AFTER).invoice_number
    gross = balance(owner) - owed
    assert used(database) == 1
    [note] = notes(owner)
    share = (gross / 10).quantize(D("0.01"))
    assert (note.invoice, note.source, -note.gross) == (invoice, invoice, share)
    assert (left(database), balance(owner)) == (accrued - share, owed + gross - share)
    assert used(database) == 0
    assert differences(owner) == []


def test_a_share_is_reckoned_after_what_came_back(given, database, owner, programme):
    settled(database, programme, MONTH)
    kept = delivered(given, database, {cast.gauze: 10}, on=AFTER).invoice_number
    gone = delivered(given, database, {cast.gauze: 4}, on=AFTER).invoice_number
    for invoice, units in ((kept, 4), (gone, 4)):
        returned(database, invoice, Returned(1, units, "GZ-FRESH"), on=AFTER)
    query = text("SELECT gross FROM invoice WHERE number = :n")
    gross = owner.execute(query, {"n": kept}).scalar_one() * 6 / 10
    assert used(database) == 1
    [note] = notes(owner)
    assert (note.invoice, -note.gross) == (kept, (gross / 10).quantize(D("0.01")))
    with transaction(database.system_session()) as session:
        assert dealers_to_pay(session, after=0, limit=9) == []
    assert differences(owner) == []


def test_no_more_is_used_than_is_left(given, database, owner, programme):
    accrued = earned_by(database, programme).accrued
    settled(database, programme, MONTH)
    for _ in range(3):
        delivered(given, database, {cast.gauze: 10}, on=AFTER)
    assert used(database) >= 1
    assert left(database) == 0
    assert sum(-note.line_gross for note in notes(owner)) == accrued
    assert differences(owner) == []


def test_two_workers_at_once_pay_once(given, database, owner, programme):
    settled(database, programme, MONTH)
    delivered(given, database, {cast.gauze: 4}, on=AFTER)
    assert sorted(together(2, lambda place: used(database))) == [0, 1]
    assert len(notes(owner)) == 1


def test_what_is_kept_is_not_claimed(database, programme):
    with pytest.raises(Conflict) as refused:
        claimed(database, programme, MONTH, "1.00")
    assert refused.value.code == "kept_as_balance"


@examples(FEN, FEN, FEN, st.decimals("0.01", 100, places=2))
def test_a_share_is_never_more_than_invoice_balance_or_per_cent(gross, paid, kept, share):
    amount = usable_on(gross, max(gross - paid, D(0)), kept, share)
    assert 0 <= amount <= min(max(gross - paid, D(0)), kept)
    assert amount <= gross * share / 100 + D("0.005")
