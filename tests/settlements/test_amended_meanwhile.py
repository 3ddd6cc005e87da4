"""A programme is amended while its period is settled: the dealer ends with what it earned."""

from __future__ import annotations

from portal.settlements.rules import SettlementKind
from tests import cast
from tests.ledger.acts import delivered
from tests.races import together
from tests.rebates import acts as rebates
from tests.settlements.acts import claimed, rows, settled

MONTH = cast.TODAY.strftime("%Y-%m")


def test_a_claim_and_an_amendment_at_once_end_with_what_was_earned(given, database, owner):
    delivered(given, database, {cast.gauze: 40})
    programme, number = rebates.published(database)
    rebates.reckoned(database)
    before = rebates.earned_by(database, number).accrued
    amendment = rebates.approved_amendment(
        database, programme, rebates.amending(rebates.MONTH_BEGINS, ("0", "3"))
    )
    acts = (
        lambda: claimed(database, number, MONTH, str(before)),
        lambda: rebates.publish_an_amendment(database, amendment),
    )
    assert not [one for one in together(2, lambda place: acts[place]()) if isinstance(one, Exception)]
    rebates.reckoned(database)
    after = rebates.earned_by(database, number).accrued
    assert after > before
    [final] = rows(owner)
    assert final.paid == before
    # Settled first, the rest is an adjustment; amended first, what the claim did not ask for is cut.
    if final.accrued == before:
        settled(database, number, MONTH, kind=SettlementKind.ADJUSTMENT)
        assert sum(row.paid for row in rows(owner)) == after
    else:
        assert final.cut == after - before


def test_an_amendment_of_a_settled_period_is_paid_in_a_line_of_its_own(given, database, owner):
    delivered(given, database, {cast.gauze: 40})
    programme, number = rebates.published(database)
    rebates.reckoned(database)
    settled(database, number, MONTH)
    before = rebates.earned_by(database, number).accrued
    rebates.amended(database, programme, rebates.amending(rebates.MONTH_BEGINS, ("0", "3")))
    rebates.reckoned(database)
    settled(database, number, MONTH, kind=SettlementKind.ADJUSTMENT)
    first, second = rows(owner)
    assert (first.kind, first.paid) == ("final", before)
    assert (second.kind, second.paid) == ("adjustment", rebates.earned_by(database, number).accrued - before)
    assert second.paid > 0
