"""What else an order depends on, read with its offers: debts, terms, severities, and lots where they matter.

Columns of the statement that reads the offers. It runs behind the lock of the account, so that what another
order or payment changed meanwhile is seen; and it asks no more of a dealer without terms than whether there
are any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.dealers.stops import STANDING
from portal.kernel import clock
from portal.kernel.db import Record
from portal.orders.terms_rules import Lot, Term

_TERMS_MONTHS = timedelta(days=400)  # nothing that is not yet due was entered longer ago


@dataclass(frozen=True, slots=True)
class Standing:
    """What a dealer's orders are judged by, beside its permissions and its credit.

    overdue: ¥ due for longer than the days of grace. severities: by fault code, where decided. lots: by SKU,
    of products whose lots decide. is_stopped: the dealer is on the stop list.
    """

    overdue: Decimal = Decimal(0)
    severities: Mapping[str, str] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    lots: Mapping[str, tuple[Lot, ...]] = field(default_factory=dict)
    is_stopped: bool = False


# A debt is settled in the order in which debts fall due, so what is owed beyond the debts not yet due is
# overdue. Those are few and new, whatever the length of the books.
_OVERDUE_OF = """
(SELECT greatest(a.balance - coalesce((
          SELECT sum(e.receivable - coalesce((
                   SELECT sum(x.amount) FROM allocation x
                    WHERE x.dealer_id = e.dealer_id AND x.debit_id = e.id), 0))
            FROM journal_entry e
           WHERE e.dealer_id = a.dealer_id AND e.period >= :entered_since AND e.receivable > 0
             AND coalesce(e.due_on, e.occurred_on) >= :due_since), 0), 0)
   FROM dealer_account a WHERE a.dealer_id = {dealer} AND a.balance > 0)
"""


def overdue_of(dealer: str) -> str:
    """SQL for ¥ that the dealer with this id owes since before ``due_since``; null for one that owes nothing.

    The statement has the parameters of `standing_parameters`.
    """
    return _OVERDUE_OF.format(dealer=dealer)


_IN_FORCE = "t.valid_from <= :today AND (t.valid_to IS NULL OR :today < t.valid_to)"
_ORDERED = """
(SELECT coalesce(sum(l.quantity - l.cancelled), 0)
   FROM sales_order o JOIN order_line l ON l.dealer_id = o.dealer_id AND l.order_id = o.id
  WHERE o.dealer_id = t.dealer_id AND l.product_id = t.product_id
    AND o.placed_at > CAST(:at AS timestamptz) - make_interval(days => t.quota_days))
"""
_OF_A_TERM = {
    "min_amount": "t.min_amount::text",
    "ordered": f"CASE WHEN t.quota IS NOT NULL THEN {_ORDERED} END",
}
_TERMS = f"""
(SELECT json_agg(json_build_array({", ".join(_OF_A_TERM.get(name, f"t.{name}") for name in Term._fields)}))
   FROM order_term t WHERE t.dealer_id = :dealer_id AND {_IN_FORCE})
"""
_SEVERITIES = """
(SELECT json_object_agg(code, severity)
   FROM (SELECT DISTINCT ON (s.code) s.code, s.severity FROM fault_severity s
          WHERE s.valid_from <= :at ORDER BY s.code, s.version DESC) decided)
"""

# The certificate ran out, or has not begun: then the day a lot was made decides.
_LOTS = f"""
CASE WHEN p.registration_from > :today
          OR (p.registration_renewal_asked_on IS NULL AND p.registration_to < :today)
          OR EXISTS (SELECT FROM order_term t
                      WHERE t.dealer_id = :dealer_id AND t.shelf_life_days IS NOT NULL
                        AND (t.product_id IS NULL OR t.product_id = p.id) AND {_IN_FORCE})
  THEN (SELECT json_agg(json_build_array(k.warehouse_id, k.on_hand - k.allocated, l.produced_on,
                                         l.expires_on))
          FROM warehouse_service w
          JOIN lot_stock k ON k.warehouse_id = w.warehouse_id AND k.product_id = p.id
          JOIN lot l ON l.id = k.lot_id
         WHERE w.region_id = :region_id AND k.state = 'saleable' AND k.on_hand > k.allocated
           AND (k.expires_on IS NULL OR k.expires_on > :too_near))
END
"""
_STOPPED = f"EXISTS (SELECT FROM dealer_stop s WHERE s.dealer_id = :dealer_id AND {STANDING})"
STANDING_COLUMNS = f"""
{overdue_of(":dealer_id")} AS overdue, {_SEVERITIES} AS severities, {_TERMS} AS terms, {_LOTS} AS lots,
{_STOPPED} AS is_stopped
"""
"""Of the statement that has the `OFFER_COLUMNS` of a product `p`."""


def standing_parameters(today: date, grace_days: int) -> dict[str, Any]:
    """What `STANDING_COLUMNS` needs beyond the parameters of offers."""
    due_since = today - timedelta(days=grace_days)
    return {"due_since": due_since, "entered_since": clock.period_of(due_since - _TERMS_MONTHS)}


def standing_from(rows: Sequence[Record]) -> Standing:
    """The standing told by rows that have the `STANDING_COLUMNS`; no products, nothing to judge."""
    if not rows:
        return Standing()
    head = rows[0]
    return Standing(
        head.overdue or Decimal(0),
        head.severities or {},
        tuple(_term(values) for values in head.terms or ()),
        {row.sku: tuple(map(_lot, row.lots)) for row in rows if row.lots},
        head.is_stopped,
    )


def _term(values: Sequence[Any]) -> Term:
    term = Term(*values)
    return term._replace(min_amount=None if term.min_amount is None else Decimal(term.min_amount))


def _lot(values: Sequence[Any]) -> Lot:
    warehouse_id, units, produced_on, expires_on = values
    return Lot(
        warehouse_id,
        units,
        produced_on and date.fromisoformat(produced_on),
        expires_on and date.fromisoformat(expires_on),
    )
