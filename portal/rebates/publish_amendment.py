"""Publish an approved amendment, and withdraw it: its periods are reckoned anew, also those that are over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel import outbox, proposals
from portal.kernel.actor import Actor
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.rebates.amendments import lock_amendment
from portal.rebates.decide_amendment import tell
from portal.rebates.publish_programme import RECKON
from portal.rebates.vocabulary import RebateAction, RebateRight


def publish_amendment(
    session: Session, *, actor: Actor, amendment_id: int, revision: int, today: date, at: datetime
) -> None:
    """Let the other tiers count from their day on, as they were read at `revision`.

    Every line from that day on is reckoned by them at once, by a job, also in a period that is over. Raises
    NotFound, Conflict for what is not approved or was overtaken, and for a programme that was withdrawn.
    """
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    found = lock_amendment(
        session,
        actor=actor,
        amendment_id=amendment_id,
        act=ProposalAct.PUBLISH,
        today=today,
        revision=revision,
    )
    proposals.published(found[1], actor, at)
    tell(session, actor, RebateAction.AMENDMENT_PUBLISHED, found)
    outbox.add(session, RECKON, dealer_id=None, dealers=found[0].terms.get("dealers", []))


def withdraw_amendment(
    session: Session, *, actor: Actor, amendment_id: int, reason: str, today: date, at: datetime
) -> None:
    """Let the tiers before it count again, from its day on; not by who published it.

    Raises Invalid without a reason, NotFound, Conflict for what is not published, Forbidden.
    """
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    said = reason_of(reason)
    found = lock_amendment(
        session, actor=actor, amendment_id=amendment_id, act=ProposalAct.WITHDRAW, today=today
    )
    proposals.require_not_publisher(actor, found[1])
    proposals.withdrawn(found[1], actor, said, at)
    tell(session, actor, RebateAction.AMENDMENT_WITHDRAWN, found, said)
    outbox.add(session, RECKON, dealer_id=None, dealers=found[0].terms.get("dealers", []))
