"""Devices that wait for somebody: those that came and whose installation nobody has reported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.vocabulary import DeviceRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX

SOON = timedelta(days=30)

_ENDING = text(
    """
    SELECT count(*) FROM (SELECT FROM device WHERE ends_on BETWEEN :today AND :soon
                           AND held_until IS NULL LIMIT :most) met
    """
)


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """Whose cover ends within a month, for who may extend it or ask for that."""
    if not any(map(actor.may, (DeviceRight.WRITE, DeviceRight.DESK))):
        return
    about = {"today": today, "soon": today + SOON, "most": COUNTED_MAX + 1}
    count = session.execute(_ENDING, about).scalar_one()
    page = "devices_desk.index" if actor.is_staff else "devices.index"
    yield Waiting(N_("Devices whose cover ends within 30 days"), count, page, {"ends": "30"})
