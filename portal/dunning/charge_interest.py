"""Somebody has the interest of a letter posted: a debt of its own, with its own day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.dunning.rules import LetterState
from portal.dunning.vocabulary import DunningAction
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.ledger.post_interest import post_interest
from portal.ledger.vocabulary import LedgerRight

_DEALER_OF = text("SELECT dealer_id FROM dunning_letter WHERE number = :number")
_LETTER = text(
    """
    SELECT l.dealer_id, l.id, l.state, l.sent_at, l.interest, l.interest_no, p.respite
      FROM dunning_letter l JOIN dunning_run r ON r.id = l.run_id
      JOIN dunning_policy p ON p.version = r.policy_version
     WHERE l.number = :number FOR NO KEY UPDATE OF l
    """
)
# A letter counts from the day of the one whose interest was posted before it was sent: what was posted later
# covers the same days.
_POSTED_SINCE = text(
    """
    SELECT EXISTS (
      SELECT FROM dunning_item mine
        JOIN dunning_item later ON (later.dealer_id, later.entry_id) = (mine.dealer_id, mine.entry_id)
        JOIN dunning_letter l ON (l.dealer_id, l.id) = (later.dealer_id, later.letter_id)
       WHERE (mine.dealer_id, mine.letter_id) = (:dealer_id, :id) AND l.interest_at >= :sent_at)
    """
)
_POSTED = text(
    """
    UPDATE dunning_letter
       SET interest_no = :no, interest_by = :by, interest_by_label = :label, interest_at = :at
     WHERE (dealer_id, id) = (:dealer_id, :id)
    """
)


def charge_interest(session: Session, *, actor: Actor, number: str, today: date, at: datetime) -> str:
    """Post the interest that a letter reckoned, once; the number of its note.

    Raises Conflict for a letter without interest, one that is not sent, one whose interest is posted, also
    with a later letter; NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    dealer_id: int | None = session.scalar(_DEALER_OF, {"number": number})
    if dealer_id is None:
        raise NotFound()
    lock_account(session, dealer_id)
    letter = session.execute(_LETTER, {"number": number}).one()
    key = {"dealer_id": dealer_id, "id": letter.id}
    if letter.state != LetterState.SENT or letter.interest <= 0:
        message = N_("This letter has no interest to post.")
        raise Conflict("no_interest", message, fix=N_("Nothing is left to do."))
    since = key | {"sent_at": letter.sent_at}
    if letter.interest_no is not None or session.execute(_POSTED_SINCE, since).scalar_one():
        message = N_("The interest of these debts is posted already.")
        raise Conflict("interest_posted", message, fix=N_("Nothing is left to do."))
    posted = post_interest(
        session,
        actor=actor,
        dealer_id=dealer_id,
        amount=letter.interest,
        occurred_on=today,
        due_on=today + timedelta(days=letter.respite),
        source=number,
        at=at,
    )
    by = {"no": posted.document_no, "by": actor.key, "label": actor.label, "at": at}
    session.execute(_POSTED, key | by)
    audit.record(
        session,
        DunningAction.INTEREST_POSTED,
        number,
        actor=actor,
        dealer_id=dealer_id,
        after={"note": posted.document_no, "amount": money.as_text(letter.interest)},
    )
    return posted.document_no
