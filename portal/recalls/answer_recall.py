"""A holder reads the notice and answers what became of its units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.files.attach import attach_files, files_of
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid, NotFound
from portal.recalls.read_files import OWNER_KIND, owner_number
from portal.recalls.rules import Answer, ResponseState, answer_faults
from portal.recalls.vocabulary import RecallAction, RecallRight


def read_notice(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Confirm to have read the notice; once more changes nothing. Raises NotFound, Forbidden."""
    actor.require(RecallRight.READ)
    held = _locked(session, actor, number)
    if held.state != ResponseState.NOTIFIED:
        return
    session.execute(_READ, {"dealer_id": held.dealer_id, "id": held.recall_id, "at": at})
    record(session, RecallAction.READ, number, actor=actor, dealer_id=held.dealer_id)


def answer_recall(
    session: Session,
    *,
    actor: Actor,
    number: str,
    answer: Answer,
    passed_to: str = "",
    witness: str = "",
    note: str = "",
    photos: Sequence[str] = (),
    at: datetime,
) -> None:
    """Answer, or answer anew while the recall runs; photos are added to those there are.

    Raises Invalid with every fault, Conflict when it is closed, NotFound, Forbidden.
    """
    actor.require(RecallRight.ANSWER)
    held = _locked(session, actor, number)
    owner = Owner(OWNER_KIND, owner_number(number, held.code), held.dealer_id)
    kept = len(files_of(session, owner)) if answer.destroyed and not photos else 0
    faults = answer_faults(
        answer, held=held.held, passed_to=passed_to, witness=witness, photos=len(photos) + kept, note=note
    )
    if faults:
        raise Invalid(faults=faults)
    attach_files(session, actor=actor, ids=photos, owner=owner)
    said = {"passed_to": passed_to.strip(), "witness": witness.strip(), "note": note.strip()}
    key = {"dealer_id": held.dealer_id, "id": held.recall_id}
    session.execute(_ANSWER, {**key, **asdict(answer), **said, "label": actor.label, "at": at})
    record(
        session,
        RecallAction.ANSWERED,
        number,
        actor=actor,
        dealer_id=held.dealer_id,
        before=asdict(Answer(held.found, held.used, held.passed_on, held.returned, held.destroyed)),
        after={**asdict(answer), **said, "photos": len(photos)},
    )


def _locked(session: Session, actor: Actor, number: str) -> Record:
    """The dealer's own response under lock; the recall is not closed while it is held."""
    found = session.execute(_LOCK, {"number": number, "dealer_id": actor.own_dealer_id}).one_or_none()
    if found is None:
        raise NotFound()
    if found.is_over:
        raise Conflict(
            "recall_over",
            N_("This recall is closed: nothing of it changes any more."),
            fix=N_("Tell headquarters what you found."),
        )
    return found


# First the recall, as its closing does.
_LOCK = text(
    """
    WITH recalled AS MATERIALIZED (
      SELECT id, ended_at IS NOT NULL AS is_over FROM recall WHERE number = :number FOR SHARE)
    SELECT r.dealer_id, r.recall_id, r.state, r.held, r.found, r.used, r.passed_on, r.returned, r.destroyed,
           d.code, recalled.is_over
      FROM recalled JOIN recall_response r ON r.recall_id = recalled.id AND r.dealer_id = :dealer_id
      JOIN dealer d ON d.id = r.dealer_id
       FOR NO KEY UPDATE OF r
    """
)
_READ = text(
    """
    UPDATE recall_response SET state = 'read', read_at = :at WHERE dealer_id = :dealer_id AND recall_id = :id
    """
)
_ANSWER = text(
    """
    UPDATE recall_response
       SET state = 'answered', read_at = coalesce(read_at, :at), answered_at = :at,
           answered_by_label = :label, found = :found, used = :used, passed_on = :passed_on,
           returned = :returned, destroyed = :destroyed, passed_to = :passed_to, witness = :witness,
           note = :note
     WHERE dealer_id = :dealer_id AND recall_id = :id
    """
)
