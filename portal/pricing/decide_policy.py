"""Another person's word on a policy: approved as it was submitted, or sent back to its authors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of, require_no_author
from portal.pricing.life import PolicyState
from portal.pricing.models import PricePolicy
from portal.pricing.versions import lock_version
from portal.pricing.vocabulary import PriceAction, PriceRight


def approve_policy(session: Session, *, actor: Actor, policy_id: int, revision: int, at: datetime) -> int:
    """Approve what was read at `revision`. It is in force only when somebody publishes it.

    Returns the new revision. Raises Forbidden to everybody who had a hand in it, NotFound outside the actor's
    regions, Conflict when it does not wait or was overtaken.
    """
    policy = _decidable(session, actor, policy_id, revision, ProposalAct.APPROVE)
    policy.state, policy.revision = PolicyState.APPROVED, revision + 1
    policy.approved_by, policy.approved_by_label, policy.approved_at = actor.key, actor.label, at
    after = {"number": policy.number, "version": policy.version, "written_by": policy.written_by}
    record(session, PriceAction.POLICY_APPROVED, str(policy_id), actor=actor, dealer_id=None, after=after)
    session.flush()
    return revision + 1


def reject_policy(session: Session, *, actor: Actor, policy_id: int, revision: int, reason: str) -> int:
    """Send it back to its authors, as a draft, with the reason.

    Returns the new revision. Raises what `approve_policy` raises, Invalid without a reason.
    """
    policy = _decidable(session, actor, policy_id, revision, ProposalAct.REJECT)
    said = reason_of(reason)
    before = {"state": policy.state}
    policy.state, policy.revision, policy.returned_reason = PolicyState.DRAFT, revision + 1, said
    policy.submitted_by = policy.submitted_by_label = policy.submitted_at = None
    policy.approved_by = policy.approved_by_label = policy.approved_at = None
    record(
        session,
        PriceAction.POLICY_REJECTED,
        str(policy_id),
        actor=actor,
        dealer_id=None,
        before=before,
        reason=said,
    )
    session.flush()
    return revision + 1


def _decidable(
    session: Session, actor: Actor, policy_id: int, revision: int, act: ProposalAct
) -> PricePolicy:
    actor.require(PriceRight.APPROVE)
    policy = lock_version(session, actor=actor, policy_id=policy_id, act=act, revision=revision)
    require_no_author(actor, policy.written_by)
    return policy
