"""Ask for a rehearsal: a job prices past order lines under a draft."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import outbox, typed
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.pricing.versions import answerable
from portal.pricing.vocabulary import PriceRight
from portal.rehearsals.models import Rehearsal
from portal.rehearsals.vocabulary import RehearsalAction

MONTHS_MAX = 24
UNDER_WAY = ("waiting", "running")
REHEARSED = ("draft", "submitted", "approved")


def ask_rehearsal(session: Session, *, actor: Actor, policy_id: int, months: object, at: datetime) -> int:
    """Have a version that is not published rehearsed over the last `months`; returns the rehearsal's id.

    One at a time for a version. Raises Invalid for months that are none, Conflict for a published version and
    while another is under way, NotFound, Forbidden.
    """
    actor.require(PriceRight.POLICIES)
    policy = answerable(session, actor, policy_id)
    faults: list[Fault] = []
    asked = typed.field(typed.quantity, months, "/months", faults)
    if asked is not None and not 1 <= asked <= MONTHS_MAX:
        fix = N_("Enter 1 to %(max)s.")
        faults.append(
            Fault("/months", "months", N_("This is no number of months."), fix, {"max": MONTHS_MAX})
        )
    if faults:
        raise Invalid(faults=faults)
    if policy.state not in REHEARSED:
        raise Conflict("not_a_draft", N_("This version is already published."))
    session.refresh(policy, with_for_update=True)
    busy = select(Rehearsal.id).where(Rehearsal.policy_id == policy_id, Rehearsal.state.in_(UNDER_WAY))
    if session.execute(busy).first() is not None:
        message = N_("A rehearsal of this version is under way.")
        raise Conflict("rehearsal_under_way", message, fix=N_("Wait until it is done."))
    values = {
        "policy_id": policy_id,
        "revision": policy.revision,
        "months": asked,
        "asked_by": actor.key,
        "asked_by_label": actor.label,
        "asked_at": at,
    }
    rehearsal_id = session.execute(insert(Rehearsal).values(values).returning(Rehearsal.id)).scalar_one()
    after = {"months": asked, "revision": policy.revision}
    record(session, RehearsalAction.ASKED, str(policy_id), actor=actor, dealer_id=None, after=after)
    outbox.add(session, "policy.rehearsal", dealer_id=None, rehearsal=rehearsal_id)
    return rehearsal_id
