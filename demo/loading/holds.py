"""Orders held for every reason, the rules that were decided about them, and what was agreed with dealers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
import psycopg

from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date
from demo.world.network import FIXED
from portal.kernel.errors import Fault
from portal.orders.rules import Credit
from portal.orders.severity_rules import Hold, Verdict, by_hand, kept
from portal.orders.terms_rules import Term, Wish, credit_faults, quantity_faults

BY_HAND = (
    (Hold.MANUAL, "客户来电：收货仓库盘点，12 月 1 日前暂不发货"),
    (Hold.MANUAL, "首次大批量采购，等大区经理回访确认用途"),
    (Hold.PRICE, "合同价与最新价格政策不一致，等渠道部书面确认"),
    (Hold.COMPLIANCE, "经营许可证变更中，质量部核对新证后放行"),
)
EACH = 2  # orders held by terms, and for want of stock
PROPOSED = "客户承诺本周五前付清上月货款，建议放行"
AFTER = timedelta(minutes=25)  # the order desk looks at an order some time after it was placed

_DECIDED = ("code", "severity", "version", "valid_from", "reason", "set_by", "set_by_label", "set_at")
_LIMIT = ("role", "hold", "up_to", "version", "valid_from", "reason", "set_by", "set_by_label", "set_at")
_TERM = ("dealer_id", "product_id", "min_amount", "max_quantity", "shelf_life_days", "valid_from")

_CREDIT = "UPDATE sales_order SET verdict = CAST(%(verdict)s AS jsonb) WHERE status = 'on_hold'"
# Of dealers none of whose orders is held, an order from one warehouse with its largest line.
_GOING = """
SELECT * FROM (
  SELECT DISTINCT ON (o.dealer_id) o.dealer_id, o.id, o.warehouse_id, o.placed_at, l.line_no, l.product_id,
         l.sku, l.quantity, p.pack_multiple
    FROM sales_order o
    JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
    JOIN product p ON p.id = l.product_id
   WHERE o.status = 'confirmed' AND l.quantity >= 2 * p.pack_multiple AND NOT l.gift
     AND o.dealer_id > %(fixed)s
     AND NOT EXISTS (SELECT FROM sales_order h WHERE h.dealer_id = o.dealer_id AND h.status = 'on_hold')
     AND NOT EXISTS (SELECT FROM order_line_source x WHERE (x.dealer_id, x.order_id) = (o.dealer_id, o.id))
   ORDER BY o.dealer_id, o.id, l.quantity DESC, l.line_no) going
 ORDER BY dealer_id LIMIT %(count)s
"""
_HOLD = """
UPDATE sales_order SET status = 'on_hold', holds = ARRAY[%(kind)s], verdict = CAST(%(verdict)s AS jsonb)
 WHERE dealer_id = %(dealer_id)s AND id = %(id)s
"""
# As if the lots behind some of its units had come too near their expiry.
_LOSE = """
UPDATE order_line SET reserved = reserved - %(units)s
 WHERE dealer_id = %(dealer_id)s AND order_id = %(id)s AND line_no = %(line_no)s;
UPDATE stock_level SET reserved = reserved - %(units)s
 WHERE warehouse_id = %(warehouse_id)s AND product_id = %(product_id)s;
INSERT INTO stock_movement (at, warehouse_id, product_id, kind, on_hand_delta, reserved_delta, dealer_id,
                            document, actor)
VALUES (%(at)s, %(warehouse_id)s, %(product_id)s, 'expiry', 0, -%(units)s, %(dealer_id)s,
        'EXPIRY-' || %(day)s, 'system')
"""
_PROPOSE = """
INSERT INTO release_proposal (dealer_id, order_id, holds, amount, reason, proposed_by, proposed_by_label,
                              proposed_at)
SELECT o.dealer_id, o.id, o.holds, o.total, %(reason)s, s.key, s.label,
       least(o.placed_at + interval '3 hours', %(now)s)
  FROM sales_order o JOIN staff s ON s.desk = 'orders'
 WHERE 'credit' = ANY (o.holds) ORDER BY o.total DESC, o.id LIMIT 1
"""
_RENEWING = """
INSERT INTO dealer_paper (dealer_id, number, kind, state, paper_no, valid_from, replaces_id, filed_by,
                          filed_by_label, filed_at, decided_by, decided_by_label, decided_at)
SELECT dealer_id, 'ZS' || substr(number, 3), 'renewal_receipt', 'accepted', '受理 ' || paper_no,
       valid_to - 100, id, 'import', 'import', valid_to - 100, 'system', 'system', valid_to - 100
  FROM dealer_paper
 WHERE kind = 'licence' AND valid_to BETWEEN %(today)s AND CAST(%(today)s AS date) + 60 AND id %% 2 = 0
"""


class _Going(NamedTuple):
    """An order that nothing holds, and a line of it."""

    dealer_id: int
    id: int
    warehouse_id: int
    placed_at: datetime
    line_no: int
    product_id: int
    sku: str
    quantity: int
    pack_multiple: int


def write_holds(connection: psycopg.Connection, scenario: Scenario) -> None:
    """What was decided and agreed; then why each order waits, and one that somebody would let go."""
    now, today = scenario.now, local_date(scenario.now)
    staff = {desk: (key, label) for desk, key, label in connection.execute("TABLE staff")}
    _write_rules(connection, staff["quality"], now)
    broke = Credit(Decimal(0), Decimal(0), Decimal(0))
    connection.execute(_CREDIT, {"verdict": _verdict(credit_faults(broke, Decimal(1)))})
    sought = {"fixed": max(FIXED) + 1, "count": len(BY_HAND) + 2 * EACH}
    going = [_Going(*row) for row in connection.execute(_GOING, sought)]
    said, others = going[: len(BY_HAND)], going[len(BY_HAND) :]
    for (kind, why), order in zip(BY_HAND, said, strict=False):  # a small scenario has fewer orders
        at = min(order.placed_at + AFTER, now)
        _hold(connection, order, kind, [by_hand(kind, staff["orders"][1], why, at)])
    for order in others[:EACH]:
        _hold_by_terms(connection, order, today)
    for order in others[EACH:]:
        units = order.pack_multiple
        connection.execute(_LOSE, {**order._asdict(), "units": units, "at": now, "day": today})
        _hold(connection, order, Hold.STOCK, [])
    connection.execute(_PROPOSE, {"reason": PROPOSED, "now": now})
    put(connection, "order_term", _TERM, _terms(scenario, today))
    connection.execute(_RENEWING, {"today": today})


def _write_rules(connection: psycopg.Connection, quality: tuple[str, str], now: datetime) -> None:
    at = now - timedelta(days=40)
    said = (at, "质量与渠道例会决定", *quality, at)
    put(
        connection,
        "fault_severity",
        _DECIDED,
        [(code, "hold", 1, *said) for code in ("max_quantity", "quota")],
    )
    alone = [("order_desk", "credit", Decimal(50_000)), ("hq_finance", "credit", Decimal(300_000))]
    put(connection, "release_limit", _LIMIT, [(*limit, 1, *said) for limit in alone])


def _hold_by_terms(connection: psycopg.Connection, order: _Going, today: date) -> None:
    """An order of more than was agreed since."""
    most = max(order.pack_multiple, order.quantity // 2)
    most -= most % order.pack_multiple
    agreed = (order.dealer_id, order.product_id, None, most, None, today - timedelta(days=60))
    put(connection, "order_term", _TERM, [agreed])
    term = Term(order.product_id, None, None, most, None, None, None, None)
    place = f"/lines/{order.line_no - 1}"
    wish = Wish(place, order.sku, order.product_id, order.quantity, order.pack_multiple)
    _hold(connection, order, Hold.TERMS, quantity_faults([term], [wish], today))


def _hold(connection: psycopg.Connection, order: _Going, kind: Hold, faults: Sequence[Fault]) -> None:
    about = {"kind": str(kind), "verdict": _verdict(faults)}
    connection.execute(_HOLD, {"dealer_id": order.dealer_id, "id": order.id, **about})


def _terms(scenario: Scenario, today: date) -> Iterator[tuple[Any, ...]]:
    """Some of the strategic dealers want goods that last; some of the smallest order in larger amounts."""
    since = today - timedelta(days=120)
    wary = [dealer.index for dealer in scenario.dealers if dealer.tier == "S"][2:5]
    small = [dealer.index for dealer in scenario.dealers if dealer.tier == "C"][:5]
    yield from ((index + 1, None, None, None, 180, since) for index in wary)
    yield from ((index + 1, None, Decimal(1000), None, None, since) for index in small)


def _verdict(faults: Sequence[Fault]) -> str:
    return orjson.dumps(kept(Verdict(held=tuple(faults)))).decode()


PART = Part("holds", write=write_holds)
