"""By how much a tax invoice may differ by rounding, from a day on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Forbidden, Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.tax_invoices.rules import Limits
from portal.tax_invoices.vocabulary import TaxInvoiceAction

PER_LINE_MAX, PER_INVOICE_MAX = Decimal(10), Decimal(100)


def limits_on(session: Session, day: date) -> Limits:
    """The limits in force on a day; those of practice where none were set."""
    row = session.execute(_ON, {"day": day}).one_or_none()
    return Limits(row.per_line, row.per_invoice) if row else Limits()


def set_limits(
    session: Session,
    *,
    actor: Actor,
    valid_from: date,
    per_line: Decimal,
    per_invoice: Decimal,
    today: date,
    at: datetime,
) -> None:
    """Set the limits from a day on, today at the earliest, for the documents of every dealer.

    Raises Invalid with every fault, Forbidden, also to whoever sees some dealers only.
    """
    actor.require(LedgerRight.APPROVE)
    if actor.region_ids is not None:
        raise Forbidden(
            "all_regions_needed",
            N_("These limits concern dealers of all regions, and you see only some."),
            fix=N_("Ask a colleague who works for all regions."),
        )
    faults = []
    if valid_from < today:
        faults.append(
            Fault(
                "/valid_from",
                "in_past",
                N_("What was compared before stays as it was."),
                N_("Enter today or a later day."),
            )
        )
    for pointer, limit, most in (
        ("/per_line", per_line, PER_LINE_MAX),
        ("/per_invoice", per_invoice, PER_INVOICE_MAX),
    ):
        if not limit.is_finite() or not 0 <= limit <= most or limit != money.to_fen(limit):
            fix = N_("Enter an amount from 0 to %(max)s with at most two places.")
            faults.append(
                Fault(pointer, "limit", N_("This is no limit for rounding."), fix, {"max": str(most)})
            )
    if not faults and per_invoice < per_line:
        message = N_("An invoice may not differ by less than one of its lines.")
        faults.append(Fault("/per_invoice", "limit", message, N_("Raise it to the limit of a line.")))
    if faults:
        raise Invalid(faults=faults)
    row = {"valid_from": valid_from, "per_line": per_line, "per_invoice": per_invoice}
    session.execute(_SET, {**row, "label": actor.label, "at": at})
    after = {"per_line": money.as_text(per_line), "per_invoice": money.as_text(per_invoice)}
    audit.record(
        session,
        TaxInvoiceAction.LIMITS_SET,
        valid_from.isoformat(),
        actor=actor,
        dealer_id=None,
        after=after,
    )


_ON = text(
    "SELECT per_line, per_invoice FROM tax_invoice_limit WHERE valid_from <= :day"
    " ORDER BY valid_from DESC LIMIT 1"
)
_SET = text(
    """
    INSERT INTO tax_invoice_limit (valid_from, per_line, per_invoice, set_by_label, set_at)
    VALUES (:valid_from, :per_line, :per_invoice, :label, :at)
    ON CONFLICT (valid_from) DO UPDATE
       SET per_line = EXCLUDED.per_line, per_invoice = EXCLUDED.per_invoice,
           set_by_label = EXCLUDED.set_by_label, set_at = EXCLUDED.set_at
    """
)
