"""The gifts of an order as its returns see them: what was given, what is left, what still earns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import Record
from portal.returns.gift_rules import Earned, Earning, GiftLine, GiftLot, earned_as


@dataclass(frozen=True, slots=True)
class ReturnedGift:
    """A gift that a return asks for: `kept` of the `due` units stay and cost `charge` ¥.

    now: units that are still due as things stand: another return may have been withdrawn.
    """

    line_no: int
    sku: str
    name_zh: str
    name_en: str
    unit: str
    due: int
    kept: int
    charge: Decimal
    now: int


def gift_lines(
    session: Session, *, dealer_id: int, order_id: int, planned: bool, but: int = 0
) -> list[GiftLine]:
    """The gifts of an order with what earns them, without its return `but`.

    planned: what other returns ask for counts as if it had come back, as who asks for one has to see it;
    otherwise goods stay until their return is settled, and gifts on their way are coming. An order that
    replaces goods earns nothing: its gifts are those of the first one.
    """
    about = {"dealer_id": dealer_id, "order_id": order_id, "but": but}
    rows = {row.line_no: row for row in session.execute(_LINES, about)}
    found = []
    for row in rows.values():
        earned = earned_as(row.sku, row.receipt) if row.gift else None
        if earned is not None:
            found.append(_gift_line(row, earned, rows, planned=planned))
    return found


def lots_of_gifts(
    session: Session,
    *,
    dealer_id: int,
    order_id: int,
    shipment_id: int,
    lines: Sequence[int],
    taken: Mapping[tuple[int, int, int], int],
) -> list[GiftLot]:
    """Where units of gifts have left: those of one shipment first, the others as they were sent.

    taken: units that are asked for with it already, by shipment, order line and lot.
    """
    about = {"dealer_id": dealer_id, "order_id": order_id, "first": shipment_id, "lines": list(lines)}
    return [
        GiftLot(
            row.shipment_id,
            (row.line_no, row.lot_id),
            row.left - taken.get((row.shipment_id, row.line_no, row.lot_id), 0),
        )
        for row in session.execute(_LOTS, about)
    ]


def gifts_of_return(
    session: Session, *, dealer_id: int, return_id: int, order_id: int, goods: Mapping[int, int] | None
) -> tuple[ReturnedGift, ...]:
    """The gifts that a return asks for. goods: units that it brings, by order line; None when over."""
    rows = session.execute(_OF_RETURN, {"dealer_id": dealer_id, "return_id": return_id}).all()
    now = {row.line_no: row.due for row in rows}
    if rows and goods is not None:
        lines = gift_lines(session, dealer_id=dealer_id, order_id=order_id, planned=True, but=return_id)
        now |= {line.line_no: min(now.get(line.line_no, 0), line.after(goods).due) for line in lines}
    return tuple(ReturnedGift(**row._mapping, now=now[row.line_no]) for row in rows)


def gifts_not_to_send(session: Session, *, dealer_id: int, order_id: int) -> list[tuple[str, int]]:
    """SKU and units of gifts that have not left and what stays does not earn: the order desk cancels them."""
    lines = gift_lines(session, dealer_id=dealer_id, order_id=order_id, planned=True)
    return [(line.sku, line.unsent) for line in lines if line.unsent]


def _gift_line(row: Record, earned: Earned, rows: dict[int, Record], *, planned: bool) -> GiftLine:
    goods = tuple(
        Earning(line_no, rows[line_no].quantity, _stays(rows[line_no], asked=planned), amount)
        for line_no, amount in zip(earned.lines, earned.amounts, strict=True)
        if line_no in rows
    )
    return GiftLine(
        row.line_no,
        row.sku,
        row.name_zh,
        row.name_en,
        row.unit,
        earned.gift,
        given=row.quantity,
        value=earned.value,
        left=_stays(row, asked=True),
        in_hand=row.shipped - row.returned + row.exchanged - row.asked,
        goods=goods,
        min_quantity=earned.min_quantity,
        min_amount=earned.min_amount,
        charged=row.charged,
        promised=row.promised if planned else 0,
    )


def _stays(row: Record, *, asked: bool) -> int:
    stays: int = row.quantity - row.cancelled - row.returned + row.exchanged - (row.asked if asked else 0)
    return stays


# asked: units that open returns will take for good. exchanged: units that came back and were sent once more,
# and stay: the lines of the order that replaces them stand in the order of the lines that came back.
# charged: what was billed for gifts that stayed. promised: gifts that open returns will bill.
_LINES = text(
    """
    WITH mine AS (
      SELECT id, state, replacement_no FROM return_request
       WHERE dealer_id = :dealer_id AND order_id = :order_id AND id <> :but
         AND state NOT IN ('rejected', 'withdrawn')
    ), asked AS (
      SELECT n.line_no, sum(CASE r.state WHEN 'received' THEN n.received ELSE n.quantity END)::int AS units
        FROM mine r JOIN return_line n ON (n.dealer_id, n.return_id) = (:dealer_id, r.id)
       WHERE r.state <> 'settled' AND n.remedy = 'credit' GROUP BY n.line_no
    ), replaced AS (
      SELECT DISTINCT r.replacement_no, f.line_no
        FROM return_request r
        JOIN return_finding f ON (f.dealer_id, f.return_id) = (r.dealer_id, r.id)
        JOIN return_line n ON (n.dealer_id, n.return_id, n.line_no, n.lot_id)
                            = (f.dealer_id, f.return_id, f.line_no, f.lot_id)
       WHERE r.dealer_id = :dealer_id AND r.order_id = :order_id AND r.replacement_no IS NOT NULL
         AND n.remedy = 'exchange' AND f.disposition <> 'refused'
    ), exchanged AS (
      SELECT x.line_no, sum(l.quantity - l.cancelled - l.returned)::int AS units
        FROM (SELECT replacement_no, line_no,
                     row_number() OVER (PARTITION BY replacement_no ORDER BY line_no) AS place
                FROM replaced) x
        JOIN sales_order o ON (o.dealer_id, o.number) = (:dealer_id, x.replacement_no)
        JOIN order_line l ON (l.dealer_id, l.order_id, l.line_no) = (o.dealer_id, o.id, x.place)
       GROUP BY x.line_no
    ), promised AS (
      SELECT g.line_no, sum(g.kept)::int AS units
        FROM mine r JOIN return_gift g ON (g.dealer_id, g.return_id) = (:dealer_id, r.id)
       WHERE r.state <> 'settled' GROUP BY g.line_no
    ), charged AS (
      SELECT i.order_line_no AS line_no, sum(a.gross) AS amount
        FROM invoice v JOIN invoice_line i ON (i.dealer_id, i.invoice_id) = (v.dealer_id, v.id)
        JOIN adjustment_note m ON (m.dealer_id, m.invoice) = (v.dealer_id, v.number)
        JOIN adjustment_note_line a ON (a.dealer_id, a.note_id, a.line_no) = (m.dealer_id, m.id, i.line_no)
       WHERE v.dealer_id = :dealer_id AND v.order_id = :order_id AND v.kind = 'invoice'
       GROUP BY i.order_line_no
    )
    SELECT l.line_no, l.sku, l.name_zh, l.name_en, l.unit, l.gift, l.quantity, l.cancelled, l.shipped,
           l.returned, CASE WHEN l.gift THEN l.receipt END AS receipt, coalesce(a.units, 0) AS asked,
           coalesce(x.units, 0) AS exchanged, coalesce(p.units, 0) AS promised,
           coalesce(c.amount, 0) AS charged
      FROM order_line l
      LEFT JOIN asked a ON a.line_no = l.line_no LEFT JOIN exchanged x ON x.line_no = l.line_no
      LEFT JOIN promised p ON p.line_no = l.line_no LEFT JOIN charged c ON c.line_no = l.line_no
     WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id
       AND EXISTS (SELECT FROM order_line g
                    WHERE g.dealer_id = :dealer_id AND g.order_id = :order_id AND g.gift)
       AND NOT EXISTS (SELECT FROM sales_order o
                         JOIN return_request r ON (r.dealer_id, r.replacement_no) = (o.dealer_id, o.number)
                        WHERE o.dealer_id = :dealer_id AND o.id = :order_id)
     ORDER BY l.line_no
    """
)
_LOTS = text(
    """
    SELECT s.id AS shipment_id, l.line_no, l.lot_id, l.quantity - l.returned - l.asked_back AS left
      FROM shipment s JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
     WHERE s.dealer_id = :dealer_id AND s.order_id = :order_id AND s.status <> 'picking'
       AND l.line_no = ANY (CAST(:lines AS smallint[]))
     ORDER BY s.id <> :first, s.id, l.line_no, l.lot_no
    """
)
_OF_RETURN = text(
    """
    SELECT g.line_no, l.sku, l.name_zh, l.name_en, l.unit, g.due, g.kept, g.charge
      FROM return_gift g
      JOIN return_request r ON (r.dealer_id, r.id) = (g.dealer_id, g.return_id)
      JOIN order_line l ON (l.dealer_id, l.order_id, l.line_no) = (r.dealer_id, r.order_id, g.line_no)
     WHERE g.dealer_id = :dealer_id AND g.return_id = :return_id ORDER BY g.line_no
    """
)
