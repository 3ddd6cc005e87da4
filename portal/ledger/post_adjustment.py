"""Adjust the price of an invoice's line: a note that gives back or bills the difference, with its VAT.

No goods move. A price that was too high is given back by a red-letter note (红字) on the invoice, one that
was too low is billed by a supplementary note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money, numbering
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.money import ZERO
from portal.ledger import rules
from portal.ledger.adjustment_models import AdjustmentNote, AdjustmentNoteLine
from portal.ledger.journal import Entry, post
from portal.ledger.open_entries import require_not_written_off
from portal.ledger.rules import EntryKind
from portal.ledger.vocabulary import LedgerAction, LedgerRight

SHARE_OF_RETURNED = "share of the goods that came back"
"""Why a note is posted beside a credit note, as the books say it in every language."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a line of an invoice gives back, VAT included; negative bills more. pointer: where it was said."""

    line_no: int
    gives: Decimal
    pointer: str


@dataclass(frozen=True, slots=True)
class PostedAdjustment:
    """A note in the books. gross: what it adds to what the dealer owes."""

    number: str
    gross: Decimal
    period: str


def adjustment_faults(
    session: Session, *, dealer_id: int, invoice: str, adjustments: Sequence[Adjustment]
) -> list[Fault]:
    """What is wrong with adjustments of an invoice: its own lines, and never more than is left of one."""
    lines = _lines(session, dealer_id, invoice)
    if not lines:
        message, fix = N_("This is no invoice of goods."), N_("Name the document that puts it right.")
        return [Fault(f"{one.pointer}/outcome", "not_an_invoice", message, fix) for one in adjustments]
    return [fault for one in adjustments for fault in _faults(one, lines)]


def post_adjustment(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    invoice: str,
    adjustments: Sequence[Adjustment],
    source: str,
    reason: str,
    on: date,
    at: datetime,
) -> PostedAdjustment:
    """Post one note over lines of an invoice, dated `on`; what it gives back settles that invoice first.

    source: number of the dispute that it resolves. Raises Invalid with every fault, Conflict where it gives
    back and something of the invoice was written off, Forbidden.
    """
    actor.require(LedgerRight.POST, LedgerRight.APPROVE)
    lock_account(session, dealer_id)
    faults = adjustment_faults(session, dealer_id=dealer_id, invoice=invoice, adjustments=adjustments)
    if faults:
        raise Invalid(faults=faults)
    if sum(one.gives for one in adjustments) > 0:
        require_not_written_off(session, dealer_id, invoice)
    lines = _lines(session, dealer_id, invoice)
    number, gross, tax = _write(session, dealer_id, invoice, adjustments, lines, source, reason, on)
    posted = post(session, _entry(dealer_id, number, invoice, gross, tax, lines, on), actor=actor, at=at)
    after = {"invoice": invoice, "source": source, "gross": money.as_text(gross), "period": posted.period}
    audit.record(
        session,
        LedgerAction.ADJUSTMENT_POSTED,
        number,
        actor=actor,
        dealer_id=dealer_id,
        after=after,
        reason=reason,
    )
    return PostedAdjustment(number, gross, posted.period)


def settle_returned(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    invoice: str,
    units: Mapping[int, int],
    source: str,
    on: date,
    at: datetime,
) -> None:
    """Take their share of earlier adjustments back with units that a credit note gave back at the full price.

    units: what came back, by line of the order. source: number of the credit note, which is posted and whose
    caller has the account locked. An adjustment concerns the units that are still away: those that come back
    take their share of what is left of it, the last ones all of it.
    """
    about = {"dealer_id": dealer_id, "number": invoice, "lines": list(units), "units": list(units.values())}
    shares = [
        Adjustment(row.line_no, money.share(row.adjusted or ZERO, row.units, row.away), "")
        for row in session.execute(_RETURNED, about)
    ]
    # A note each: one over both might come to nothing, and is no document.
    for adjustments in ([one for one in shares if one.gives > 0], [one for one in shares if one.gives < 0]):
        if adjustments:
            post_beside(
                session,
                actor=actor,
                dealer_id=dealer_id,
                invoice=invoice,
                adjustments=adjustments,
                source=source,
                reason=SHARE_OF_RETURNED,
                due_on=on,
                on=on,
                at=at,
            )


def post_beside(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    invoice: str,
    adjustments: Sequence[Adjustment],
    source: str,
    reason: str,
    due_on: date | None = None,
    on: date,
    at: datetime,
) -> str:
    """Post a note that follows from `source`, which is decided; its number. due_on: None for the terms.

    Part of a verb whose caller has the account locked and has judged what is given back or billed.
    """
    lines = _lines(session, dealer_id, invoice)
    number, gross, tax = _write(session, dealer_id, invoice, adjustments, lines, source, reason, on)
    entry = _entry(dealer_id, number, invoice, gross, tax, lines, on)
    posted = post(session, replace(entry, due_on=due_on or entry.due_on), actor=actor, at=at)
    after = {"invoice": invoice, "source": source, "gross": money.as_text(gross), "period": posted.period}
    audit.record(
        session, LedgerAction.ADJUSTMENT_POSTED, number, actor=actor, dealer_id=dealer_id, after=after
    )
    return number


def _write(
    session: Session,
    dealer_id: int,
    invoice: str,
    adjustments: Sequence[Adjustment],
    lines: Mapping[int, Record],
    source: str,
    reason: str,
    on: date,
) -> tuple[str, Decimal, Decimal]:
    """Write the note with its lines; its number, amount and tax."""
    taxes = [money.tax_within(one.gives, lines[one.line_no].tax_rate) for one in adjustments]
    gross, tax = -sum((one.gives for one in adjustments), ZERO), -sum(taxes, ZERO)
    number = numbering.new_number("AN", on)
    head = {
        "dealer_id": dealer_id,
        "number": number,
        "invoice": invoice,
        "source": source,
        "issued_on": on,
        "net": gross - tax,
        "tax": tax,
        "gross": gross,
        "reason": reason,
    }
    note_id = session.execute(insert(AdjustmentNote).values(head).returning(AdjustmentNote.id)).scalar_one()
    rows = [
        {
            "dealer_id": dealer_id,
            "note_id": note_id,
            "line_no": one.line_no,
            "product_id": lines[one.line_no].product_id,
            "tax_rate": lines[one.line_no].tax_rate,
            "gross": -one.gives,
            "tax": -tax_of_line,
        }
        for one, tax_of_line in zip(adjustments, taxes, strict=True)
    ]
    session.execute(insert(AdjustmentNoteLine), rows)
    return number, gross, tax


def _entry(
    dealer_id: int,
    number: str,
    invoice: str,
    gross: Decimal,
    tax: Decimal,
    lines: Mapping[int, Record],
    on: date,
) -> Entry:
    """What is given back settles the invoice first; what is billed is due by the dealer's terms."""
    given_back = gross < 0
    terms = next(iter(lines.values())).payment_terms_days
    return Entry(
        dealer_id,
        EntryKind.CREDIT_NOTE if given_back else EntryKind.INVOICE,
        number,
        on,
        rules.invoice_entry(gross - tax, tax),
        reference=invoice,
        due_on=on if given_back else rules.due_date(on, terms),
        settles=(invoice,) if given_back else (),
    )


def _faults(one: Adjustment, lines: Mapping[int, Record]) -> list[Fault]:
    line = lines.get(one.line_no)
    if line is None:
        message, fix = N_("The invoice has no such line."), N_("Enter the number of a line of it.")
        return [Fault(f"{one.pointer}/invoice_line", "unknown_invoice_line", message, fix)]
    if one.gives and one.gives == money.to_fen(one.gives) and -line.amount <= one.gives <= line.left:
        return []
    message = N_("At most %(left)s can be given back of this line, and at most %(more)s be billed more.")
    fix = N_("Enter the difference with VAT, with a minus where the price was too low.")
    params = {"left": money.as_text(line.left), "more": money.as_text(line.amount)}
    return [Fault(f"{one.pointer}/gives", "adjustment_out_of_range", message, fix, params)]


def _lines(session: Session, dealer_id: int, invoice: str) -> dict[int, Record]:
    rows = session.execute(_LINES, {"dealer_id": dealer_id, "number": invoice})
    return {row.line_no: row for row in rows}


# By line of the invoice: what is adjusted of it (negative was given back), and how many units were away
# before those that came back now, of which the shipment knows already.
_RETURNED = text(
    """
    SELECT l.line_no, b.units, l.quantity - s.returned + b.units AS away,
           (SELECT sum(a.gross) FROM adjustment_note m
              JOIN adjustment_note_line a ON (a.dealer_id, a.note_id) = (m.dealer_id, m.id)
             WHERE m.dealer_id = v.dealer_id AND m.invoice = v.number AND a.line_no = l.line_no) AS adjusted
      FROM unnest(CAST(:lines AS smallint[]), CAST(:units AS integer[])) AS b(order_line_no, units)
      JOIN invoice v ON v.dealer_id = :dealer_id AND v.number = :number
      JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)
                         AND l.order_line_no = b.order_line_no
      JOIN LATERAL (SELECT sum(p.returned) AS returned FROM shipment_line p
                     WHERE (p.dealer_id, p.shipment_id) = (v.dealer_id, v.shipment_id)
                       AND p.line_no = l.order_line_no) s ON true
     WHERE EXISTS (SELECT FROM adjustment_note m WHERE m.dealer_id = v.dealer_id AND m.invoice = v.number)
     ORDER BY l.line_no
    """
)
# What is left of a line: what was billed, less what came back of it, and with what was adjusted before.
_LINES = text(
    """
    SELECT l.line_no, l.product_id, l.tax_rate, l.amount, d.payment_terms_days,
           greatest(l.amount
             + coalesce((SELECT sum(c.amount) FROM invoice n
                           JOIN invoice_line c ON (c.dealer_id, c.invoice_id) = (n.dealer_id, n.id)
                          WHERE n.dealer_id = v.dealer_id AND n.order_id = v.order_id
                            AND n.shipment_id = v.shipment_id AND n.kind = 'credit_note'
                            AND c.order_line_no = l.order_line_no), 0)
             + coalesce((SELECT sum(a.gross) FROM adjustment_note m
                           JOIN adjustment_note_line a ON (a.dealer_id, a.note_id) = (m.dealer_id, m.id)
                          WHERE m.dealer_id = v.dealer_id AND m.invoice = v.number
                            AND a.line_no = l.line_no), 0), 0) AS left
      FROM invoice v
      JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)
      JOIN dealer d ON d.id = v.dealer_id
     WHERE v.dealer_id = :dealer_id AND v.number = :number AND v.kind = 'invoice'
     ORDER BY l.line_no
    """
)
