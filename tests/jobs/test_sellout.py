"""What waits for goods is decided again by the clock, dealer by dealer."""

from __future__ import annotations

from sqlalchemy import text

from jobs import sellout
from portal.sellout.decide_rules import LineKind
from tests import cast
from tests.ledger.acts import delivered
from tests.sellout.acts import line, reported

SKU, LOT = cast.syringe.sku, cast.syringe_lot_early.lot_no


def states(owner) -> list[str]:
    return list(owner.execute(text("SELECT state FROM sell_out_line ORDER BY report_id, line_no")).scalars())


def test_the_job_decides_what_waits_of_every_dealer_once(at_work, given, database, owner):
    delivered(given, database, {cast.syringe: 20})
    use = line(SKU, LOT, 2, kind=LineKind.USE)
    reported(database, [use])
    reported(database, [use], by=cast.yuegang.buyer)
    reported(database, [line(SKU, LOT, 2)])
    assert states(owner) == ["waiting", "waiting", "accepted"]
    sellout.decide()
    sellout.decide()
    assert states(owner) == ["accepted", "waiting", "accepted"]
    decided = "SELECT count(*) FROM audit_event WHERE action = 'sell-out:decided'"
    assert owner.execute(text(decided)).scalar_one() == 1
