"""A device goes into repair and comes out of it, is recalled, or is taken out of use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.locked import lock_device
from portal.devices.rules import NOTE_MAX, DeviceAct, DeviceState, after, text_faults
from portal.devices.vocabulary import WORKERS, DeviceAction, DeviceRight, EventKind
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid

EVENT_OF = {
    DeviceAct.BEGIN_REPAIR: EventKind.REPAIR_BEGUN,
    DeviceAct.END_REPAIR: EventKind.REPAIRED,
    DeviceAct.RECALL: EventKind.RECALLED,
    DeviceAct.LIFT_RECALL: EventKind.RECALL_LIFTED,
    DeviceAct.RETIRE: EventKind.RETIRED,
}
"""Acts that need no report, and what the device's life says of each."""
_HEADQUARTERS = frozenset({DeviceAct.RECALL, DeviceAct.LIFT_RECALL})


def change_state(
    session: Session,
    *,
    actor: Actor,
    number: str,
    act: DeviceAct,
    reason: str = "",
    document_no: str = "",
    revision: int | None = None,
    at: datetime,
) -> DeviceState:
    """Move a device on by an act of `EVENT_OF`; recalls are headquarters' alone.

    document_no: of what moves it, such as a service request. Raises Invalid for a wrong reason, or without
    one where it ends the device's use; Conflict, NotFound, Forbidden.
    """
    actor.require(*((DeviceRight.DESK,) if act in _HEADQUARTERS else WORKERS))
    needed = act in (DeviceAct.RETIRE, DeviceAct.RECALL)
    if faults := text_faults("/reason", reason, most=NOTE_MAX, required=needed):
        raise Invalid(faults=faults)
    device = lock_device(session, number, revision=revision)
    state = after(device.state, act, installed=device.installed_on is not None)
    session.execute(
        _MOVE,
        {
            **device.key,
            "state": str(state),
            "kind": str(EVENT_OF[act]),
            "at": at,
            "document_no": document_no,
            "said": reason.strip(),
            "label": actor.label,
        },
    )
    audit.record(
        session,
        DeviceAction.STATE_CHANGED,
        device.number,
        actor=actor,
        dealer_id=device.dealer_id,
        before={"state": device.state},
        after={"state": str(state)},
        reason=reason.strip() or None,
    )
    return state


_MOVE = text(
    """
    WITH happened AS (
      INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, text, by_label)
      VALUES (:dealer_id, :device_id, :kind, :at, :document_no, :said, :label)
    )
    UPDATE device SET state = :state, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :device_id
    """
)
