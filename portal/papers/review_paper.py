"""Quality accepts a paper, refuses it, or revokes one that counts; a renewal ends what it renews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.notifications.tell import announce
from portal.papers.fault_rules import end_faults, reason_faults
from portal.papers.locked import LockedPaper, lock_paper, receipts
from portal.papers.rules import PaperAct, PaperKind, PaperState, last_day_of_replaced, paper_after
from portal.papers.vocabulary import DECIDED, PaperAction, PaperRight
from portal.papers.words import KINDS


def accept_paper(session: Session, *, actor: Actor, number: str, revision: int, at: datetime) -> None:
    """Accept a paper as it was read at `revision`: it counts from its first day on.

    What it renews counts until the day before. Raises Conflict for one that was decided on meanwhile, or
    whose former paper no longer counts, Forbidden to who filed it, NotFound out of scope.
    """
    paper, locked = _waiting(session, actor, number, revision)
    state = paper_after(paper.state, PaperAct.ACCEPT)
    former = locked.get(paper.replaces_id) if paper.replaces_id is not None else None
    if former is not None and former.state != PaperState.ACCEPTED:
        raise Conflict(
            "former_decided",
            N_("The paper that this one renews does not count any more."),
            fix=N_("Refuse this one, and have it filed anew."),
        )
    if former is not None and paper.kind != PaperKind.RENEWAL_RECEIPT:
        ends = last_day_of_replaced(former.valid_to, paper.valid_from)
        for one in (former, *receipts(locked.values(), former.id)):
            _end(session, actor, one, PaperAct.REPLACE, ends, at=at, reason=number)
    _decide(session, actor, paper, state, "", at)


def refuse_paper(
    session: Session, *, actor: Actor, number: str, revision: int, reason: str, at: datetime
) -> None:
    """Refuse a paper. Raises Invalid without a reason, Conflict, Forbidden to who filed it, NotFound."""
    paper, _ = _waiting(session, actor, number, revision)
    state = paper_after(paper.state, PaperAct.REFUSE)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    _decide(session, actor, paper, state, reason.strip(), at)


def revoke_paper(
    session: Session,
    *,
    actor: Actor,
    number: str,
    revision: int,
    ended_on: date | None,
    reason: str,
    today: date,
    at: datetime,
) -> None:
    """Have a paper that counts end early, as when the authority took it back or refused its renewal.

    ended_on: the last day on which it counts. Raises Invalid with every fault, Conflict, Forbidden, NotFound.
    """
    actor.require(PaperRight.REVIEW)
    paper, locked = lock_paper(session, number, revision=revision)
    paper_after(paper.state, PaperAct.REVOKE)
    faults = end_faults(ended_on, valid_to=paper.valid_to, today=today)
    if (faults := faults + reason_faults(reason)) or ended_on is None:
        raise Invalid(faults=faults)
    _end(session, actor, paper, PaperAct.REVOKE, ended_on, at=at, reason=reason.strip())
    for one in receipts(locked.values(), paper.id):
        _end(session, actor, one, PaperAct.REVOKE, ended_on, at=at, reason=reason.strip())
    _tell(session, paper, PaperState.REVOKED, reason.strip())


def _waiting(
    session: Session, actor: Actor, number: str, revision: int
) -> tuple[LockedPaper, dict[int, LockedPaper]]:
    actor.require(PaperRight.REVIEW)
    paper, locked = lock_paper(session, number)
    require_other_person(actor, paper.filed_by)
    if paper.state == PaperState.FILED and paper.revision != revision:
        message, fix = N_("Somebody else has changed this paper meanwhile."), N_("Open it again.")
        raise Conflict("edited_meanwhile", message, fix=fix)
    return paper, locked


def _decide(
    session: Session, actor: Actor, paper: LockedPaper, state: PaperState, reason: str, at: datetime
) -> None:
    about = {"actor": actor.key, "label": actor.label, "at": at, "reason": reason, "state": str(state)}
    session.execute(_DECIDE, paper.key | about)
    record(
        session,
        PaperAction.ACCEPTED if state is PaperState.ACCEPTED else PaperAction.REFUSED,
        paper.number,
        actor=actor,
        dealer_id=paper.dealer_id,
        before={"state": paper.state},
        after={"state": str(state), "paper_no": paper.paper_no, **_days(paper)},
        reason=reason or None,
    )
    _tell(session, paper, state, reason)


def _end(
    session: Session,
    actor: Actor,
    paper: LockedPaper,
    act: PaperAct,
    ended_on: date,
    *,
    at: datetime,
    reason: str,
) -> None:
    state = paper_after(paper.state, act)
    about = {"label": actor.label, "at": at, "state": str(state), "ended_on": ended_on, "reason": reason}
    session.execute(_END, paper.key | about)
    record(
        session,
        PaperAction.REPLACED if act is PaperAct.REPLACE else PaperAction.REVOKED,
        paper.number,
        actor=actor,
        dealer_id=paper.dealer_id,
        before={"state": paper.state, **_days(paper)},
        after={"state": str(state), "ended_on": str(ended_on)},
        reason=reason,
    )


def _days(paper: LockedPaper) -> dict[str, Any]:
    return {"valid_from": str(paper.valid_from), "valid_to": str(paper.valid_to) if paper.valid_to else None}


def _tell(session: Session, paper: LockedPaper, state: PaperState, reason: str) -> None:
    """The dealer's people and systems are told."""
    outbox.add(session, DECIDED, dealer_id=paper.dealer_id, number=paper.number, state=str(state))
    announce(
        session,
        event=DECIDED,
        dealer_id=paper.dealer_id,
        path=f"/papers/{paper.number}",
        facts={
            "number": paper.number,
            "kind": KINDS[PaperKind(paper.kind)],
            "paper_no": paper.paper_no,
            "state": str(state),
            "reason": reason,
        },
    )


def decision_faults(decision: str) -> list[Fault]:
    """What is wrong with what somebody says they decide."""
    if decision in ("accept", "refuse"):
        return []
    message, fix = N_("Say what you decide."), N_("Choose one of the two.")
    return [Fault("/decision", "decision", message, fix)]


_DECIDE = text(
    """
    UPDATE dealer_paper
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at,
           reason = :reason, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_END = text(
    """
    UPDATE dealer_paper
       SET state = :state, ended_on = :ended_on, ended_by_label = :label, ended_at = :at,
           end_reason = :reason, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
