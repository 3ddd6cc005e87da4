"""Either side says of differences that it accepts or disputes them, or remarks something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.own_ledgers.locked import LockedLedger, changed_meanwhile, lock_ledger, require_current
from portal.own_ledgers.rules import TEXT_MAX, LedgerState, Side, Verdict, text_faults
from portal.own_ledgers.told import tell
from portal.own_ledgers.vocabulary import OwnLedgerAction, OwnLedgerRight, OwnLedgerTold

AT_ONCE_MAX = 200
_NAMED_MAX = 50  # numbers of differences that the audit names


def side_of_actor(actor: Actor) -> Side:
    """For whom the actor speaks."""
    return Side.HEADQUARTERS if actor.is_staff else Side.DEALER


def require_speaker(actor: Actor) -> Side:
    """For whom the actor may speak here. Raises Forbidden."""
    actor.require(LedgerRight.POST if actor.is_staff else OwnLedgerRight.COMPARE)
    return side_of_actor(actor)


def answer_differences(
    session: Session,
    *,
    actor: Actor,
    number: str,
    seen: Sequence[tuple[int, int]],
    verdict: str,
    said: str,
    at: datetime,
) -> None:
    """Say one thing of some differences. seen: the place of each with the revision that was looked at.

    Raises Invalid with every fault, Conflict where somebody was quicker or the side has signed, NotFound,
    Forbidden.
    """
    side = require_speaker(actor)
    ledger = lock_ledger(session, number)
    if faults := _faults(seen, verdict, said):
        raise Invalid(faults=faults)
    meant = Verdict(verdict)
    _require_unsigned(session, ledger, side, meant)
    rows = _differences(session, ledger, seen)
    key = {"dealer_id": ledger.dealer_id, "ledger_id": ledger.id}
    if meant is not Verdict.NOTE:
        of_staff = {"answer": str(meant), "of_staff": side is Side.HEADQUARTERS}
        session.execute(_ANSWER, {**key, **of_staff, "nos": [row.no for row in rows]})
    remarks = {"said": said.strip(), "at": at, "actor": actor.key, "label": actor.label}
    nos = {"nos": [row.no for row in rows], "side": str(side), "verdict": str(meant)}
    session.execute(_REMARK, {**key, **nos, **remarks})
    column = "staff_answer" if side is Side.HEADQUARTERS else "dealer_answer"
    audit.record(
        session,
        OwnLedgerAction.ANSWERED,
        number,
        actor=actor,
        dealer_id=ledger.dealer_id,
        before={str(row.no): getattr(row, column) for row in rows[:_NAMED_MAX]},
        after={"answer": str(meant), "differences": len(rows)},
        reason=said.strip() or None,
    )
    if side is Side.HEADQUARTERS and meant is not Verdict.NOTE:
        _tell_when_through(session, actor, ledger)


def _tell_when_through(session: Session, actor: Actor, ledger: LockedLedger) -> None:
    """Once headquarters has answered everything: not with each handful."""
    found = session.execute(_STAFF_ANSWERS, {"dealer_id": ledger.dealer_id, "ledger_id": ledger.id}).one()
    if not found.open:
        facts = {"accepted": found.accepted, "disputed": found.disputed}
        tell(
            session,
            OwnLedgerTold.ANSWERED,
            actor=actor,
            dealer_id=ledger.dealer_id,
            number=ledger.number,
            facts=facts,
        )


def _faults(seen: Sequence[tuple[int, int]], verdict: str, said: str) -> list[Fault]:
    is_note = verdict == Verdict.NOTE
    faults = text_faults("/said", said, most=TEXT_MAX, required=is_note or verdict == Verdict.DISPUTED)
    if verdict not in list(Verdict):
        message, fix = N_("Say whether you accept or dispute it."), N_("Choose one of the buttons.")
        faults.append(Fault("/answer", "unknown_answer", message, fix))
    if not seen:
        message, fix = N_("No difference is chosen."), N_("Tick at least one.")
        faults.append(Fault("/differences", "none_chosen", message, fix))
    elif len(seen) > AT_ONCE_MAX:
        message, fix = N_("At most %(max)s differences at once."), N_("Choose fewer.")
        faults.append(Fault("/differences", "too_many", message, fix, {"max": AT_ONCE_MAX}))
    return faults


def _require_unsigned(session: Session, ledger: LockedLedger, side: Side, verdict: Verdict) -> None:
    require_current(ledger)
    if ledger.state != LedgerState.DONE:
        raise Conflict("not_compared", N_("This ledger is not compared yet."), fix=N_("Wait for the result."))
    key = {"dealer_id": ledger.dealer_id, "ledger_id": ledger.id, "side": str(side)}
    if verdict is not Verdict.NOTE and session.execute(_SIGNED, key).scalar_one():
        raise Conflict(
            "signed_already",
            N_("Your side has signed the sheet; its answers stay."),
            fix=N_("Add a remark, or upload the ledger once more."),
        )


def _differences(session: Session, ledger: LockedLedger, seen: Sequence[tuple[int, int]]) -> Sequence[Record]:
    revisions = dict(seen)
    if len(revisions) < len(set(seen)):
        raise changed_meanwhile()
    key = {"dealer_id": ledger.dealer_id, "ledger_id": ledger.id, "nos": sorted(revisions)}
    rows = session.execute(_DIFFERENCES, key).all()
    if len(rows) != len(revisions) or any(row.revision != revisions[row.no] for row in rows):
        raise changed_meanwhile()
    return rows


_SIGNED = text(
    """
    SELECT EXISTS (SELECT FROM own_ledger_signature
                    WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id AND side = :side)
    """
)
_STAFF_ANSWERS = text(
    """
    SELECT count(*) FILTER (WHERE staff_answer = 'open') AS open,
           count(*) FILTER (WHERE staff_answer = 'accepted') AS accepted,
           count(*) FILTER (WHERE staff_answer = 'disputed') AS disputed
      FROM own_ledger_difference WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id
    """
)
_DIFFERENCES = text(
    """
    SELECT no, revision, dealer_answer, staff_answer FROM own_ledger_difference
     WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id AND no = ANY (CAST(:nos AS integer[]))
     ORDER BY no
    """
)
_ANSWER = text(
    """
    UPDATE own_ledger_difference
       SET revision = revision + 1,
           dealer_answer = CASE WHEN :of_staff THEN dealer_answer ELSE :answer END,
           staff_answer = CASE WHEN :of_staff THEN :answer ELSE staff_answer END
     WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id AND no = ANY (CAST(:nos AS integer[]))
    """
)
_REMARK = text(
    """
    INSERT INTO own_ledger_remark (dealer_id, ledger_id, difference_no, side, verdict, said, said_at, said_by,
                                   said_by_label)
    SELECT :dealer_id, :ledger_id, no, :side, :verdict, :said, :at, :actor, :label
      FROM unnest(CAST(:nos AS integer[])) AS no
    """
)
