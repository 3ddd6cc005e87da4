"""Publish a draft: in force with its commit, for every dealer at once, without rebuilding anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.audit.vocabulary import Action
from portal.errors import Conflict, Invalid, N_
from portal.identity.rules import Actor, Right
from portal.pricing import gate
from portal.pricing.drafts import answerable
from portal.pricing.models import PricePolicy, PriceRule


def publish_policy(session: Session, *, actor: Actor, policy_id: int, revision: int) -> datetime:
    """Publish the draft as it was read at `revision` and end its predecessor in the same commit.

    Orders in flight are priced before it, orders that come while it commits wait and are priced after it. A start that has
    passed becomes this moment. Returns the moment it takes effect. Raises NotFound, Conflict, Invalid without rules.
    """
    actor.require(Right.HQ_POLICIES)
    moment = gate.close(session)
    policy = answerable(session, actor, policy_id)
    session.refresh(policy, with_for_update=True)
    if policy.state != "draft":
        raise Conflict("not_a_draft", N_("This version is published already."))
    if policy.revision != revision:
        raise Conflict("edited_meanwhile", N_("Somebody changed or published this policy meanwhile. Look at it again."))
    if session.execute(select(PriceRule.id).where(PriceRule.policy_id == policy_id).limit(1)).first() is None:
        raise Invalid("no_rules", N_("A policy without rules cannot be published."), fix=N_("Add a rule first."))
    starts = max(policy.valid_from, moment)
    _end_predecessors(session, policy, starts, moment)
    policy.state, policy.published_at, policy.published_by, policy.valid_from = "published", moment, actor.user_id, starts
    after = {"number": policy.number, "version": policy.version, "valid_from": starts.isoformat()}
    record(session, Action.POLICY_PUBLISHED, str(policy_id), actor=actor, dealer_id=None, after=after)
    session.flush()
    return starts


def _end_predecessors(session: Session, policy: PricePolicy, starts: datetime, moment: datetime) -> None:
    earlier = (
        PricePolicy.number == policy.number,
        PricePolicy.state == "published",
        (PricePolicy.valid_to.is_(None)) | (PricePolicy.valid_to > starts),
    )
    if session.execute(select(PricePolicy.id).where(*earlier, PricePolicy.valid_from >= starts)).first() is not None:
        raise Conflict("later_version", N_("A version that starts later is published already; let this one start after it."))
    values = {"valid_to": starts, **({"state": "superseded"} if starts <= moment else {})}
    session.execute(update(PricePolicy).where(*earlier).values(**values).execution_options(synchronize_session=False))
