"""Acts of dunning, each in a transaction of its own, as the person who does it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.dunning.charge_interest import charge_interest
from portal.dunning.decide_run import discard_run, release_run
from portal.dunning.policy import policy_in_force, set_policy
from portal.dunning.propose_run import propose_run
from portal.dunning.queries import LetterDetail, LetterRow, letter_of, letters
from portal.dunning.rules import LetterState, Policy
from portal.dunning.send_letter import send_letter
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from tests import cast
from tests.builders import Given
from tests.ledger.acts import delivered
from tests.roles import Dealer, Person, Product, System
from tests.statements.acts import ISSUER

DAY = timedelta(days=1)


def owing(
    given: Given,
    database: Database,
    *,
    days_late: int,
    to: Dealer = cast.huadong,
    units: int = 3,
    product: Product = cast.gloves,
) -> str:
    """A delivery whose invoice is overdue for so many days today; its number."""
    on = cast.TODAY - timedelta(days=days_late + to.payment_terms_days)
    return delivered(given, database, {product: units}, to=to, on=on).invoice_number


def proposed(
    database: Database, today: date = cast.TODAY, *, by: Person | System = cast.hq_finance
) -> str | None:
    """A run is proposed."""
    with transaction(database.session_for(by.actor())) as session:
        return propose_run(session, actor=by.actor(), today=today, at=cast.NOW)


def released(
    database: Database,
    run: str,
    chosen: Collection[str] | None = None,
    *,
    by: Person | System = cast.hq_finance,
) -> int:
    """Somebody releases all letters of a run, or those chosen."""
    with transaction(database.session_for(by.actor())) as session:
        return release_run(session, actor=by.actor(), number=run, letters=chosen, at=cast.NOW)


def sent(database: Database, number: str, *, today: date = cast.TODAY) -> LetterState:
    """What the job does with a released letter."""
    with transaction(database.system_session()) as session:
        return send_letter(
            session, actor=SYSTEM, number=number, issuer=ISSUER, phone="021-1234", today=today, at=cast.NOW
        )


def all_sent(database: Database, run: str, *, today: date = cast.TODAY) -> dict[str, LetterRow]:
    """A run released and carried out; its letters by the code of their dealer."""
    released(database, run)
    for one in letters_of(database, run):
        sent(database, one.number, today=today)
    return {one.dealer_code: one for one in letters_of(database, run)}


def a_letter_each(database: Database) -> dict[str, str]:
    """The number of a letter that was sent, by the code of the dealer; for debts that fall due in time."""
    later = cast.TODAY + 90 * DAY
    policy_is(database)
    run = proposed(database, later)
    assert run is not None, "somebody owes something"
    return {code: one.number for code, one in all_sent(database, run, today=later).items()}


def letters_of(
    database: Database, run: str = "", *, by: Person | System = cast.hq_finance
) -> tuple[LetterRow, ...]:
    """The letters of a run as somebody reads them."""
    with transaction(database.session_for(by.actor())) as session:
        return letters(session, run=run).items


def letter(database: Database, number: str, *, by: Person | System = cast.hq_finance) -> LetterDetail:
    """A letter as somebody reads it."""
    with transaction(database.session_for(by.actor())) as session:
        return letter_of(session, number)


def charged(database: Database, number: str, *, by: Person | System = cast.hq_finance) -> str:
    """Its interest is posted."""
    with transaction(database.session_for(by.actor())) as session:
        return charge_interest(session, actor=by.actor(), number=number, today=cast.TODAY, at=cast.NOW)


def policy_is(database: Database, *, by: Person | System = cast.finance_colleague, **changes: Any) -> int:
    """Debts are demanded in another way."""
    usual = {
        "days": (7, 21, 45),
        "minimum": Decimal("0.00"),
        "interest_rate": None,
        "day_count": 360,
        "stop_level": None,
        "respite": 7,
    }
    with transaction(database.session_for(by.actor())) as session:
        seen = policy_in_force(session).version
        policy = Policy(**usual | changes)
        return set_policy(session, actor=by.actor(), policy=policy, seen=seen, reason="试行", at=cast.NOW)


def discarded(database: Database, run: str, *, by: Person | System = cast.hq_finance) -> None:
    """Somebody sends nothing of it."""
    with transaction(database.session_for(by.actor())) as session:
        discard_run(session, actor=by.actor(), number=run, at=cast.NOW)
