"""A dealer reports what it counted and what it sold, lot by lot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.catalogue.identify import identify
from portal.dealers.account import lock_account
from portal.dealerstock.models import InventoryReport, InventoryReportLine
from portal.dealerstock.rules import (
    LINES_MAX,
    Book,
    Finding,
    Judged,
    LineKind,
    Reported,
    Since,
    Source,
    book_faults,
    counted_twice,
    judge,
    line_faults,
)
from portal.dealerstock.vocabulary import DealerStockAction, DealerStockRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Forbidden, Invalid
from portal.kernel.lots import key_sql, lot_key, plain_lot, spelled
from portal.kernel.numbering import new_number


@dataclass(frozen=True, slots=True)
class Taken:
    """A line as it was kept, in the order in which it was sent."""

    line: Reported
    finding: Finding


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was taken."""

    number: str
    lines: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a line means: the product if we know it, the lot if the dealer bought it. lot: as it is kept."""

    product_id: int | None
    lot_id: int | None
    lot: str


def report_stock(
    session: Session,
    *,
    actor: Actor,
    lines: Sequence[Reported],
    as_of: date,
    source: Source,
    today: date,
    at: datetime,
) -> Report:
    """Keep a report with a finding for each line; none is left out.

    A count sets the book of its lot to what was found, a sale takes its units out. Locks the dealer's
    account, so that two reports are judged one after the other. Raises Forbidden, Invalid for what cannot be
    read.
    """
    actor.require(DealerStockRight.REPORT)
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer reports its own stock."))
    if faults := [*_whole_faults(lines), *line_faults(lines, today)]:
        raise Invalid(faults=faults)
    dealer_id = actor.own_dealer_id
    lock_account(session, dealer_id)
    meant = _meant(session, dealer_id, lines)
    lines = [replace(line, lot=one.lot) for line, one in zip(lines, meant, strict=True)]
    found = [(one.lot_id, line) for one, line in zip(meant, lines, strict=True) if one.lot_id is not None]
    if faults := counted_twice(found):
        raise Invalid(faults=faults)
    judged = _judged(session, dealer_id, lines, meant)
    if faults := book_faults(zip(lines, judged, strict=True)):
        raise Invalid(faults=faults)
    number = _write(session, actor, lines, meant, judged, as_of=as_of, source=source, today=today, at=at)
    return Report(number, tuple(Taken(line, one.finding) for line, one in zip(lines, judged, strict=True)))


def _whole_faults(lines: Sequence[Reported]) -> list[Fault]:
    if not lines:
        fix = N_("Enter at least one lot with its quantity.")
        return [Fault("/lines", "no_lines", N_("The report has no lines."), fix)]
    if len(lines) > LINES_MAX:
        message, fix = N_("At most %(max)s lines in one report."), N_("Divide it.")
        return [Fault("/lines", "too_many_lines", message, fix, {"max": LINES_MAX})]
    return []


def _meant(session: Session, dealer_id: int, lines: Sequence[Reported]) -> list[_Meant]:
    known = identify(session, list(dict.fromkeys(line.sku for line in lines)))
    rows = session.execute(
        _LOTS,
        {
            "dealer_id": dealer_id,
            "skus": sorted({one.sku for one in known.values()}),
            "lots": sorted({lot_key(line.lot) for line in lines}),
        },
    ).all()
    products = {row.sku: row.product_id for row in rows}
    lots: dict[int, dict[str, int]] = {}
    for row in rows:
        if row.lot_id is not None:
            lots.setdefault(row.product_id, {})[row.lot_no] = row.lot_id
    found = []
    for line in lines:
        product_id = products.get(known[line.sku].sku) if line.sku in known else None
        bought = {} if product_id is None else lots.get(product_id, {})
        lot_no = spelled(line.lot, bought.keys())
        found.append(_Meant(product_id, bought.get(lot_no or ""), lot_no or plain_lot(line.lot)))
    return found


def _judged(
    session: Session, dealer_id: int, lines: Sequence[Reported], meant: Sequence[_Meant]
) -> list[Judged]:
    """Each line judged after those of earlier days; of one day a count comes after what was sold."""
    lots = {one.lot_id for one in meant if one.lot_id is not None}
    books = _books(session, dealer_id, lots)
    since = _since(session, dealer_id, lines, meant)
    judged: dict[int, Judged] = {}
    for place in sorted(
        range(len(lines)), key=lambda one: (lines[one].day, lines[one].kind is LineKind.STOCK)
    ):
        line, lot_id = lines[place], meant[place].lot_id
        if lot_id is None:
            unknown = meant[place].product_id is None
            finding = Finding.UNKNOWN_PRODUCT if unknown else Finding.NOT_BOUGHT
            judged[place] = Judged(0, finding, Book())
            continue
        judged[place] = judge(line, books[lot_id], since.get((lot_id, line.day), Since()))
        books[lot_id] = judged[place].book
    return [judged[place] for place in range(len(lines))]


def _books(session: Session, dealer_id: int, lots: Collection[int]) -> dict[int, Book]:
    rows = session.execute(_BOOKS, {"dealer_id": dealer_id, "lots": sorted(lots)})
    return {
        row.lot_id: Book(row.received, row.on_the_way, row.changed, row.sold, row.counted_on) for row in rows
    }


def _since(
    session: Session, dealer_id: int, lines: Sequence[Reported], meant: Sequence[_Meant]
) -> dict[tuple[int, date], Since]:
    counts = sorted(
        {
            (one.lot_id, line.day)
            for one, line in zip(meant, lines, strict=True)
            if one.lot_id is not None and line.kind is LineKind.STOCK
        }
    )
    parameters = {
        "dealer_id": dealer_id,
        "lots": [lot_id for lot_id, _ in counts],
        "days": [day for _, day in counts],
    }
    rows = session.execute(_SINCE, parameters)
    return {(row.lot_id, row.day): Since(row.received, row.sold, row.unconfirmed) for row in rows}


def _write(
    session: Session,
    actor: Actor,
    lines: Sequence[Reported],
    meant: Sequence[_Meant],
    judged: Sequence[Judged],
    *,
    as_of: date,
    source: Source,
    today: date,
    at: datetime,
) -> str:
    dealer_id, number = actor.own_dealer_id, new_number("IR", today)
    report_id: int = session.execute(
        insert(InventoryReport)
        .values(
            dealer_id=dealer_id,
            number=number,
            as_of=as_of,
            source=str(source),
            reported_at=at,
            reported_by=actor.key,
            reported_by_label=actor.label,
        )
        .returning(InventoryReport.id)
    ).scalar_one()
    session.execute(
        insert(InventoryReportLine),
        [
            {
                "dealer_id": dealer_id,
                "report_id": report_id,
                "line_no": place,
                "kind": str(line.kind),
                "sku": line.sku,
                "lot_no": line.lot,
                "product_id": one.product_id,
                "lot_id": one.lot_id,
                "quantity": line.quantity,
                "day": line.day,
                "customer": line.customer,
                "change": what.change,
                "finding": str(what.finding),
            }
            for place, (line, one, what) in enumerate(zip(lines, meant, judged, strict=True), start=1)
        ],
    )
    told = {"as_of": as_of.isoformat(), "source": str(source), "lines": len(lines)}
    audit.record(session, DealerStockAction.REPORTED, number, actor=actor, dealer_id=dealer_id, after=told)
    return number


_LOTS = text(
    f"""
    SELECT p.sku, p.id AS product_id, b.lot_id, b.lot_no
      FROM product p
      LEFT JOIN LATERAL (
        SELECT DISTINCT l.lot_id, l.lot_no
          FROM shipment_line l
          JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id)
         WHERE l.dealer_id = :dealer_id AND l.product_id = p.id AND s.status <> 'picking'
           AND {key_sql("l.lot_no")} = ANY (CAST(:lots AS text[]))) b ON true
     WHERE p.sku = ANY (CAST(:skus AS text[]))
    """
)

_BOOKS = text(
    """
    SELECT b.lot_id, b.received, b.on_the_way, coalesce(r.changed, 0)::int AS changed,
           coalesce(r.sold, 0)::int AS sold, r.counted_on
      FROM (SELECT l.lot_id,
                   coalesce(sum(l.quantity - l.returned) FILTER (WHERE s.status = 'received'), 0)::int
                     AS received,
                   coalesce(sum(l.quantity - l.returned) FILTER (WHERE s.status = 'shipped'), 0)::int
                     AS on_the_way
              FROM shipment_line l
              JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id)
             WHERE l.dealer_id = :dealer_id AND l.lot_id = ANY (CAST(:lots AS bigint[]))
               AND s.status <> 'picking'
             GROUP BY l.lot_id) b
      LEFT JOIN (SELECT i.lot_id, sum(i.change) AS changed,
                        sum(i.quantity) FILTER (WHERE i.kind = 'sold') AS sold,
                        max(i.day) FILTER (WHERE i.kind = 'stock') AS counted_on
                   FROM inventory_report_line i
                  WHERE i.dealer_id = :dealer_id AND i.lot_id = ANY (CAST(:lots AS bigint[]))
                  GROUP BY i.lot_id) r ON r.lot_id = b.lot_id
    """
)

_SINCE = text(
    """
    SELECT c.lot_id, c.day, coalesce(b.received, 0)::int AS received, coalesce(i.units, 0)::int AS sold,
           coalesce(b.unconfirmed, 0)::int AS unconfirmed
      FROM unnest(CAST(:lots AS bigint[]), CAST(:days AS date[])) AS c(lot_id, day)
      LEFT JOIN LATERAL (
        SELECT sum(l.quantity - l.returned) FILTER (WHERE s.status = 'received') AS received,
               sum(l.quantity - l.returned) FILTER (WHERE s.shipped_on <= c.day) AS unconfirmed
          FROM shipment_line l
          JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id)
         WHERE l.dealer_id = :dealer_id AND l.lot_id = c.lot_id
           AND (s.status = 'shipped' OR s.status = 'received' AND app_day(s.received_at) > c.day)) b ON true
      LEFT JOIN LATERAL (
        SELECT -sum(r.change) AS units FROM inventory_report_line r
         WHERE r.dealer_id = :dealer_id AND r.lot_id = c.lot_id AND r.kind = 'sold' AND r.day > c.day) i
        ON true
    """
)
