"""Hand a draft in for another person's approval, or take it back to go on with it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Invalid
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import edited, reason_of
from portal.notifications.tell import announce
from portal.pricing import publication_lock
from portal.pricing.life import PolicyState
from portal.pricing.models import PriceRule
from portal.pricing.publish_policy import require_no_later
from portal.pricing.review import review_policy
from portal.pricing.review_basis import review_basis
from portal.pricing.review_faults import require_sound
from portal.pricing.versions import lock_version
from portal.pricing.vocabulary import PriceAction, PriceRight


def submit_policy(
    session: Session, *, actor: Actor, policy_id: int, revision: int, fall_share: Decimal, at: datetime
) -> int:
    """Submit the draft as it was read at `revision`: from now on nobody changes it.

    Whoever submits answers for it like an author. fall_share: a price that falls by it or more is risky,
    which is for the approver to see. Returns the new revision. Raises Invalid with everything that forbids
    its publication, NotFound, Conflict for an overtaken draft.
    """
    actor.require(PriceRight.POLICIES)
    policy = lock_version(
        session, actor=actor, policy_id=policy_id, act=ProposalAct.SUBMIT, revision=revision
    )
    _require_rules(session, policy_id)
    moment = publication_lock.now(session)
    require_no_later(session, policy, max(policy.valid_from, moment))
    about: dict[str, Any] = {"policy_id": policy_id, "at": moment, "fall_share": fall_share}
    basis = review_basis(session, **about)  # first: what changes while it is judged makes it another one
    review = review_policy(session, **about)
    require_sound(review)
    policy.review_basis = None if review.risky else basis
    policy.state = PolicyState.SUBMITTED
    policy.submitted_by, policy.submitted_by_label, policy.submitted_at = actor.key, actor.label, at
    edited(policy, actor)
    policy.returned_reason = ""
    after = {"number": policy.number, "version": policy.version, "risky_prices": review.risky}
    record(session, PriceAction.POLICY_SUBMITTED, str(policy_id), actor=actor, dealer_id=None, after=after)
    session.flush()
    announce(
        session,
        event="policy.submitted",
        dealer_id=None,
        path=f"/hq/policies/{policy_id}",
        facts={
            "number": policy.number,
            "name_zh": policy.title_zh,
            "name_en": policy.title_en,
            "by": actor.label,
        },
        but=actor.user_id,
    )
    return revision + 1


def _require_rules(session: Session, policy_id: int) -> None:
    if session.execute(select(PriceRule.id).where(PriceRule.policy_id == policy_id).limit(1)).first() is None:
        raise Invalid("no_rules", N_("A policy without rules changes nothing."), fix=N_("Add a rule first."))


def recall_policy(session: Session, *, actor: Actor, policy_id: int, revision: int, reason: str = "") -> int:
    """Make a draft again of what was submitted or approved, to change it; an approval is void then.

    Returns the new revision. Raises NotFound, Conflict, Invalid for a reason that is too long.
    """
    actor.require(PriceRight.POLICIES)
    policy = lock_version(
        session, actor=actor, policy_id=policy_id, act=ProposalAct.RECALL, revision=revision
    )
    said = reason_of(reason, required=False)
    before = {"state": policy.state}
    policy.state, policy.revision, policy.returned_reason = PolicyState.DRAFT, revision + 1, said
    policy.submitted_by = policy.submitted_by_label = policy.submitted_at = None
    policy.approved_by = policy.approved_by_label = policy.approved_at = None
    record(
        session,
        PriceAction.POLICY_RECALLED,
        str(policy_id),
        actor=actor,
        dealer_id=None,
        before=before,
        reason=said or None,
    )
    session.flush()
    return revision + 1
