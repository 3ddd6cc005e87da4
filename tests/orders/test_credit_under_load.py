"""Two hundred people at once order, change, cancel and order again on one dealer's credit."""

from __future__ import annotations

from decimal import Decimal
from threading import BoundedSemaphore

from sqlalchemy import Connection, text

from portal.checks.run_checks import check
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from tests import cast
from tests.builders import a_lot
from tests.invariants import broken_promises
from tests.races import failures, together
from tests.shipping.acts import cancelled, changed

AT_ONCE = 200
KINDS = ("order", "change", "cancel", "order again")
CONNECTIONS = BoundedSemaphore(8)  # as many as a process has; who has none waits for one
ROOM = 5  # orders of one unit that fit beside those that are there


def kind_of(place: int) -> str:
    """What the person at a place does."""
    return KINDS[place % len(KINDS)]


def credit(owner: Connection) -> tuple[Decimal, Decimal, int]:
    """What orders that nobody has held take of the limit, the limit, and how many orders are held."""
    row = owner.execute(
        text(
            "SELECT a.credit_limit,"
            " a.balance + coalesce(sum(o.total) FILTER (WHERE o.status = 'confirmed'), 0) AS used,"
            " count(*) FILTER (WHERE o.status = 'on_hold') AS held"
            " FROM dealer_account a JOIN sales_order o USING (dealer_id)"
            " WHERE a.dealer_id = :d GROUP BY a.dealer_id, a.credit_limit, a.balance"
        ),
        {"d": cast.huadong.id},
    ).one()
    return row.used, row.credit_limit, row.held


def test_the_limit_is_never_passed_unseen(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("MANY", 3 * AT_ONCE))
    there = [place for place in range(AT_ONCE) if kind_of(place) != "order"]
    placed = {place: given.an_order({product: 1}) for place in there}
    worth = Decimal(placed[there[0]].answer["total"])
    used, _, _ = credit(owner)
    given.credit_limit_of(cast.huadong, str(used + ROOM * worth))

    def act(place: int) -> None:
        kind, number = kind_of(place), placed[place].number if place in placed else ""
        with CONNECTIONS:
            if kind == "change":
                changed(database, number, {product: 2})
            if kind in ("cancel", "order again"):
                cancelled(database, number)
            if kind in ("order", "order again"):
                given.an_order({product: 1})

    assert failures(together(AT_ONCE, act)) == []
    used, limit, held = credit(owner)
    assert used <= limit and held
    assert broken_promises(owner) == {}
    with transaction(database.system_session()) as session:
        assert [one for one in check(session, actor=SYSTEM) if one.told] == []


def test_what_is_given_up_can_be_used_again_at_once(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("MANY", AT_ONCE))
    worth = Decimal(given.an_order({product: 1}).answer["total"])
    used, _, _ = credit(owner)
    given.credit_limit_of(cast.huadong, str(used + worth))

    def order_and_give_up(_: int) -> str:
        with CONNECTIONS:
            answer = given.an_order({product: 1}).answer
            cancelled(database, answer["number"])
        return answer["status"]

    outcomes = together(40, order_and_give_up)
    assert failures(outcomes) == [] and "confirmed" in outcomes
    assert given.an_order({product: 1}).answer["status"] == "confirmed"
    assert credit(owner)[0] == used + worth
