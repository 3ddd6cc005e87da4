"""Many lines into the cart at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.orders import rules
from portal.orders.rules import Demand, Wanted
from portal.orders.vocabulary import OrderRight


class Filling(Enum):
    """What becomes of what is in the cart."""

    ADD = "add"  # the lines come on top of it
    SET = "set"  # the quantities of these products become theirs, the others stay
    REPLACE = "replace"  # the cart becomes these lines


def fill_cart(
    session: Session,
    *,
    actor: Actor,
    lines: Sequence[Wanted],
    filling: Filling,
    quantity_max: int,
    lines_max: int,
) -> int:
    """Put `lines` into the actor's cart, in their order, by one statement. Returns the number of lines in it.

    A SKU that stands twice is one line with the sum. Raises Invalid with a fault at the pointer of every line
    that does not go in: a quantity that is none or with what is there too large, a broken pack, an unknown
    SKU, or more lines than an order may have. Nothing is changed then.
    """
    actor.require(OrderRight.WRITE)
    if actor.dealer_id is None or actor.user_id is None:
        raise NotFound()
    demands, faults = rules.demands(lines, lines_max=lines_max, quantity_max=quantity_max)
    readable = [demand for demand in demands if demand.quantity > 0]
    rows = session.execute(
        _FILL,
        {
            "dealer_id": actor.dealer_id,
            "user_id": actor.user_id,
            "skus": [demand.sku for demand in demands],
            "quantities": [demand.quantity for demand in demands],
            "adds": filling is Filling.ADD,
            "replaces": filling is Filling.REPLACE,
            "quantity_max": quantity_max,
            "lines_max": lines_max,
            "is_sound": not faults and len(readable) == len(demands),
        },
    ).all()
    for demand, row in zip(demands, rows, strict=True):
        faults += _faults(demand, row, quantity_max)
    if not faults and rows and rows[0].lines_after > lines_max:
        message, fix = N_("At most %(max)s lines in one order."), N_("Split the order.")
        faults.append(Fault("/lines", "too_many_lines", message, fix, {"max": lines_max}))
    if faults:
        raise Invalid(faults=faults)
    return int(rows[0].lines_after)


def _faults(demand: Demand, row: Row[Any], quantity_max: int) -> list[Fault]:
    if row.product_id is None:
        message, fix = N_("There is no product %(sku)s."), N_("Check the SKU or search the catalogue.")
        return [Fault(f"{demand.pointer}/sku", "unknown_sku", message, fix, {"sku": demand.sku[:40]})]
    if demand.quantity and row.filled > quantity_max:
        message = N_("At most %(max)s units a line, and %(held)s are in the cart.")
        params = {"max": quantity_max, "held": row.held, "more": max(quantity_max - row.held, 0)}
        return [
            Fault(
                f"{demand.pointer}/quantity",
                "quantity_too_large",
                message,
                N_("Add at most %(more)s."),
                params,
            )
        ]
    return rules.pack_faults(demand, row.pack_multiple)


# Another tab may add between the look and the insert; a quantity beyond the limit is left as it is then.
_FILL = text(
    """
    WITH wanted AS MATERIALIZED (
      SELECT g.place, g.quantity, p.id AS product_id, p.pack_multiple, coalesce(c.quantity, 0) AS held,
             g.quantity + CASE WHEN :adds THEN coalesce(c.quantity, 0) ELSE 0 END AS filled
        FROM unnest(CAST(:skus AS text[]), CAST(:quantities AS integer[]))
             WITH ORDINALITY AS g(sku, quantity, place)
        LEFT JOIN product p ON p.sku = g.sku AND p.state = 'active'
        LEFT JOIN cart_line c ON c.dealer_id = :dealer_id AND c.user_id = :user_id AND c.product_id = p.id
    ), after AS MATERIALIZED (
      SELECT (SELECT count(*) FROM wanted)
             + (SELECT count(*) FROM cart_line c
                 WHERE NOT :replaces AND c.dealer_id = :dealer_id AND c.user_id = :user_id
                   AND c.product_id NOT IN (SELECT w.product_id FROM wanted w WHERE w.product_id IS NOT NULL)
               ) AS lines
    ), sound AS MATERIALIZED (
      SELECT after.lines FROM after
       WHERE :is_sound AND after.lines <= :lines_max
         AND NOT EXISTS (SELECT FROM wanted w
                          WHERE w.product_id IS NULL OR w.quantity % w.pack_multiple <> 0
                             OR w.filled > :quantity_max)
    ), gone AS (
      DELETE FROM cart_line c USING sound
       WHERE :replaces AND c.dealer_id = :dealer_id AND c.user_id = :user_id
         AND c.product_id NOT IN (SELECT w.product_id FROM wanted w)
    ), put AS (
      INSERT INTO cart_line (dealer_id, user_id, product_id, quantity, added_at)
      SELECT :dealer_id, :user_id, w.product_id, w.quantity, now() + w.place * interval '1 microsecond'
        FROM wanted w CROSS JOIN sound
          ON CONFLICT (dealer_id, user_id, product_id) DO UPDATE
         SET quantity = excluded.quantity + CASE WHEN :adds THEN cart_line.quantity ELSE 0 END
       WHERE excluded.quantity + CASE WHEN :adds THEN cart_line.quantity ELSE 0 END <= :quantity_max
    )
    SELECT w.product_id, w.pack_multiple, w.held, w.filled, after.lines AS lines_after
      FROM wanted w CROSS JOIN after ORDER BY w.place
    """
)
