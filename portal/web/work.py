"""The work that waits for whoever looks, gathered from the capabilities."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime

from portal.kernel.manifest import Waiting
from portal.kernel.tallies import counted
from portal.web.request import current_actor, current_session, portal


def work_that_waits(at: datetime, today: date, about: Container[str] | None = None) -> list[Waiting]:
    """What there is of it, urgent work first; one statement for all that is one number, and one or
    two more of a capability that tells more.

    about: names of the capabilities that are asked, of all unless given.
    """
    session, actor = current_session(), current_actor()
    declared = (one for one in portal().declared.capabilities if about is None or one.name in about)
    sources = [capability.work for capability in declared if capability.work is not None]
    told = (one for work in sources for one in work(session, actor, at, today))
    met = counted(session, told, actor=actor, at=at, today=today)
    return sorted((one for one in met if one.count), key=lambda one: not one.is_urgent)
