"""Note a red-letter confirmation form of the tax platform, and where it stands there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.tax_invoices.red_form_rules import RedFormState, require_later
from portal.tax_invoices.rules import is_number
from portal.tax_invoices.take_tax_invoice import left_of
from portal.tax_invoices.vocabulary import TaxInvoiceAction

FIRST = (RedFormState.NEEDS_NONE, RedFormState.SELLER_ENTERED, RedFormState.BUYER_ENTERED)


def note_red_form(
    session: Session,
    *,
    actor: Actor,
    number: str,
    blue: str,
    gross: Decimal,
    state: RedFormState,
    asked_at: datetime,
    at: datetime,
) -> None:
    """Note a form, or that one moved on. gross: what it takes back, VAT included, negative.

    asked_at: when it was entered on the platform. The same again changes nothing. Raises Invalid with every
    fault, Conflict for a state that cannot follow, Forbidden.
    """
    actor.require(LedgerRight.POST)
    dealer_id = session.execute(_OWNER, {"number": blue}).scalar() if is_number(blue) else None
    if faults := _faults(number, dealer_id, gross, asked_at, at):
        raise Invalid(faults=faults)
    assert dealer_id is not None
    lock_account(session, dealer_id)
    kept = session.execute(_KEPT, {"number": number}).one_or_none()
    if kept is not None and (kept.blue_no, kept.gross) != (blue, gross):
        message = N_("Form %(number)s is noted for another invoice or amount.")
        raise Conflict("red_form_differs", message, number=number)
    if kept is not None and kept.state == state:
        return
    row = {"dealer_id": dealer_id, "number": number, "state": state, "at": at, "label": actor.label}
    if kept is None:
        _require_first(session, dealer_id, blue, gross, state)
        session.execute(_NOTE, {**row, "blue": blue, "gross": gross, "asked_at": asked_at})
    else:
        require_later(RedFormState(kept.state), state)
        session.execute(_MOVE, row)
    audit.record(
        session,
        TaxInvoiceAction.RED_FORM_MOVED if kept else TaxInvoiceAction.RED_FORM_NOTED,
        number,
        actor=actor,
        dealer_id=dealer_id,
        before={"state": kept.state} if kept else None,
        after={"state": str(state), "blue": blue, "gross": money.as_text(gross)},
    )


def _require_first(session: Session, dealer_id: int, blue: str, gross: Decimal, state: RedFormState) -> None:
    if state not in FIRST:
        message = N_("A form that nobody noted before stands at 01, 02 or 03.")
        raise Invalid(faults=[Fault("/state", "state", message, N_("Note how it began first."))])
    left = left_of(session, dealer_id, blue)
    if left is not None and -gross > left:
        message, fix = N_("Only %(left)s is left of the invoice."), N_("Enter at most that, negative.")
        raise Invalid(faults=[Fault("/gross", "beyond_blue", message, fix, {"left": money.as_text(left)})])


def _faults(
    number: str, dealer_id: int | None, gross: Decimal, asked_at: datetime, at: datetime
) -> list[Fault]:
    faults = []
    if not is_number(number):
        message, fix = N_("The number of a form has 20 digits."), N_("Copy it from the tax platform.")
        faults.append(Fault("/number", "number", message, fix))
    if dealer_id is None:
        message = N_("No tax invoice of this number is attached to a document.")
        faults.append(Fault("/blue", "unknown_blue", message, N_("Take in the invoice itself first.")))
    if not gross.is_finite() or gross >= 0 or gross != money.to_fen(gross):
        message = N_("A form takes back an amount.")
        faults.append(Fault("/gross", "amount", message, N_("Enter it negative, with at most two places.")))
    if asked_at > at:
        message = N_("It cannot have been entered after now.")
        faults.append(Fault("/asked_at", "in_future", message, N_("Enter the platform's time.")))
    return faults


_OWNER = text("SELECT dealer_id FROM tax_invoice WHERE number = :number AND state <> 'removed' AND gross > 0")
_KEPT = text("SELECT blue_no, gross, state FROM red_form WHERE number = :number")
_NOTE = text(
    """
    INSERT INTO red_form (dealer_id, number, blue_no, gross, state, asked_at, moved_at, moved_by_label)
    VALUES (:dealer_id, :number, :blue, :gross, :state, :asked_at, :at, :label)
    """
)
_MOVE = text(
    """
    UPDATE red_form SET state = :state, moved_at = :at, moved_by_label = :label
     WHERE (dealer_id, number) = (:dealer_id, :number)
    """
)
