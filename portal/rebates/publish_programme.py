"""Publish an approved programme, and withdraw it: what was earned until then stays earned."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import clock, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.rebates.documents import lock_programme, reason_of
from portal.rebates.life import ProgrammeAct, ProgrammeState
from portal.rebates.vocabulary import RebateAction, RebateRight

RECKON = "rebates.reckon"


def publish_programme(
    session: Session, *, actor: Actor, programme_id: int, revision: int, at: datetime
) -> None:
    """Publish what was approved, as it was read at `revision`: it counts from its first day, also a past one.

    Its dealers' rebates are reckoned at once, by a job. Raises NotFound, Conflict for what is not approved or
    was overtaken.
    """
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    programme = lock_programme(
        session, actor=actor, programme_id=programme_id, act=ProgrammeAct.PUBLISH, revision=revision
    )
    programme.state, programme.revision = ProgrammeState.PUBLISHED, revision + 1
    programme.published_at = at
    programme.published_by, programme.published_by_label = actor.key, actor.label
    session.flush()
    after = {"revision": revision + 1, "valid_from": programme.valid_from.isoformat()}
    record(session, RebateAction.PUBLISHED, programme.number, actor=actor, dealer_id=None, after=after)
    outbox.add(session, RECKON, dealer_id=None, dealers=programme.terms.get("dealers", []))


def withdraw_programme(
    session: Session, *, actor: Actor, programme_id: int, reason: str, zone: ZoneInfo, at: datetime
) -> None:
    """End a programme with yesterday, or altogether where it has not begun.

    Raises Invalid without a reason, NotFound, Conflict for what is not published or has come to its end.
    """
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    said = reason_of(reason)
    programme = lock_programme(session, actor=actor, programme_id=programme_id, act=ProgrammeAct.WITHDRAW)
    today = clock.business_date(at, zone)
    if programme.valid_to < today:
        raise Conflict(
            "over", N_("This programme has come to its end already."), fix=N_("Nothing is left to do.")
        )
    programme.state, programme.revision = ProgrammeState.WITHDRAWN, programme.revision + 1
    programme.ended_on, programme.withdrawn_at = today - timedelta(days=1), at
    programme.withdrawn_by, programme.withdrawn_by_label = actor.key, actor.label
    programme.reason = said
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
