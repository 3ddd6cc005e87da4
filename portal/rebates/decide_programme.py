"""A draft is handed in, and another person says yes, or sends it back to its authors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.rebates.documents import lock_programme
from portal.rebates.models import RebateProgramme
from portal.rebates.vocabulary import RebateAction, RebateRight


def submit_programme(
    session: Session, *, actor: Actor, programme_id: int, revision: int, at: datetime
) -> int:
    """Submit the draft as it was read at `revision`: from now on nobody changes it.

    Whoever submits answers for it like an author. Returns the new revision. Raises NotFound, Conflict.
    """
    actor.require(RebateRight.PROPOSE)
    programme = lock_programme(
        session, actor=actor, programme_id=programme_id, act=ProposalAct.SUBMIT, revision=revision
    )
    after = {"revision": proposals.submitted(programme, actor, at)}
    record(session, RebateAction.SUBMITTED, programme.number, actor=actor, dealer_id=None, after=after)
    session.flush()
    return programme.revision


def recall_programme(
    session: Session, *, actor: Actor, programme_id: int, revision: int, reason: str = ""
) -> int:
    """Make a draft again of what was submitted or approved; an approval is void then.

    Returns the new revision. Raises NotFound, Conflict, Invalid for a reason that is too long.
    """
    actor.require(RebateRight.PROPOSE)
    programme = lock_programme(
        session, actor=actor, programme_id=programme_id, act=ProposalAct.RECALL, revision=revision
    )
    return _return(session, actor, programme, RebateAction.RECALLED, reason_of(reason, required=False))


def approve_programme(
    session: Session, *, actor: Actor, programme_id: int, revision: int, at: datetime
) -> int:
    """Approve what was read at `revision`. It counts only when somebody publishes it.

    Returns the new revision. Raises Forbidden to everybody who had a hand in it, NotFound outside the actor's
    regions, Conflict when it does not wait or was overtaken.
    """
    programme = _decidable(session, actor, programme_id, revision, ProposalAct.APPROVE)
    after = {"revision": proposals.approved(programme, actor, at), "written_by": programme.written_by}
    record(session, RebateAction.APPROVED, programme.number, actor=actor, dealer_id=None, after=after)
    session.flush()
    return programme.revision


def reject_programme(session: Session, *, actor: Actor, programme_id: int, revision: int, reason: str) -> int:
    """Send it back to its authors, as a draft, with the reason.

    Returns the new revision. Raises what `approve_programme` raises, Invalid without a reason.
    """
    programme = _decidable(session, actor, programme_id, revision, ProposalAct.REJECT)
    return _return(session, actor, programme, RebateAction.REJECTED, reason_of(reason))


def _decidable(
    session: Session, actor: Actor, programme_id: int, revision: int, act: ProposalAct
) -> RebateProgramme:
    actor.require(RebateRight.APPROVE)
    programme = lock_programme(session, actor=actor, programme_id=programme_id, act=act, revision=revision)
    proposals.require_no_author(actor, programme.written_by)
    return programme


def _return(
    session: Session, actor: Actor, programme: RebateProgramme, action: RebateAction, reason: str
) -> int:
    """A draft again, of which nothing is submitted or approved."""
    before = {"state": programme.state}
    after = {"revision": proposals.returned(programme, reason)}
    record(
        session,
        action,
        programme.number,
        actor=actor,
        dealer_id=None,
        before=before,
        after=after,
        reason=reason or None,
    )
    session.flush()
    return programme.revision
