"""Acts on credit, each in a transaction of its own, as the person who does it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.credit.decide_change import approve_change, reject_change, withdraw_change
from portal.credit.propose_change import propose_change, recall_change
from portal.credit.queries import ChangeRow, History, change_of, history
from portal.credit.rules import ChangeKind, Proposed
from portal.credit.stop_dealer import end_stop, stop_dealer
from portal.credit.turn_changes import dealers_due, turn_changes
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from tests import cast
from tests.roles import Dealer, Person, System

DAY = timedelta(days=1)


def proposed(
    database: Database,
    amount: str | None = "500000.00",
    *,
    days: int | None = None,
    dealer: Dealer = cast.huadong,
    since: date = cast.TODAY,
    until: date | None = None,
    why: str = "销量增长",
    by: Person | System = cast.hq_finance,
    today: date = cast.TODAY,
) -> str:
    """Somebody proposes a limit, or terms where `days` are given."""
    kind = ChangeKind.LIMIT if days is None else ChangeKind.TERMS
    value = Decimal(amount) if amount is not None and days is None else None
    with transaction(database.session_for(by.actor())) as session:
        return propose_change(
            session,
            actor=by.actor(),
            dealer_id=dealer.id,
            proposed=Proposed(kind, value, days, since, until, why),
            today=today,
            at=cast.NOW,
        )


def approved(
    database: Database,
    number: str,
    *,
    by: Person | System = cast.finance_colleague,
    revision: int | None = None,
    today: date = cast.TODAY,
) -> None:
    """Another person approves."""
    with transaction(database.session_for(by.actor())) as session:
        approve_change(session, actor=by.actor(), number=number, revision=revision, today=today, at=cast.NOW)


def rejected(
    database: Database, number: str, reason: str = "太高", *, by: Person | System = cast.finance_colleague
) -> None:
    """Another person sends it back."""
    with transaction(database.session_for(by.actor())) as session:
        reject_change(session, actor=by.actor(), number=number, reason=reason)


def recalled(database: Database, number: str, *, by: Person | System = cast.hq_finance) -> None:
    """It is taken back."""
    with transaction(database.session_for(by.actor())) as session:
        recall_change(session, actor=by.actor(), number=number)


def withdrawn(
    database: Database, number: str, *, by: Person | System = cast.finance_colleague, today: date = cast.TODAY
) -> None:
    """It is taken out of force."""
    with transaction(database.session_for(by.actor())) as session:
        withdraw_change(session, actor=by.actor(), number=number, reason="风险上升", today=today, at=cast.NOW)


def turned(database: Database, today: date) -> int:
    """What the clock does on a day; how many changes it put in force or ended."""
    with transaction(database.system_session()) as session:
        due = dealers_due(session, today=today)
        return sum(
            turn_changes(session, actor=SYSTEM, dealer_id=one, today=today, at=cast.NOW) for one in due
        )


def stopped(
    database: Database,
    *,
    dealer: Dealer = cast.huadong,
    reason: str = "逾期未付",
    until: date | None = None,
    by: Person | System = cast.hq_finance,
    **more: Any,
) -> str:
    """A dealer is put on the stop list."""
    with transaction(database.session_for(by.actor())) as session:
        return stop_dealer(
            session,
            actor=by.actor(),
            dealer_id=dealer.id,
            reason=reason,
            until=until,
            today=cast.TODAY,
            at=cast.NOW,
            **more,
        )


def ended(database: Database, number: str, *, by: Person | System = cast.hq_finance) -> None:
    """It is taken off again."""
    with transaction(database.session_for(by.actor())) as session:
        end_stop(session, actor=by.actor(), number=number, reason="已付清", at=cast.NOW)


def a_change_and_a_stop(database: Database, dealer: Dealer) -> dict[str, str]:
    """A limit that is in force, and a stop that has ended; by kind of document."""
    limit = proposed(database, dealer=dealer, amount="800000.00")
    approved(database, limit)
    stop = stopped(database, dealer=dealer)
    ended(database, stop)
    return {"credit change": limit, "stop": stop}


def change(database: Database, number: str, *, by: Person | System = cast.hq_finance) -> ChangeRow:
    """A change as it is read."""
    with transaction(database.session_for(by.actor())) as session:
        return change_of(session, number)


def in_history(
    database: Database,
    *,
    dealer: Dealer = cast.huadong,
    by: Person | System = cast.hq_finance,
    today: date = cast.TODAY,
) -> History:
    """What was in force of a dealer, as somebody reads it."""
    with transaction(database.session_for(by.actor())) as session:
        return history(session, dealer.id, today=today)
