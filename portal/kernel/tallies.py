"""Numbers of what waits, of any capabilities, asked for in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import BigInteger, column, select
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Tally, Waiting
from portal.kernel.paging import COUNTED_MAX


def counted(
    session: Session, found: Iterable[Waiting | Tally], *, actor: Actor, at: datetime, today: date
) -> list[Waiting]:
    """What waits, in the order it was told in, every `Tally` with its number."""
    told = list(found)
    asked = [one.asked for one in told if isinstance(one, Tally)]
    if not asked:
        return [one for one in told if isinstance(one, Waiting)]
    figures = [one.columns(column("count", BigInteger)).scalar_subquery() for one in asked]
    statement = select(*(figure.label(f"n{place}") for place, figure in enumerate(figures)))
    about = {
        "actor": actor.key,
        "dealer_id": actor.dealer_id,
        "user_id": actor.user_id or 0,
        "at": at,
        "today": today,
        "most": COUNTED_MAX + 1,
    }
    numbers = iter(session.execute(statement, about).one())
    return [replace(one.waiting, count=next(numbers)) if isinstance(one, Tally) else one for one in told]
