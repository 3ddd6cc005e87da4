"""Somebody reviews a run: all its letters go out, or those chosen, or none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dunning.everywhere import require_everywhere
from portal.dunning.rules import RunState
from portal.dunning.vocabulary import SEND, DunningAction
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.ledger.vocabulary import LedgerRight

LETTERS_MAX = 5_000

_LOCK = text("SELECT id, state FROM dunning_run WHERE number = :number FOR UPDATE")
_DECIDE = text(
    """
    UPDATE dunning_run SET state = :state, decided_by = :by, decided_by_label = :label, decided_at = :at
     WHERE id = :id
    """
)
_KNOWN = text(
    """
    SELECT w.number FROM unnest(CAST(:letters AS text[])) w(number)
     WHERE NOT EXISTS (SELECT FROM dunning_letter l WHERE l.run_id = :id AND l.number = w.number)
     ORDER BY w.number LIMIT 20
    """
)
_RELEASE = text(
    """
    UPDATE dunning_letter SET state = 'released'
     WHERE run_id = :id AND state = 'proposed'
       AND (CAST(:letters AS text[]) IS NULL OR number = ANY (CAST(:letters AS text[])))
    """
)
_LEAVE_OUT = text("UPDATE dunning_letter SET state = 'left_out' WHERE run_id = :id AND state = 'proposed'")


def release_run(
    session: Session, *, actor: Actor, number: str, letters: Collection[str] | None, at: datetime
) -> int:
    """Release letters of a run, None for all of them; how many. A job then writes and sends each.

    What is not chosen is left out: its debts come again with the next run. Raises Invalid for letters that
    the run has not and for none, Conflict when somebody decided already, NotFound, Forbidden.
    """
    run_id = _locked(session, actor, number)
    chosen = None if letters is None else sorted(set(letters))
    if chosen is not None:
        _require_known(session, run_id, chosen)
    released = rows_changed(session, _RELEASE, {"id": run_id, "letters": chosen})
    session.execute(_LEAVE_OUT, {"id": run_id})
    _decide(session, actor, run_id, RunState.RELEASED, at)
    audit.record(
        session,
        DunningAction.RUN_RELEASED,
        number,
        actor=actor,
        dealer_id=None,
        after={"letters": released, "all": letters is None},
    )
    outbox.add(session, SEND, dealer_id=None, run=run_id)
    return released


def discard_run(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Send nothing of a run; the next one proposes anew. Raises what `release_run` raises."""
    run_id = _locked(session, actor, number)
    session.execute(_LEAVE_OUT, {"id": run_id})
    _decide(session, actor, run_id, RunState.DISCARDED, at)
    audit.record(session, DunningAction.RUN_DISCARDED, number, actor=actor, dealer_id=None)


def _locked(session: Session, actor: Actor, number: str) -> int:
    actor.require(LedgerRight.POST)
    require_everywhere(actor)
    row = session.execute(_LOCK, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    if row.state != RunState.PROPOSED:
        message, fix = N_("Somebody has decided on this run already."), N_("Look at it again.")
        raise Conflict("run_decided", message, fix=fix, state=row.state)
    run_id: int = row.id
    return run_id


def _require_known(session: Session, run_id: int, chosen: Collection[str]) -> None:
    if not 0 < len(chosen) <= LETTERS_MAX:
        fix = N_("Choose at least one, or discard the run.")
        raise Invalid(faults=[Fault("/letters", "letters", N_("No letter is chosen."), fix)])
    unknown = session.execute(_KNOWN, {"letters": list(chosen), "id": run_id}).scalars().all()
    if unknown:
        message, fix = N_("Letter %(letter)s is not of this run."), N_("Choose letters of this run.")
        raise Invalid(
            faults=[Fault("/letters", "unknown_letter", message, fix, {"letter": one}) for one in unknown]
        )


def _decide(session: Session, actor: Actor, run_id: int, state: RunState, at: datetime) -> None:
    by = {"by": actor.key, "label": actor.label, "at": at}
    session.execute(_DECIDE, {"id": run_id, "state": str(state)} | by)
