"""Give a rebate, or take one back: a note that moves the account, linked to the invoices that earned it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money, numbering
from portal.kernel.actor import Actor
from portal.kernel.money import ZERO
from portal.ledger import rules
from portal.ledger.journal import Entry, post
from portal.ledger.models import RebateNote, RebateNoteLine
from portal.ledger.rules import EntryKind, NoteTreatment
from portal.ledger.vocabulary import LedgerAction


@dataclass(frozen=True, slots=True)
class NoteLine:
    """What is given (negative: taken back), VAT-inclusive, on one invoice at one rate of tax.

    invoice: empty where the rebate belongs to none.
    """

    invoice: str
    tax_rate: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class PostedNote:
    """A note in the books. gross: what the dealer gets, tax included; negative when it is taken back."""

    number: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    period: str
    late: bool


def post_rebate_note(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    source: str,
    treatment: NoteTreatment,
    lines: Sequence[NoteLine],
    reason: str,
    on: date,
    at: datetime,
) -> PostedNote:
    """Give what the lines say on business date `on`, as price reduction split by invoice and rate of tax.

    Part of a verb that has decided it; `source` is the document it pays. It settles what the dealer owes,
    the earliest first. Raises ValueError for lines that give nothing in all, NotFound out of scope.
    """
    gross = sum((line.gross for line in lines), ZERO)
    if not gross:
        raise ValueError(f"a note for {source} over nothing")
    lock_account(session, dealer_id)
    number = numbering.new_number("RN", on)
    taxes = [_tax(line, treatment) for line in lines]
    tax = sum(taxes, ZERO)
    head = {
        "dealer_id": dealer_id,
        "number": number,
        "treatment": treatment,
        "source": source,
        "issued_on": on,
        "net": tax - gross,
        "tax": -tax,
        "gross": -gross,
        "reason": reason,
    }
    _write(session, head, lines, taxes)
    entry = Entry(
        dealer_id,
        EntryKind.REBATE,
        number,
        on,
        rules.rebate_entry(tax - gross, -tax, treatment),
        reference=source,
        due_on=on,
    )
    posted = post(session, entry, actor=actor, at=at)
    after = {"source": source, "gross": money.as_text(gross), "period": posted.period}
    audit.record(
        session,
        LedgerAction.REBATE_NOTE_POSTED,
        number,
        actor=actor,
        dealer_id=dealer_id,
        after=after,
        reason=reason,
    )
    return PostedNote(number, gross - tax, tax, gross, posted.period, posted.late)


def _tax(line: NoteLine, treatment: NoteTreatment) -> Decimal:
    return ZERO if treatment is NoteTreatment.SERVICE else money.tax_within(line.gross, line.tax_rate)


def _write(
    session: Session, head: dict[str, object], lines: Sequence[NoteLine], taxes: Sequence[Decimal]
) -> None:
    note_id = session.execute(insert(RebateNote).values(head).returning(RebateNote.id)).scalar_one()
    rows = [
        {
            "dealer_id": head["dealer_id"],
            "note_id": note_id,
            "line_no": line_no,
            "invoice": line.invoice,
            "tax_rate": line.tax_rate,
            "gross": -line.gross,
            "tax": -tax,
        }
        for line_no, (line, tax) in enumerate(zip(lines, taxes, strict=True), start=1)
    ]
    session.execute(insert(RebateNoteLine), rows)
