"""Quality confirms what a recall is about. Nothing is blocked before another person decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.nonconforming.vocabulary import QualityRight
from portal.notifications.tell import announce
from portal.recalls.locked import lock_recall
from portal.recalls.resolved import resolved_lots
from portal.recalls.rules import RecallAct, after
from portal.recalls.vocabulary import TO_DECIDE, RecallAction


def confirm_scope(session: Session, *, actor: Actor, number: str, revision: int, at: datetime) -> None:
    """Confirm the scope as it stands.

    Raises Conflict for a wider scope that leaves out what is blocked already, or one that was changed
    meanwhile, NotFound, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    locked = lock_recall(session, number, revision)
    state = after(locked.state, RecallAct.CONFIRM)
    lots = resolved_lots(session, recall_id=locked.id, version_no=locked.version_no)
    blocked = session.execute(_BLOCKED, {"id": locked.id}).scalars().all()
    if set(blocked) - {lot.lot_id for lot in lots}:
        raise Conflict(
            "scope_narrower",
            N_("This scope leaves out lots that are recalled already."),
            fix=N_("Add them again: a recall only becomes wider."),
        )
    about = {"id": locked.id, "state": state, "actor": actor.key, "label": actor.label, "at": at}
    session.execute(_CONFIRM, about)
    told = {"version": locked.version_no, "lots": [f"{lot.sku}/{lot.lot_no}" for lot in lots[:100]]}
    record(session, RecallAction.CONFIRMED, number, actor=actor, dealer_id=None, after=told)
    facts = {"number": number, "title": locked.title, "level": locked.level, "is_drill": locked.is_drill}
    announce(
        session,
        event=TO_DECIDE,
        dealer_id=None,
        path=f"/hq/recalls/{number}",
        facts=facts,
        but=actor.user_id,
    )


_BLOCKED = text("SELECT lot_id FROM recall_lot WHERE recall_id = :id")
_CONFIRM = text(
    """
    UPDATE recall
       SET state = :state, confirmed_by = :actor, confirmed_by_label = :label, confirmed_at = :at,
           revision = revision + 1
     WHERE id = :id
    """
)
