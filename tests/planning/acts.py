"""Each warehouse is advised what to have, each time in transactions of the job's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from portal.kernel.db import Database, transaction
from portal.planning.advice_list import Advice, SoughtAdvice, advice
from portal.planning.advice_rules import default_terms
from portal.planning.advise import START, advise, is_due, trends
from tests import cast


def advised(database: Database, *, today: date = cast.TODAY, at: datetime = cast.NOW) -> int:
    """The night's job; how many levels were advised on."""
    with transaction(database.system_session()) as session:
        if not is_due(session, today=today):
            return 0
        whither = trends(session, today=today)
    levels, last = 0, START
    while last is not None:
        with transaction(database.system_session()) as session:
            told = advise(session, defaults=default_terms(30), trends=whither, after=last, today=today, at=at)
        levels, last = levels + told.levels, told.last
    return levels


def listed(database: Database, *, sort: str = "", **sought: Any) -> list[Advice]:
    """The advice as the order desk reads it."""
    actor = cast.order_desk.actor()
    with transaction(database.session_for(actor)) as session:
        return list(advice(session, actor=actor, sought=SoughtAdvice(**sought), sort=sort).items)
