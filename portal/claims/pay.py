"""What a claim is worth and how it is paid: the one place from which settlement and the books are called."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.entry import ClaimEntry
from portal.claims.locked import LockedClaim
from portal.claims.rules import ClaimKind, Treatment
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.ledger.post_rebate_note import NoteLine, post_rebate_note
from portal.ledger.rules import NoteTreatment
from portal.rebates.earned import Earned
from portal.settlements.accounts import is_net
from portal.settlements.settle_period import due_of, programme_named, settle_claim

_STANDARD_RATE = Decimal("0.13")  # where a rebate belongs to no invoice
_MONTHS = 24  # how far back invoices are sought that a price reduction is linked to


def due(session: Session, *, dealer_id: int, earned: Earned, today: date) -> Decimal:
    """What of a period of a programme may be paid now; while it runs, what was earned so far."""
    if earned.last_day >= today:
        return earned.accrued
    return due_of(session, dealer_id=dealer_id, programme=earned.number, period=earned.period, today=today)


def post_note(
    session: Session,
    *,
    actor: Actor,
    claim: LockedClaim,
    entry: ClaimEntry,
    approved: Decimal,
    on: date,
    at: datetime,
) -> str:
    """Post the note that pays an approved claim; its number. Raises Conflict when it cannot be paid now.

    A rebate of a period settles that period, up to what is due for it; what was granted beyond that is paid
    by a second note.
    """
    if claim.kind is not ClaimKind.PERIOD:
        lines = _lines(session, claim, entry, approved)
        return _post(session, actor, claim, lines, on, at)
    about: dict[str, Any] = {
        "dealer_id": claim.dealer_id,
        "programme": claim.programme,
        "period": claim.period,
    }
    _require_unsettled(session, about)
    settled = min(_due(session, on, about), approved)
    number = ""
    if settled > 0:
        note = settle_claim(session, actor=actor, approved=settled, claim=claim.number, on=on, at=at, **about)
        number = note.number
    if beyond := approved - settled:
        terms = programme_named(session, claim.programme).terms
        gross = money.to_fen(beyond * (1 + _STANDARD_RATE)) if is_net(terms) else beyond
        second = _post(session, actor, claim, [NoteLine("", _STANDARD_RATE, gross)], on, at)
        number = number or second
    return number


def _require_unsettled(session: Session, about: dict[str, Any]) -> None:
    """Whatever was settled meanwhile is paid: nothing is granted beyond it by a claim."""
    if session.execute(_SETTLED, about).first():
        raise Conflict(
            "already_settled",
            N_("This period is settled already; nothing is paid twice."),
            fix=N_("Reject the claim; what is still owed is an adjustment of the settlement."),
        )


def _due(session: Session, on: date, about: dict[str, Any]) -> Decimal:
    try:
        return due_of(session, today=on, **about)
    except NotFound:  # nothing is earned any more: the programme was withdrawn, or the dealer left it
        return money.ZERO


def _post(
    session: Session, actor: Actor, claim: LockedClaim, lines: list[NoteLine], on: date, at: datetime
) -> str:
    note = post_rebate_note(
        session,
        actor=actor,
        dealer_id=claim.dealer_id,
        source=claim.number,
        treatment=NoteTreatment(str(claim.treatment)),
        lines=lines,
        reason=claim.number,
        on=on,
        at=at,
    )
    return note.number


def _lines(session: Session, claim: LockedClaim, entry: ClaimEntry, approved: Decimal) -> list[NoteLine]:
    """A service is of no invoice; a price reduction is taken off what was billed last, of its goods."""
    if claim.treatment is Treatment.SERVICE:
        return [NoteLine("", money.ZERO, approved)]
    skus = sorted({line.sku for line in entry.lines})
    about = {"dealer_id": claim.dealer_id, "skus": skus, "months": _MONTHS}
    lines, left = [], approved
    for row in session.execute(_BILLED, about):
        part = min(left, row.left)
        lines.append(NoteLine(row.number, row.tax_rate, part))
        left -= part
        if not left:
            return lines
    return [*lines, NoteLine("", _STANDARD_RATE, left)]


# What notes have given back of an invoice counts once, against its first rate.
_BILLED = text(
    """
    SELECT b.number, b.tax_rate, b.billed - CASE b.place WHEN 1 THEN coalesce(g.given, 0) ELSE 0 END AS left
      FROM (SELECT v.number, v.issued_on, v.id, i.tax_rate, sum(i.amount) AS billed,
                   row_number() OVER (PARTITION BY v.id ORDER BY sum(i.amount) DESC, i.tax_rate) AS place
              FROM invoice v
              JOIN invoice_line i ON (i.dealer_id, i.invoice_id) = (v.dealer_id, v.id)
              JOIN product p ON p.id = i.product_id
             WHERE v.dealer_id = :dealer_id AND v.kind = 'invoice'
               AND v.issued_on > app_today() - make_interval(months => :months)
               AND (cardinality(CAST(:skus AS text[])) = 0 OR p.sku = ANY (CAST(:skus AS text[])))
             GROUP BY v.id, v.number, v.issued_on, i.tax_rate) b
      LEFT JOIN (SELECT l.invoice, -sum(l.gross) AS given FROM rebate_note_line l
                  WHERE l.dealer_id = :dealer_id AND l.invoice <> '' GROUP BY l.invoice) g
        ON g.invoice = b.number
     WHERE b.billed - CASE b.place WHEN 1 THEN coalesce(g.given, 0) ELSE 0 END > 0
     ORDER BY b.issued_on DESC, b.id DESC, b.place LIMIT 200
    """
)
_SETTLED = text(
    """
    SELECT 1 FROM rebate_settlement s JOIN rebate_programme p ON p.id = s.programme_id
     WHERE s.dealer_id = :dealer_id AND p.number = :programme AND s.period = :period AND s.kind = 'final'
    """
)
