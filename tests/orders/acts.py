"""What headquarters does about held orders and their rules, each act in a transaction of its own."""

from __future__ import annotations

from typing import Any

from portal.kernel.db import Database, transaction
from portal.orders.hold_order import Held, hold_order
from portal.orders.release_many import Outcome, release_many
from portal.orders.settings import set_release_limit, set_severity
from tests import cast
from tests.roles import Person, System


def held(database: Database, number: str, *, by: Person | System = cast.order_desk, **how: Any) -> Held:
    """Put an order on hold."""
    with transaction(database.session_for(by.actor())) as session:
        return hold_order(
            session, actor=by.actor(), number=number, **{"reason": "asked by phone", "at": cast.NOW} | how
        )


def decided(database: Database, code: str, severity: str, *, by: Person = cast.quality, **how: Any) -> None:
    """Decide what a fault does."""
    with transaction(database.session_for(by.actor())) as session:
        set_severity(
            session,
            actor=by.actor(),
            code=code,
            severity=severity,
            **{"seen": 0, "reason": "agreed in the round", "at": cast.NOW} | how,
        )


def limited(
    database: Database, role: str, hold: str, up_to: Any, *, by: Person = cast.quality, **how: Any
) -> None:
    """Decide up to which amount a role releases alone."""
    with transaction(database.session_for(by.actor())) as session:
        set_release_limit(
            session,
            actor=by.actor(),
            role=role,
            hold=hold,
            up_to=up_to,
            **{"seen": 0, "reason": "agreed in the round", "at": cast.NOW} | how,
        )


def released_together(
    database: Database, *numbers: str, by: Person | System = cast.order_desk, **how: Any
) -> list[Outcome]:
    """Release many orders."""
    return release_many(
        database,
        actor=by.actor(),
        numbers=numbers,
        **{"reason": "paid in advance", "today": cast.TODAY, "at": cast.NOW} | how,
    )
