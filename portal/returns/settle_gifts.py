"""With its inspection a return settles the gifts: those that stay unearned are billed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.ledger.charge_gifts import charge_gifts
from portal.returns.gifts import gift_lines
from portal.returns.locked import LockedReturn


@dataclass(frozen=True, slots=True)
class SettledGifts:
    """Notes on gifts. gross: ¥ that they bill together; negative where more is given back."""

    notes: tuple[str, ...]
    gross: Decimal


def settle_gifts(
    session: Session,
    *,
    actor: Actor,
    found: LockedReturn,
    credit: Decimal,
    may_exceed: bool,
    today: date,
    at: datetime,
) -> SettledGifts:
    """Bill gifts that the goods which stay do not earn, and give back what was billed for those that came.

    After the units of the return are counted as returned. credit: ¥ that the return gives back; more than
    that is billed only where headquarters says so (`may_exceed`). Raises Conflict.
    """
    lines = gift_lines(
        session, dealer_id=found.dealer_id, order_id=found.order_id, planned=False, but=found.id
    )
    charges = {line.line_no: line.outstanding for line in lines if line.outstanding}
    gross = sum(charges.values(), money.ZERO)
    if gross > max(credit, money.ZERO) and not may_exceed:
        raise Conflict(
            "gifts_exceed_credit",
            N_("Gifts that stay cost ¥%(charge)s, more than the ¥%(credit)s that this return gives back."),
            fix=N_("Say that the rest is billed, or wait for the gifts to come back."),
            charge=money.as_text(gross),
            credit=money.as_text(credit),
        )
    notes = charge_gifts(
        session,
        actor=actor,
        dealer_id=found.dealer_id,
        order_id=found.order_id,
        shipment_id=found.shipment_id,
        charges=charges,
        source=found.number,
        on=today,
        at=at,
    )
    return SettledGifts(tuple(notes), gross)


def require_gifts_settled(session: Session, found: LockedReturn) -> None:
    """Raise Conflict where goods that came back meanwhile leave gifts of a return unearned.

    The dealer then sends them, or headquarters rejects the return and leaves them to it.
    """
    if not any(line.is_gift for line in found.lines):
        return
    lines = gift_lines(
        session, dealer_id=found.dealer_id, order_id=found.order_id, planned=False, but=found.id
    )
    owed = sum(max(0, line.unearned - line.paid) for line in lines)
    if owed:
        raise Conflict(
            "gifts_owed",
            N_("Goods that came back do not earn %(units)s units of the gifts any more."),
            fix=N_("Send the gifts back, or ask headquarters to reject the return."),
            units=owed,
        )
