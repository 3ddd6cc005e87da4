"""What both sides say in a dispute, and a dealer that takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.disputes.locked import LockedDispute, add_entry, end, lock_dispute
from portal.disputes.rules import TEXT_MAX, DisputeState, EntryKind, files_faults, require_open, text_faults
from portal.disputes.vocabulary import ANSWERED, SAID, DisputeAction
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.notifications.tell import announce
from portal.statements.answers import move
from portal.statements.rules import StatementAct
from portal.statements.vocabulary import StatementRight


def say(
    session: Session, *, actor: Actor, number: str, text: str, files: Sequence[str] = (), at: datetime
) -> None:
    """A message of the dealer, or of headquarters to it; the other side is told.

    Raises Invalid, Conflict for a dispute that is over, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST if actor.is_staff else StatementRight.CONFIRM)
    dispute = lock_dispute(session, number)
    require_open(dispute.state)
    if faults := text_faults("/text", text, most=TEXT_MAX) + files_faults(files):
        raise Invalid(faults=faults)
    _add(session, dispute, actor, EntryKind.MESSAGE, text, files, at)
    audit.record(session, DisputeAction.SAID, number, actor=actor, dealer_id=dispute.dealer_id)
    tell_other_side(session, dispute, actor)


def withdraw_dispute(session: Session, *, actor: Actor, number: str, text: str = "", at: datetime) -> None:
    """Take a dispute back: the statement may be confirmed. Raises Invalid, Conflict, NotFound, Forbidden."""
    actor.require(StatementRight.CONFIRM)
    dispute = lock_dispute(session, number)
    require_open(dispute.state)
    if faults := text_faults("/text", text, most=TEXT_MAX, needed=False):
        raise Invalid(faults=faults)
    move(session, dispute.answer, StatementAct.RESOLVE, at=at)
    end(session, dispute, DisputeState.WITHDRAWN, actor=actor, at=at)
    _add(session, dispute, actor, EntryKind.WITHDRAWN, text, (), at)
    audit.record(session, DisputeAction.WITHDRAWN, number, actor=actor, dealer_id=dispute.dealer_id)
    tell_other_side(session, dispute, actor)


def tell_other_side(session: Session, dispute: LockedDispute, actor: Actor) -> None:
    """Tell whom the actor wrote to."""
    path = f"/disputes/{dispute.number}"
    announce(
        session,
        event=ANSWERED if actor.is_staff else SAID,
        dealer_id=dispute.dealer_id,
        path=path if actor.is_staff else f"/hq{path}",
        facts={"number": dispute.number, "statement": dispute.answer.number},
        but=actor.user_id,
    )


def _add(
    session: Session,
    dispute: LockedDispute,
    actor: Actor,
    kind: EntryKind,
    said: str,
    files: Sequence[str],
    at: datetime,
) -> None:
    add_entry(
        session,
        actor=actor,
        dealer_id=dispute.dealer_id,
        dispute_id=dispute.id,
        number=dispute.number,
        kind=kind,
        said=said,
        files=files,
        at=at,
    )
