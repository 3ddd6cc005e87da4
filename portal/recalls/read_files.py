"""Who may look at the photos of an answer."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.recalls.vocabulary import RecallRight

OWNER_KIND = "recall_answer"
_NUMBER = len("RC2611-7K3F9Q2MA")


def owner_number(number: str, dealer_code: str) -> str:
    """What the photos of a dealer's answer are kept under."""
    return f"{number} {dealer_code}"


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not look at them."""
    actor.require(RecallRight.DESK if actor.is_staff else RecallRight.READ)
    about = {"number": number[:_NUMBER], "code": number[_NUMBER + 1 :]}
    if session.execute(_SEEN, about).scalar_one_or_none() is None:
        raise NotFound()


_SEEN = text(
    """
    SELECT r.recall_id FROM recall k JOIN recall_response r ON r.recall_id = k.id
      JOIN dealer d ON d.id = r.dealer_id
     WHERE k.number = :number AND d.code = :code
    """
)
