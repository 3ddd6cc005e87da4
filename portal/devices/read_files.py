"""Who may read the files of an installation report: photos show the hospital, so they see hospitals."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.vocabulary import READERS, DeviceRight
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound

REPORT = "installation report"
"""The kind of document that these are to the files."""


def require_report_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read a report."""
    actor.require(*READERS)
    if actor.is_staff:
        actor.require(DeviceRight.HOSPITALS)
    if session.execute(_REPORT, {"number": number}).one_or_none() is None:
        raise NotFound()


_REPORT = text("SELECT number FROM installation_report WHERE number = :number")
