"""What is known of some dealers, read from the ledger, the shipments and the directory in few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import Record
from portal.rebates.engine import Known
from portal.rebates.evidence_rules import Evidence, Fact, Report
from portal.rebates.programme import Programme, Standing
from portal.rebates.rules import Measure
from portal.rebates.source_lines import Bill, LineKind, SourceLine, money_received, paid_in_full_on


@dataclass(frozen=True, slots=True)
class _Settled:
    """What was allocated to invoices: day, document that paid or credited, amount."""

    money: dict[str, list[tuple[date, str, Decimal]]]
    all: dict[str, list[tuple[date, Decimal]]]


def known_of(
    session: Session, dealer_ids: Sequence[int], programmes: Iterable[Programme], *, since: date, until: date
) -> dict[int, dict[Measure, Known]]:
    """What is known of each dealer on the day `until`, by measure. since: the first day that counts.

    Nothing is read for a measure or condition that no programme has.
    """
    wanted = list(programmes)
    measures = {one.measure for one in wanted}
    asks_payment = Measure.PAID in measures or any(one.on_time for one in wanted)
    parameters = {"dealers": list(dealer_ids), "since": since, "until": until}
    if asks_payment:
        parameters["since"] = date.min  # money comes for old invoices, and late
    categories = _categories(session)
    rows: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(_LINES, parameters):
        rows[row.dealer_id].append(row)
    settled = _settled(session, parameters) if asks_payment else {}
    standings = _standings(session, parameters)
    evidence = _evidence(session, wanted, parameters)
    return {
        dealer_id: {
            measure: replace(
                _known(
                    *(code, history, rows[dealer_id]),
                    *(settled.get(dealer_id, _Settled({}, {})), measure, categories),
                ),
                evidence=evidence.get(dealer_id, Evidence(until)),
            )
            for measure in measures
        }
        for dealer_id, (code, history) in standings.items()
    }


def _evidence(
    session: Session, programmes: Iterable[Programme], parameters: Mapping[str, object]
) -> dict[int, Evidence]:
    """Reports of the stock and confirmed facts, as far as a programme asks for them."""
    wanted = list(programmes)
    until: date = parameters["until"]  # type: ignore[assignment]
    reports: dict[int, list[Report]] = defaultdict(list)
    facts: dict[int, list[Fact]] = defaultdict(list)
    if any(one.inventory_reports is not None for one in wanted):
        for row in session.execute(_REPORTS, dict(parameters)):
            reports[row.dealer_id].append(Report(row.counted_on, row.on_day))
    if any(one.no_diversion_case for one in wanted):
        for row in session.execute(_FACTS, dict(parameters)):
            fact = Fact(row.kind, row.holds, row.from_day, row.to_day, row.reason)
            facts[row.dealer_id].append(fact)
    return {
        dealer_id: Evidence(until, reports.get(dealer_id, ()), facts.get(dealer_id, ()))
        for dealer_id in reports.keys() | facts.keys()
    }


def _known(
    code: str,
    standings: Sequence[Standing],
    rows: Sequence[Record],
    settled: _Settled,
    measure: Measure,
    categories: Mapping[str, frozenset[str]],
) -> Known:
    invoiced = [_line(row, categories) for row in rows]
    if measure is Measure.SHIPPED:
        lines = [_shipped(line, row) for line, row in zip(invoiced, rows, strict=True)]
    elif measure is Measure.PAID:
        lines = _paid(invoiced, settled)
    else:
        lines = invoiced
    bills = {row.number: row for row in rows if row.kind == "invoice"}
    return Known(
        code,
        standings,
        sorted(lines, key=lambda line: line.order),
        {number: _bill(row, settled.all.get(number, [])) for number, row in bills.items()},
    )


def _line(row: Record, categories: Mapping[str, frozenset[str]]) -> SourceLine:
    is_sale = row.kind == "invoice"
    return SourceLine(
        on=row.issued_on,
        document=row.number,
        line=row.line_no,
        kind=LineKind.SALE if is_sale else LineKind.RETURN,
        sku=row.sku,
        categories=categories[row.category_code],
        quantity=row.quantity,
        net=row.amount - row.tax,
        gross=row.amount,
        invoice=row.number if is_sale else row.origin_number or "",
        origin_on=row.origin_on,
        goods=(f"{row.order_id}/{row.shipment_id}", row.order_line_no),
    )


def _shipped(line: SourceLine, row: Record) -> SourceLine:
    """The same goods by the day on which they left; what came back, by that of its credit note."""
    if line.kind is LineKind.RETURN or row.shipment_number is None:
        return line
    return replace(line, on=row.shipped_on, document=row.shipment_number)


def _paid(invoiced: Sequence[SourceLine], settled: _Settled) -> list[SourceLine]:
    by_invoice: dict[str, list[SourceLine]] = defaultdict(list)
    for line in invoiced:
        if line.kind is LineKind.SALE:
            by_invoice[line.document].append(line)
    return [
        line
        for number, payments in settled.money.items()
        if number in by_invoice
        for line in money_received(by_invoice[number], payments)
    ]


def _bill(row: Record, settled: Sequence[tuple[date, Decimal]]) -> Bill:
    return Bill(row.number, row.issued_on, row.due_on, paid_in_full_on(row.invoice_gross, settled))


def _settled(session: Session, parameters: Mapping[str, object]) -> dict[int, _Settled]:
    found: dict[int, _Settled] = defaultdict(lambda: _Settled(defaultdict(list), defaultdict(list)))
    for row in session.execute(_SETTLED, dict(parameters)):
        here = found[row.dealer_id]
        here.all[row.invoice].append((row.on_day, row.amount))
        if row.credit_kind == "payment":
            here.money[row.invoice].append((row.on_day, row.credit, row.amount))
    return found


def _standings(
    session: Session, parameters: Mapping[str, object]
) -> dict[int, tuple[str, tuple[Standing, ...]]]:
    rows: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(_STANDINGS, dict(parameters)):
        rows[row.id].append(row)
    return {
        dealer_id: (
            of[0].code,
            tuple(Standing(one.start, one.tier, frozenset(one.regions)) for one in of),
        )
        for dealer_id, of in rows.items()
    }


def _categories(session: Session) -> dict[str, frozenset[str]]:
    """Every product line with all above it."""
    above = {row.code: row.parent_code for row in session.execute(_CATEGORIES)}
    found: dict[str, frozenset[str]] = {}
    for code in above:
        path, here = [], code
        while here is not None:
            path.append(here)
            here = above[here]
        found[code] = frozenset(path)
    return found


# A credit note takes from the invoice of its shipment: each parcel has one.
_LINES = text(
    """
    SELECT i.dealer_id, i.number, i.kind, i.issued_on, i.due_on, i.gross AS invoice_gross, i.order_id,
           i.shipment_id, l.line_no, l.order_line_no, l.quantity, l.amount, l.tax, p.sku, p.category_code,
           s.number AS shipment_number, s.shipped_on,
           v.number AS origin_number, v.issued_on AS origin_on
      FROM invoice i
      JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (i.dealer_id, i.id)
      JOIN order_line o
        ON (o.dealer_id, o.order_id, o.line_no) = (i.dealer_id, i.order_id, l.order_line_no)
      JOIN product p ON p.id = l.product_id
      LEFT JOIN shipment s ON (s.dealer_id, s.id) = (i.dealer_id, i.shipment_id)
      LEFT JOIN invoice v ON i.kind = 'credit_note' AND v.kind = 'invoice' AND v.dealer_id = i.dealer_id
            AND v.order_id = i.order_id AND v.shipment_id = i.shipment_id
     WHERE i.dealer_id = ANY (CAST(:dealers AS bigint[])) AND i.issued_on BETWEEN :since AND :until
       AND NOT o.gift
    """
)
# What was allocated counts when both were there; what was undone, when it was.
_SETTLED = text(
    """
    SELECT * FROM (
      SELECT a.dealer_id, d.document_no AS invoice, c.document_no AS credit, c.kind AS credit_kind, a.amount,
             CASE WHEN a.amount > 0 THEN greatest(c.occurred_on, d.occurred_on) ELSE p.occurred_on END
               AS on_day
        FROM allocation a
        JOIN journal_entry d ON (d.dealer_id, d.id) = (a.dealer_id, a.debit_id) AND d.kind = 'invoice'
        JOIN journal_entry c ON (c.dealer_id, c.id) = (a.dealer_id, a.credit_id)
        JOIN journal_entry p ON (p.dealer_id, p.id) = (a.dealer_id, a.posted_with_id)
       WHERE a.dealer_id = ANY (CAST(:dealers AS bigint[]))
    ) settled WHERE on_day <= :until
    """
)
_REPORTS = text(
    """
    SELECT DISTINCT r.dealer_id, l.day AS counted_on, app_day(r.reported_at) AS on_day
      FROM inventory_report r
      JOIN inventory_report_line l
        ON (l.dealer_id, l.report_id) = (r.dealer_id, r.id) AND l.kind = 'stock' AND l.lot_id IS NOT NULL
     WHERE r.dealer_id = ANY (CAST(:dealers AS bigint[])) AND l.day >= :since
       AND app_day(r.reported_at) <= :until
    """
)
_FACTS = text(
    """
    SELECT dealer_id, kind, holds, from_day, to_day, reason FROM rebate_fact
     WHERE dealer_id = ANY (CAST(:dealers AS bigint[])) AND state = 'confirmed' AND from_day <= :until
     ORDER BY decided_at, id
    """
)
_STANDINGS = text(
    """
    SELECT d.id, d.code, days.start, t.tier, array_remove(ARRAY[r.code, a.code], NULL) AS regions
      FROM dealer d
      CROSS JOIN LATERAL (
        SELECT valid_from AS start FROM dealer_tier WHERE dealer_id = d.id
         UNION SELECT valid_from FROM dealer_region WHERE dealer_id = d.id
      ) days
      JOIN dealer_tier t ON t.dealer_id = d.id AND t.valid_from <= days.start
           AND (t.valid_to IS NULL OR t.valid_to > days.start)
      JOIN dealer_region g ON g.dealer_id = d.id AND g.valid_from <= days.start
           AND (g.valid_to IS NULL OR g.valid_to > days.start)
      JOIN region r ON r.id = g.region_id LEFT JOIN region a ON a.id = r.parent_id
     WHERE d.id = ANY (CAST(:dealers AS bigint[])) ORDER BY d.id, days.start
    """
)
_CATEGORIES = text("SELECT code, parent_code FROM category")
