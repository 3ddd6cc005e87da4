"""A draft of an amendment is handed in, and another person says yes, or sends it back to its authors."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.rebates.amendments import lock_amendment
from portal.rebates.models import RebateAmendment, RebateProgramme
from portal.rebates.vocabulary import RebateAction, RebateRight

Locked = tuple[RebateProgramme, RebateAmendment]


def submit_amendment(
    session: Session, *, actor: Actor, amendment_id: int, revision: int, today: date, at: datetime
) -> int:
    """Submit the draft as it was read at `revision`; whoever submits answers for it like an author.

    Returns the new revision. Raises NotFound, Conflict.
    """
    actor.require(RebateRight.PROPOSE)
    found = lock_amendment(
        session,
        actor=actor,
        amendment_id=amendment_id,
        act=ProposalAct.SUBMIT,
        today=today,
        revision=revision,
    )
    proposals.submitted(found[1], actor, at)
    return tell(session, actor, RebateAction.AMENDMENT_SUBMITTED, found)


def recall_amendment(
    session: Session, *, actor: Actor, amendment_id: int, revision: int, today: date, reason: str = ""
) -> int:
    """Make a draft again of what was submitted or approved; an approval is void then.

    Returns the new revision. Raises NotFound, Conflict, Invalid for a reason that is too long.
    """
    actor.require(RebateRight.PROPOSE)
    said = reason_of(reason, required=False)
    found = lock_amendment(
        session,
        actor=actor,
        amendment_id=amendment_id,
        act=ProposalAct.RECALL,
        today=today,
        revision=revision,
    )
    proposals.returned(found[1], said)
    return tell(session, actor, RebateAction.AMENDMENT_RECALLED, found, said)


def approve_amendment(
    session: Session, *, actor: Actor, amendment_id: int, revision: int, today: date, at: datetime
) -> int:
    """Approve what was read at `revision`. It counts only when somebody publishes it.

    Returns the new revision. Raises Forbidden to everybody who had a hand in it, NotFound outside the actor's
    regions, Conflict when it does not wait or was overtaken.
    """
    found = _decidable(session, actor, amendment_id, revision, ProposalAct.APPROVE, today)
    proposals.approved(found[1], actor, at)
    return tell(session, actor, RebateAction.AMENDMENT_APPROVED, found, written_by=found[1].written_by)


def reject_amendment(
    session: Session, *, actor: Actor, amendment_id: int, revision: int, reason: str, today: date
) -> int:
    """Send it back to its authors, as a draft, with the reason.

    Returns the new revision. Raises what `approve_amendment` raises, Invalid without a reason.
    """
    found = _decidable(session, actor, amendment_id, revision, ProposalAct.REJECT, today)
    said = reason_of(reason)
    proposals.returned(found[1], said)
    return tell(session, actor, RebateAction.AMENDMENT_REJECTED, found, said)


def _decidable(
    session: Session, actor: Actor, amendment_id: int, revision: int, act: ProposalAct, today: date
) -> Locked:
    actor.require(RebateRight.APPROVE)
    found = lock_amendment(
        session, actor=actor, amendment_id=amendment_id, act=act, today=today, revision=revision
    )
    proposals.require_no_author(actor, found[1].written_by)
    return found


def tell(
    session: Session,
    actor: Actor,
    action: RebateAction,
    found: Locked,
    reason: str = "",
    **more: Any,
) -> int:
    """Write the act into the history of the programme. Returns the revision of the amendment."""
    programme, amendment = found
    after = {
        "amendment": amendment.number,
        "from": amendment.starts_on.isoformat(),
        "revision": amendment.revision,
        **more,
    }
    record(session, action, programme.number, actor=actor, dealer_id=None, after=after, reason=reason or None)
    session.flush()
    return amendment.revision
