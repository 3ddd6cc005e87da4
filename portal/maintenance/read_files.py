"""Who may read the files of a maintenance: photos show the hospital, so they see hospitals."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.devices.vocabulary import READERS, DeviceRight
from portal.kernel.actor import Actor
from portal.maintenance.queries import maintenance_of


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read a maintenance's files."""
    actor.require(*READERS)
    if actor.is_staff:
        actor.require(DeviceRight.HOSPITALS)
    maintenance_of(session, number, sees=False)
