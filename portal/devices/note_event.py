"""Write into the life of a device what happened to it elsewhere: a request, a repair, a maintenance.

Others call this in the transaction of their own act, whose right they have asked for; nobody does by itself.
The text is seen by everybody who may look at the device, so it names no hospital.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.vocabulary import READERS, EventKind
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound

TEXT_MAX = 500


def note_event(
    session: Session,
    *,
    actor: Actor,
    number: str,
    kind: EventKind,
    at: datetime,
    document_no: str = "",
    said: str = "",
) -> None:
    """Add an event to the device of this number (``DV…``).

    Raises NotFound for a device out of scope, Forbidden to who may not even look at it.
    """
    actor.require(*READERS)
    about = {"number": number, "kind": str(kind), "at": at, "document_no": document_no}
    done = session.execute(_NOTE, about | {"said": said.strip()[:TEXT_MAX], "label": actor.label})
    if done.one_or_none() is None:
        raise NotFound()


_NOTE = text(
    """
    INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, text, by_label)
    SELECT dealer_id, id, :kind, :at, :document_no, :said, :label FROM device WHERE number = :number
    RETURNING id
    """
)
