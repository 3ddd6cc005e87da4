"""What a document reserves of a budget, gives back, and spends: by claims, settlements and activities.

A document draws on an activity of its dealer, or on the pot of a rebate programme. What an activity was
approved for is reserved in its pot as a whole; a claim takes its part of that, so that the pot's figures
change only when money is spent or given back. Locks: the document, its activities, then its pots.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.budgets.locked import LockedActivity, LockedPot, lock_activities, lock_pots, use_of
from portal.budgets.programme_pot import ensure_programme_pot
from portal.budgets.rules import ActivityState, UseState
from portal.kernel.db import Record, scope_of
from portal.kernel.errors import N_, Conflict, Fault, Invalid


@dataclass(frozen=True, slots=True)
class _Source:
    """What a document draws on, locked."""

    pot: LockedPot
    activity: LockedActivity | None

    @property
    def left(self) -> Decimal:
        return self.activity.left if self.activity else self.pot.held.free

    def is_of(self, use: Record | None) -> bool:
        """Whether a document holds something of it."""
        return (
            use is not None
            and use.state == UseState.RESERVED
            and (use.budget_id, use.activity_id) == (self.pot.id, self.activity and self.activity.id)
        )


def reserve(
    session: Session,
    *,
    dealer_id: int,
    activity: str | None,
    programme: str | None,
    document: str,
    amount: Decimal,
) -> None:
    """Reserve an amount for a document: of its activity, or of the pot of its programme if that has one.

    Asked again, the document holds the new amount instead, also of something else. Raises Invalid for an
    unknown activity, Conflict when less is left, the activity is not open, or the document was paid.
    """
    if amount < 0:
        raise ValueError("nothing negative is reserved")
    use = use_of(session, dealer_id, document)
    if use is not None and use.state == UseState.SPENT:
        raise _spent()
    source = _source(session, dealer_id, activity, programme, use)
    if source is not None:
        available = source.left + (use.amount if use is not None and source.is_of(use) else 0)
        if amount > available:
            raise exhausted(session, available, of_activity=source.activity is not None)
    if use is not None and use.state == UseState.RESERVED:
        _give_back(session, dealer_id, use, use.amount)
        _write(session, dealer_id, document, use.budget_id, use.activity_id, Decimal(0), UseState.RELEASED)
    if source is None:
        return
    _take(session, source, amount)
    of_activity = source.activity.id if source.activity else None
    _write(session, dealer_id, document, source.pot.id, of_activity, amount, UseState.RESERVED)


def release(session: Session, *, dealer_id: int, document: str) -> None:
    """Give back what a document holds; nothing where it holds nothing. Raises Conflict when it was paid."""
    use = use_of(session, dealer_id, document)
    if use is None or use.state == UseState.RELEASED:
        return
    if use.state == UseState.SPENT:
        raise _spent()
    _lock_of(session, dealer_id, use)
    _give_back(session, dealer_id, use, use.amount)
    _write(session, dealer_id, document, use.budget_id, use.activity_id, use.amount, UseState.RELEASED)


def spend(session: Session, *, dealer_id: int, document: str, amount: Decimal) -> None:
    """Spend at most what a document holds; the rest is given back. The same twice is once.

    Nothing where it never reserved anything: its programme has no pot. Raises Conflict.
    """
    use = use_of(session, dealer_id, document)
    if use is None or (use.state == UseState.SPENT and use.amount == amount):
        return
    if use.state == UseState.SPENT:
        raise _spent()
    if amount < 0:
        raise ValueError("nothing negative is spent")
    held = use.amount if use.state == UseState.RESERVED else Decimal(0)
    if amount > held:
        raise exhausted(session, held, of_activity=use.activity_id is not None)
    _lock_of(session, dealer_id, use)
    if use.state == UseState.RESERVED:
        _give_back(session, dealer_id, use, held - amount)
    _move(session, use.budget_id, reserved=-amount, spent=amount)
    _write(session, dealer_id, document, use.budget_id, use.activity_id, amount, UseState.SPENT)


def draw(
    session: Session,
    *,
    dealer_id: int,
    activity: str | None,
    programme: str | None,
    document: str,
    amount: Decimal,
) -> None:
    """Reserve an amount and spend it at once, be it more or less than the document held.

    Raises what `reserve` raises.
    """
    reserve(
        session,
        dealer_id=dealer_id,
        activity=activity,
        programme=programme,
        document=document,
        amount=amount,
    )
    spend(session, dealer_id=dealer_id, document=document, amount=amount)


def take_back(session: Session, *, dealer_id: int, programme: str, document: str, amount: Decimal) -> None:
    """What a document takes back of a programme's rebates is free in its pot again, as far as it was spent.

    Nothing where the programme has no pot. The same twice is once.
    """
    pot_id = ensure_programme_pot(session, programme=programme)
    if pot_id is None or use_of(session, dealer_id, document) is not None:
        return
    pot = lock_pots(session, [pot_id])[pot_id]
    back = min(amount, pot.spent)
    if back > 0:
        _move(session, pot_id, reserved=Decimal(0), spent=-back)
        _write(session, dealer_id, document, pot_id, None, -back, UseState.SPENT)


def holds_of(session: Session, *, dealer_id: int, budget_id: int) -> bool:
    """Whether a document of a dealer has something reserved of a pot."""
    found: bool = session.execute(_HOLDS, {"dealer_id": dealer_id, "budget_id": budget_id}).scalar_one()
    return found


def hold(session: Session, *, dealer_id: int, document: str, pot: LockedPot, amount: Decimal) -> None:
    """Reserve of a locked pot what an activity was approved for."""
    _move(session, pot.id, reserved=amount)
    _write(session, dealer_id, document, pot.id, None, amount, UseState.RESERVED)


def give_up(session: Session, activity: LockedActivity) -> None:
    """What a locked activity has left is free in its pot, which is locked too."""
    assert activity.budget_id is not None
    _move(session, activity.budget_id, reserved=-activity.left)
    about = (activity.dealer_id, activity.number, activity.budget_id)
    _write(session, *about, None, activity.left, UseState.RELEASED)


def exhausted(session: Session, left: Decimal, *, of_activity: bool) -> Conflict:
    """Why nothing more is reserved: what is left is for headquarters, but for a dealer's own activity."""
    if scope_of(session).dealer_id:
        if of_activity:
            message = N_("The approved amount of your activity is used up.")
            return Conflict(
                "budget_exhausted", message, fix=N_("Claim less, or plan another activity."), left=left
            )
        message = N_("No money is left for this.")
        return Conflict("budget_exhausted", message, fix=N_("Talk to your channel manager."))
    message = N_("The budget has only ¥%(left)s left.")
    fix = N_("Approve less, or have the budget raised.")
    return Conflict("budget_exhausted", message, fix=fix, left=left)


def _spent() -> Conflict:
    message = N_("What this document reserved has been paid already.")
    return Conflict("budget_spent", message, fix=N_("Nothing is left to do."))


def _source(
    session: Session, dealer_id: int, activity: str | None, programme: str | None, use: Record | None
) -> _Source | None:
    """What a document is to draw on, locked together with what it drew on before."""
    wanted = None if activity is None else _activity_id(session, dealer_id, activity)
    earlier = {use.activity_id} if use is not None and use.activity_id is not None else set()
    activities = lock_activities(session, dealer_id, earlier | ({wanted} if wanted is not None else set()))
    found = None if wanted is None else activities[wanted]
    if found is not None and found.state != ActivityState.APPROVED:
        message, fix = N_("This activity is not open."), N_("Choose an approved activity.")
        raise Conflict("activity_not_open", message, fix=fix, state=found.state)
    if found is not None:
        pot_id = found.budget_id
    else:
        pot_id = None if programme is None else ensure_programme_pot(session, programme=programme)
    old = {use.budget_id} if use is not None and use.state == UseState.RESERVED else set()
    pots = lock_pots(session, old | ({pot_id} if pot_id is not None else set()))
    return None if pot_id is None else _Source(pots[pot_id], found)


def _activity_id(session: Session, dealer_id: int, number: str) -> int:
    about = {"dealer_id": dealer_id, "number": number}
    found: int | None = session.execute(_ACTIVITY, about).scalar_one_or_none()
    if found is None:
        message, fix = N_("There is no such activity."), N_("Choose one of your approved activities.")
        raise Invalid(faults=[Fault("/activity", "unknown_activity", message, fix)])
    return found


def _lock_of(session: Session, dealer_id: int, use: Record) -> None:
    if use.activity_id is not None:
        lock_activities(session, dealer_id, [use.activity_id])
    lock_pots(session, [use.budget_id])


def _take(session: Session, source: _Source, amount: Decimal) -> None:
    if source.activity is None:
        _move(session, source.pot.id, reserved=amount)
        return
    about = {"dealer_id": source.activity.dealer_id, "document": source.activity.number, "amount": amount}
    session.execute(_OF_ACTIVITY, about)


def _give_back(session: Session, dealer_id: int, use: Record, amount: Decimal) -> None:
    """To the activity while that is open, else to the pot."""
    if not amount:
        return
    if use.activity_id is not None:
        about = {"dealer_id": dealer_id, "activity_id": use.activity_id, "amount": amount}
        if session.execute(_TO_ACTIVITY, about).one_or_none() is not None:
            return
    _move(session, use.budget_id, reserved=-amount)


def _move(session: Session, budget_id: int, *, reserved: Decimal, spent: Decimal = Decimal(0)) -> None:
    session.execute(_MOVE, {"id": budget_id, "reserved": reserved, "spent": spent})


def _write(
    session: Session,
    dealer_id: int,
    document: str,
    budget_id: int,
    activity_id: int | None,
    amount: Decimal,
    state: UseState,
) -> None:
    session.execute(
        _WRITE,
        {
            "dealer_id": dealer_id,
            "document": document,
            "budget_id": budget_id,
            "activity_id": activity_id,
            "amount": amount,
            "state": str(state),
        },
    )


_HOLDS = text(
    """
    SELECT EXISTS (SELECT FROM budget_use
                    WHERE dealer_id = :dealer_id AND budget_id = :budget_id AND state = 'reserved'
                      AND amount > 0)
    """
)
_ACTIVITY = text("SELECT id FROM activity WHERE dealer_id = :dealer_id AND number = :number")
_OF_ACTIVITY = text(
    """
    UPDATE budget_use SET amount = amount - :amount, changed_at = now()
     WHERE dealer_id = :dealer_id AND document = :document
    """
)
_TO_ACTIVITY = text(
    """
    UPDATE budget_use u SET amount = u.amount + :amount, changed_at = now()
      FROM activity a
     WHERE a.dealer_id = :dealer_id AND a.id = :activity_id AND a.state = 'approved'
       AND u.dealer_id = a.dealer_id AND u.document = a.number AND u.state = 'reserved'
    RETURNING u.document
    """
)
_MOVE = text(
    """
    UPDATE rebate_budget SET reserved = reserved + :reserved, spent = spent + :spent WHERE id = :id
    """
)
_WRITE = text(
    """
    INSERT INTO budget_use (dealer_id, document, budget_id, activity_id, amount, state, changed_at)
    VALUES (:dealer_id, :document, :budget_id, :activity_id, :amount, :state, now())
    ON CONFLICT (dealer_id, document) DO UPDATE
       SET budget_id = excluded.budget_id, activity_id = excluded.activity_id, amount = excluded.amount,
           state = excluded.state, changed_at = excluded.changed_at
    """
)
