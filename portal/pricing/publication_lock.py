"""Orders and publications exclude each other.

So every order is priced wholly before or wholly after a policy. An order holds the gate shared until its
commit; a publication holds it exclusively. The moment each of them takes is the database's clock *behind* the
gate, so the order of moments is the order of commits and a price can be replayed from its moment.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks

_MOMENT = text("SELECT clock_timestamp()")


def now(session: Session) -> datetime:
    """The database's clock, before the gate: what a publication would look like at this moment (UTC)."""
    moment: datetime = session.execute(_MOMENT).scalar_one()
    return moment


def close(session: Session) -> datetime:
    """Wait for orders in flight, keep new ones waiting until the commit.

    Returns the moment of publication (UTC).
    """
    locks.close_gate(session)
    return now(session)
