"""The work on dealers: licences that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.vocabulary import DealerRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX

_SOON = timedelta(days=31)

_ENDING = text(
    """
    SELECT count(*) FROM (
      SELECT FROM dealer_licence l
       WHERE l.latest AND l.valid_to BETWEEN :today AND :until
         AND (EXISTS (SELECT FROM dealer d WHERE d.id = l.dealer_id AND d.state = 'active')) IS TRUE
       LIMIT :most) met
    """
)


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """Licences of active dealers that end within a month, so that no order has to be refused for one."""
    if actor.dealer_id is None and actor.may(DealerRight.HEADQUARTERS):
        parameters = {"today": today, "until": today + _SOON, "most": COUNTED_MAX + 1}
        count = session.execute(_ENDING, parameters).scalar_one()
        label = N_("Licences expiring within a month")
        yield Waiting(label, count, "backoffice.index", {"_anchor": "licences"})
