"""Publish an approved programme, and withdraw it: what was earned until then stays earned."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import clock, outbox, proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.rebates.documents import lock_programme
from portal.rebates.vocabulary import RebateAction, RebateRight

RECKON = "rebates.reckon"


def publish_programme(
    session: Session, *, actor: Actor, programme_id: int, revision: int, at: datetime
) -> None:
    """Publish what was approved, as it was read at `revision`: it counts from its first day, also a past one.

    Its dealers' rebates are reckoned at once by a job, which also makes the pot of its budget. Raises
    NotFound, Conflict for what is not approved or was overtaken.
    """
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    programme = lock_programme(
        session, actor=actor, programme_id=programme_id, act=ProposalAct.PUBLISH, revision=revision
    )
    proposals.published(programme, actor, at)
    session.flush()
    after = {"revision": programme.revision, "valid_from": programme.valid_from.isoformat()}
    record(session, RebateAction.PUBLISHED, programme.number, actor=actor, dealer_id=None, after=after)
    about = {"programme": programme.number, "dealers": programme.terms.get("dealers", [])}
    outbox.add(session, RECKON, dealer_id=None, **about)


def withdraw_programme(
    session: Session, *, actor: Actor, programme_id: int, reason: str, zone: ZoneInfo, at: datetime
) -> None:
    """End a programme with yesterday, or altogether where it has not begun.

    What dealers were promised is taken from them by another person than who published it. Raises Invalid
    without a reason, NotFound, Conflict for what is not published or has come to its end, Forbidden.
    """
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    said = reason_of(reason)
    programme = lock_programme(session, actor=actor, programme_id=programme_id, act=ProposalAct.WITHDRAW)
    proposals.require_not_publisher(actor, programme)
    today = clock.business_date(at, zone)
    if programme.valid_to < today:
        raise Conflict(
            "over", N_("This programme has come to its end already."), fix=N_("Nothing is left to do.")
        )
    programme.ended_on = today - timedelta(days=1)
    proposals.withdrawn(programme, actor, said, at)
    session.flush()
    after = {"revision": programme.revision, "ended_on": programme.ended_on.isoformat()}
    record(
        session,
        RebateAction.WITHDRAWN,
        programme.number,
        actor=actor,
        dealer_id=None,
        after=after,
        reason=said,
    )
    outbox.add(session, RECKON, dealer_id=None, dealers=programme.terms.get("dealers", []))
