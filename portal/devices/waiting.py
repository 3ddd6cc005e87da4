"""Devices that wait for somebody: those that came and whose installation nobody has reported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.vocabulary import DeviceRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting

SOON = timedelta(days=30)

_ENDING = text(
    f"""
    SELECT count(*) FROM (SELECT FROM device
                           WHERE ends_on BETWEEN :today AND CAST(:today AS date) + {SOON.days}
                             AND held_until IS NULL LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Whose cover ends within a month, for who may extend it or ask for that."""
    if not any(map(actor.may, (DeviceRight.WRITE, DeviceRight.DESK))):
        return
    page = "devices_desk.index" if actor.is_staff else "devices.index"
    label = N_("Devices whose cover ends within 30 days")
    yield Tally(Waiting(label, 0, page, {"ends": "30"}), _ENDING)
