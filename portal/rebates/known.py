"""What is known of some dealers, read from the ledger, the shipments and the directory in few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.kernel.db import Record
from portal.rebates.engine import Known
from portal.rebates.evidence_rules import Evidence, Fact, Report
from portal.rebates.ledger_reads import (
    CATEGORIES,
    FACTS,
    LINES,
    LINES_AND_WHAT_THEY_REST_ON,
    REPORTS,
    SETTLED,
    STANDINGS,
)
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

    Nothing is read for a measure or condition that no programme has. Where payment matters, also the earlier
    invoices whose money came since, or of which something was taken back since; no others.
    """
    wanted = list(programmes)
    measures = {one.measure for one in wanted}
    asks_payment = Measure.PAID in measures or any(one.on_time for one in wanted)
    parameters = {"dealers": list(dealer_ids), "since": since, "until": until}
    categories = product_lines(session)
    rows: dict[int, list[Record]] = defaultdict(list)
    month = since.isoformat()[:7]
    if asks_payment:  # money comes for old invoices, and late
        read = session.execute(LINES_AND_WHAT_THEY_REST_ON, {**parameters, "since_month": month})
    else:
        read = session.execute(LINES, parameters)
    for row in read:
        rows[row.dealer_id].append(row)
    settled = _settled(session, rows, until) if asks_payment else {}
    standings = _standings(session, parameters)
    evidence = _evidence(session, wanted, parameters, until)
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
    session: Session, programmes: Iterable[Programme], parameters: Mapping[str, object], until: date
) -> dict[int, Evidence]:
    """Reports of the stock and confirmed facts, as far as a programme asks for them."""
    wanted = list(programmes)
    reports: dict[int, list[Report]] = defaultdict(list)
    facts: dict[int, list[Fact]] = defaultdict(list)
    if any(one.inventory_reports is not None for one in wanted):
        for row in session.execute(REPORTS, dict(parameters)):
            reports[row.dealer_id].append(Report(row.counted_on, row.on_day))
    if any(one.no_diversion_case for one in wanted):
        for row in session.execute(FACTS, dict(parameters)):
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


_KINDS = {
    "invoice": LineKind.SALE,
    "credit_note": LineKind.RETURN,
    "adjustment": LineKind.PRICE_CORRECTION,
}


def _line(row: Record, categories: Mapping[str, frozenset[str]]) -> SourceLine:
    is_sale = row.kind == "invoice"
    return SourceLine(
        on=row.issued_on,
        document=row.number,
        line=row.line_no,
        kind=_KINDS[row.kind],
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


def _settled(session: Session, rows: Mapping[int, Sequence[Record]], until: date) -> dict[int, _Settled]:
    """What was ever allocated to the invoices that were read."""
    found: dict[int, _Settled] = defaultdict(lambda: _Settled(defaultdict(list), defaultdict(list)))
    invoices = sorted(
        {(row.dealer_id, row.number) for of in rows.values() for row in of if row.kind == "invoice"}
    )
    dealers, numbers = [one[0] for one in invoices], [one[1] for one in invoices]
    for row in session.execute(SETTLED, {"dealers": dealers, "numbers": numbers, "until": until}):
        here = found[row.dealer_id]
        here.all[row.invoice].append((row.on_day, row.amount))
        if row.credit_kind in ("payment", "deposit_use"):  # money of the dealer, either way
            here.money[row.invoice].append((row.on_day, row.credit, row.amount))
    return found


def _standings(
    session: Session, parameters: Mapping[str, object]
) -> dict[int, tuple[str, tuple[Standing, ...]]]:
    rows: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(STANDINGS, dict(parameters)):
        rows[row.id].append(row)
    return {
        dealer_id: (
            of[0].code,
            tuple(Standing(one.start, one.tier, frozenset(one.regions)) for one in of),
        )
        for dealer_id, of in rows.items()
    }


def product_lines(session: Session) -> dict[str, frozenset[str]]:
    """Every product line with all above it."""
    above = {row.code: row.parent_code for row in session.execute(CATEGORIES)}
    found: dict[str, frozenset[str]] = {}
    for code in above:
        path, here = [], code
        while here is not None:
            path.append(here)
            here = above[here]
        found[code] = frozenset(path)
    return found
