"""The debts of a letter, written anew as long as it is not sent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dunning.rules import Demanded

_FORGET = text("DELETE FROM dunning_item WHERE (dealer_id, letter_id) = (:dealer_id, :letter_id)")
_ITEM = text(
    """
    INSERT INTO dunning_item (dealer_id, letter_id, entry_id, document_no, occurred_on, due_on, amount,
                              days_late, was_level, level, interest)
    VALUES (:dealer_id, :letter_id, :entry_id, :document_no, :occurred_on, :due_on, :amount, :days_late,
            :was_level, :level, :interest)
    """
)


def write_items(session: Session, *, dealer_id: int, letter_id: int, items: Sequence[Demanded]) -> None:
    """Have the letter demand these debts and no others."""
    of_letter = {"dealer_id": dealer_id, "letter_id": letter_id}
    session.execute(_FORGET, of_letter)
    session.execute(_ITEM, [of_letter | _row(one) for one in items])


def _row(one: Demanded) -> dict[str, object]:
    return {
        "entry_id": one.debt.entry_id,
        "document_no": one.debt.document_no,
        "occurred_on": one.debt.occurred_on,
        "due_on": one.debt.due_on,
        "amount": one.debt.amount,
        "days_late": one.days_late,
        "was_level": one.debt.was_level,
        "level": one.level,
        "interest": one.interest,
    }
