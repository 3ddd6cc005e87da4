"""Write into the life of a device what happened to it elsewhere: a request, a repair, a maintenance.

Others call this in the transaction of their own act, whose right they have asked for; nobody does by itself.
The text is seen by everybody who may look at the device, so it names no hospital.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def note_missed(session: Session, missed: Sequence[tuple[int, int, str]], *, at: datetime) -> None:
    """Write into the lives of devices, by dealer and id, that a maintenance of this number was missed.

    For jobs, in a session that sees them all.
    """
    if not missed:
        return
    columns = {
        "dealers": [dealer for dealer, _, _ in missed],
        "devices": [device for _, device, _ in missed],
        "numbers": [number for _, _, number in missed],
    }
    session.execute(_MISSED, columns | {"at": at})


def report_uses(session: Session, *, dealer_id: int, device_id: int, uses: int) -> None:
    """Keep how often a device has been used, as somebody read it off; never less than before."""
    session.execute(_USES, {"dealer_id": dealer_id, "device_id": device_id, "uses": uses})


_USES = text(
    """
    UPDATE device SET uses = greatest(uses, :uses) WHERE dealer_id = :dealer_id AND id = :device_id
    """
)
_MISSED = text(
    """
    INSERT INTO device_event (dealer_id, device_id, kind, at, document_no)
    SELECT dealer_id, device_id, 'maintenance_missed', :at, number
      FROM unnest(CAST(:dealers AS bigint[]), CAST(:devices AS bigint[]), CAST(:numbers AS text[]))
           AS m(dealer_id, device_id, number)
    """
)
