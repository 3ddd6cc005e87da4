"""A draft is handed in, and another person says yes, or sends it back to its authors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor, require_other_person
from portal.rebates.documents import lock_programme, reason_of
from portal.rebates.life import ProgrammeAct, ProgrammeState
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
        session, actor=actor, programme_id=programme_id, act=ProgrammeAct.SUBMIT, revision=revision
    )
    programme.state, programme.revision = ProgrammeState.SUBMITTED, revision + 1
    programme.submitted_at, programme.submitted_by_label = at, actor.label
    programme.written_by = sorted({*programme.written_by, actor.key})
    programme.reason = ""
    after = {"revision": revision + 1}
    record(session, RebateAction.SUBMITTED, programme.number, actor=actor, dealer_id=None, after=after)
    session.flush()
    return revision + 1


def recall_programme(
    session: Session, *, actor: Actor, programme_id: int, revision: int, reason: str = ""
) -> int:
    """Make a draft again of what was submitted or approved; an approval is void then.

    Returns the new revision. Raises NotFound, Conflict, Invalid for a reason that is too long.
    """
    actor.require(RebateRight.PROPOSE)
    programme = lock_programme(
        session, actor=actor, programme_id=programme_id, act=ProgrammeAct.RECALL, revision=revision
    )
    return _return(session, actor, programme, RebateAction.RECALLED, reason_of(reason, required=False))


def approve_programme(
    session: Session, *, actor: Actor, programme_id: int, revision: int, at: datetime
) -> int:
    """Approve what was read at `revision`. It counts only when somebody publishes it.

    Returns the new revision. Raises Forbidden to everybody who had a hand in it, NotFound outside the actor's
    regions, Conflict when it does not wait or was overtaken.
    """
    programme = _decidable(session, actor, programme_id, revision, ProgrammeAct.APPROVE)
    programme.state, programme.revision = ProgrammeState.APPROVED, revision + 1
    programme.approved_by, programme.approved_by_label, programme.approved_at = actor.key, actor.label, at
    after = {"revision": revision + 1, "written_by": programme.written_by}
    record(session, RebateAction.APPROVED, programme.number, actor=actor, dealer_id=None, after=after)
    session.flush()
    return revision + 1


def reject_programme(session: Session, *, actor: Actor, programme_id: int, revision: int, reason: str) -> int:
    """Send it back to its authors, as a draft, with the reason.

    Returns the new revision. Raises what `approve_programme` raises, Invalid without a reason.
    """
    programme = _decidable(session, actor, programme_id, revision, ProgrammeAct.REJECT)
    return _return(session, actor, programme, RebateAction.REJECTED, reason_of(reason))


def _decidable(
    session: Session, actor: Actor, programme_id: int, revision: int, act: ProgrammeAct
) -> RebateProgramme:
    actor.require(RebateRight.APPROVE)
    programme = lock_programme(session, actor=actor, programme_id=programme_id, act=act, revision=revision)
    for author in programme.written_by:
        require_other_person(actor, author)
    return programme


def _return(
    session: Session, actor: Actor, programme: RebateProgramme, action: RebateAction, reason: str
) -> int:
    """A draft again, of which nothing is submitted or approved."""
    before = {"state": programme.state}
    programme.state, programme.reason = ProgrammeState.DRAFT, reason
    programme.revision += 1
    programme.submitted_at = programme.submitted_by_label = None
    programme.approved_by = programme.approved_by_label = programme.approved_at = None
    record(
        session,
        action,
        programme.number,
        actor=actor,
        dealer_id=None,
        before=before,
        after={"revision": programme.revision},
        reason=reason or None,
    )
    session.flush()
    return programme.revision
