"""Everything that moves a dealer's exposure, at the same instant, against one credit limit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import text

from portal.kernel.errors import DomainError
from tests import cast
from tests.invariants import broken_promises
from tests.orders.test_change_order import change
from tests.orders.test_place_order import place
from tests.races import failures, together
from tests.shipping.acts import cancelled, differences, released

LIMIT = Decimal("200.00")
BUYER = cast.huadong.buyer
PEOPLE, ACTS_EACH = 8, 6

# What each order that is still open owes to the exposure, and whether a person has let it go.
OPEN = text(
    """
    SELECT o.number, o.status, o.total, o.released_at IS NOT NULL AS was_released
      FROM sales_order o
     WHERE o.dealer_id = :dealer AND o.status NOT IN ('cancelled', 'shipped', 'received')
    """
)


@pytest.mark.parametrize("seed", range(3))
def test_no_mixture_of_acts_exceeds_the_limit_unseen(given, database, owner, seed):
    given.credit_limit_of(cast.huadong, str(LIMIT))
    numbers = [place(database, BUYER, (cast.gloves, 2)).number for _ in range(3)]  # 40.00 each

    def person(which: int) -> list[str]:
        chance = Random(f"{seed}/{which}")
        return [_one_act(chance, database, numbers) for _ in range(ACTS_EACH)]

    outcomes = together(PEOPLE, person)
    assert not failures(outcomes)
    done = {act for acts in outcomes for act in acts}
    assert {"place", "change", "cancel"} <= done

    held = owner.execute(text("SELECT count(*) FROM sales_order WHERE 'credit' = ANY (holds)")).scalar_one()
    rows = owner.execute(OPEN, {"dealer": cast.huadong.id}).all()
    unseen = sum(row.total for row in rows if row.status != "on_hold" and not row.was_released)
    assert unseen <= LIMIT
    exposure = owner.execute(
        text("SELECT open_orders FROM dealer_account WHERE dealer_id = :d"), {"d": cast.huadong.id}
    ).scalar_one()
    assert exposure == sum(row.total for row in rows)
    assert held or exposure <= LIMIT
    assert broken_promises(owner) == {} and differences(database) == []


def _one_act(chance: Random, database, numbers: list[str]) -> str:
    """Something a buyer or the order desk does to some order; what is refused is done, too."""
    number = chance.choice(numbers)
    units = chance.randint(1, 4)
    acts: dict[str, Callable[[], object]] = {
        "place": lambda: numbers.append(place(database, BUYER, (cast.gloves, units)).number),
        "change": lambda: numbers.append(change(database, number, {cast.gloves: units}).number),
        "cancel": lambda: cancelled(database, number),
        "release": lambda: released(database, number),
    }
    name = chance.choices(list(acts), weights=(4, 3, 2, 1))[0]
    try:
        acts[name]()
    except DomainError:
        return f"{name} refused"
    return name
