"""The gate of the books: postings pass it together, a closing passes it alone.

Whoever posts holds a shared advisory lock until its commit, whoever shuts a period the exclusive one. So a
shipment that races the month's end is posted wholly before the closing and is in its statements, or wholly
after and is in the next month's; and no row is shared by all dealers for it. The gate is the last lock of a
verb: what holds it waits for nobody.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.locks import Rank
from portal.ledger import rules

_GATE = 0x626F6F6B73  # "books"

_PASS = text("SELECT pg_advisory_xact_lock_shared(:gate)")
_SHUT = text("SELECT pg_advisory_xact_lock(:gate)")
_STATE = text(
    """
    SELECT (SELECT max(period) FROM accounting_period WHERE state <> 'open') AS shut_through,
           ARRAY(SELECT period FROM accounting_period WHERE state = 'open') AS opened
    """
)
_OPEN = text("INSERT INTO accounting_period (period) VALUES (:period) ON CONFLICT DO NOTHING")
_STATES = text("SELECT period, state FROM accounting_period")
_CLOSING = text(
    """
    INSERT INTO accounting_period (period, state, closing_at, closing_by)
    VALUES (:period, 'closing', :at, :actor)
    ON CONFLICT (period) DO UPDATE
       SET state = excluded.state, closing_at = excluded.closing_at, closing_by = excluded.closing_by
    """
)

_PAUSE = text(
    """
    UPDATE accounting_period SET paused_at = :at, paused_by = :by
     WHERE period = :period AND state = 'closing' AND paused_at IS NULL
    """
)
_RESUME = text(
    """
    UPDATE accounting_period SET paused_at = NULL, paused_by = NULL
     WHERE period = :period AND state = 'closing' AND paused_at IS NOT NULL
    """
)

CLOSE = """
UPDATE accounting_period SET state = 'closed', closed_at = :at WHERE period = :period AND state = 'closing'
"""
"""A statement to which whoever closes a period adds, with AND, what has to be done by then."""


def posting_period(session: Session, occurred_on: date) -> tuple[str, bool]:
    """Pass the gate and say in which period a document counts, and whether it is late.

    Opens the month if need be.
    """
    locks.take(session, Rank.BOOKS)
    session.execute(_PASS, {"gate": _GATE})
    # A statement of its own: one that also waited for the gate would still see the books as they were before.
    books = session.execute(_STATE).one()
    period, late = rules.posting_period(occurred_on, books.shut_through)
    if period not in books.opened:
        session.execute(_OPEN, {"period": period})
    return period, late


def shut_gate(session: Session) -> None:
    """Wait until every posting under way is committed, and keep others out until this transaction ends."""
    locks.take(session, Rank.BOOKS)
    session.execute(_SHUT, {"gate": _GATE})


def states(session: Session) -> dict[str, str]:
    """The state of every period that has books."""
    return {row.period: row.state for row in session.execute(_STATES)}


def set_closing(session: Session, *, period: str, actor: Actor, at: datetime) -> None:
    """Nothing more is posted in a period. The caller has shut the gate."""
    session.execute(_CLOSING, {"period": period, "at": at, "actor": actor.key})


def pause(session: Session, *, period: str, by: str, at: datetime) -> bool:
    """Mark a closing as paused; whether it was under way."""
    return rows_changed(session, _PAUSE, {"period": period, "by": by, "at": at}) == 1


def resume(session: Session, *, period: str) -> bool:
    """Take the mark away; whether there was one."""
    return rows_changed(session, _RESUME, {"period": period}) == 1
