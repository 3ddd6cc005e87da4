"""The pot of a rebate programme, made of the budget that its terms say, which another person approved."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.numbering import new_number

PREFIX = "BG"


def ensure_programme_pot(session: Session, *, programme: str) -> int | None:
    """Id of the pot that a rebate programme draws on; made now if its terms have a budget and it has none.

    None where nothing limits the programme. Two who ask at once get the same.
    """
    found = session.execute(_FOUND, {"number": programme}).one_or_none()
    if found is None:
        return None
    if found.budget_id is not None:
        return int(found.budget_id)
    if found.budget is None or found.approved_at is None:
        return None
    number = new_number(PREFIX, found.today)
    made = session.execute(_MAKE, {"number": number, "programme_id": found.id}).scalar_one_or_none()
    if made is None:  # somebody else has made it meanwhile
        return int(session.execute(_FOUND, {"number": programme}).one().budget_id)
    session.execute(_PROPOSAL, {"budget_id": made, "programme_id": found.id})
    return int(made)


_FOUND = text(
    """
    SELECT p.id, p.budget, p.approved_at, b.id AS budget_id, app_today() AS today
      FROM rebate_programme p
      LEFT JOIN rebate_budget b ON b.programme_id = p.id AND b.state = 'open'
     WHERE p.number = :number
    """
)
_MAKE = text(
    """
    INSERT INTO rebate_budget (number, title_zh, title_en, kind, state, programme_id, region_id, first_day,
                               last_day, amount, created_at)
    SELECT :number, title_zh, title_en, 'programme', 'open', id, region_id, valid_from, valid_to, budget,
           now()
      FROM rebate_programme WHERE id = :programme_id
    ON CONFLICT (programme_id) WHERE state <> 'rejected' DO NOTHING
    RETURNING id
    """
)
_PROPOSAL = text(
    """
    INSERT INTO budget_proposal (budget_id, amount, before, state, proposed_by, proposed_by_label,
                                 proposed_at, decided_by, decided_by_label, decided_at)
    SELECT :budget_id, budget, 0, 'approved', proposed_by, proposed_by_label, created_at, approved_by,
           approved_by_label, approved_at
      FROM rebate_programme WHERE id = :programme_id
    """
)
