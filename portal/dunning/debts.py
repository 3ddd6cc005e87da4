"""The open debts that may be demanded, of some dealers at once, as the books stand now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dunning.rules import Debt
from portal.kernel.db import Record
from portal.ledger.fragments import open_of

# Whoever owes nothing beyond what is not due yet has no debt to demand: few dealers are read in full.
_DEALERS = text(
    """
    SELECT a.dealer_id FROM dealer_account a
     WHERE a.balance > 0 AND a.dealer_id > :after
       AND EXISTS (SELECT FROM journal_entry e
                    WHERE e.dealer_id = a.dealer_id AND e.receivable > 0 AND e.due_on <= :due_until)
     ORDER BY a.dealer_id LIMIT :most
    """
)
_DEBTS = text(
    f"""
    SELECT e.dealer_id, e.id, e.kind, e.document_no, e.occurred_on, e.due_on, e.open,
           coalesce((SELECT max(r.level) FROM dunning_reached r
                      WHERE (r.dealer_id, r.entry_id) = (e.dealer_id, e.id)), 0) AS was_level,
           (SELECT max(l.pay_by) FROM dunning_reached r
              JOIN dunning_letter l ON (l.dealer_id, l.id) = (r.dealer_id, r.letter_id)
             WHERE (r.dealer_id, r.entry_id) = (e.dealer_id, e.id)) AS pay_by,
           coalesce((SELECT max(l.written_on) FROM dunning_item i
                       JOIN dunning_letter l ON (l.dealer_id, l.id) = (i.dealer_id, i.letter_id)
                      WHERE (i.dealer_id, i.entry_id) = (e.dealer_id, e.id)
                        AND l.interest_no IS NOT NULL), e.due_on) AS interest_from,
           EXISTS (SELECT FROM dispute_line x
                     JOIN dispute d ON (d.dealer_id, d.id) = (x.dealer_id, x.dispute_id)
                    WHERE (x.dealer_id, x.document) = (e.dealer_id, e.document_no)
                      AND d.state = 'open') AS is_disputed
      FROM (SELECT o.dealer_id, o.id, o.kind, o.document_no, o.occurred_on, o.due_on,
                   {open_of("o")} AS open
              FROM journal_entry o
             WHERE o.dealer_id = ANY (CAST(:dealers AS bigint[])) AND o.receivable > 0
               AND o.due_on <= :due_until) e
     WHERE e.open > 0
     ORDER BY e.dealer_id, e.due_on, e.id
    """
)


def dealers_in_debt(session: Session, *, due_until: date, after: int, most: int) -> list[int]:
    """Dealers beyond the id `after` who owe something and had debts due by a day; some may be paid."""
    parameters = {"due_until": due_until, "after": after, "most": most}
    return list(session.execute(_DEALERS, parameters).scalars())


def debts_of(session: Session, dealers: Sequence[int], *, due_until: date) -> dict[int, list[Debt]]:
    """Open debts due by a day, by dealer."""
    found: dict[int, list[Debt]] = {dealer: [] for dealer in dealers}
    for row in session.execute(_DEBTS, {"dealers": list(dealers), "due_until": due_until}):
        found[row.dealer_id].append(_debt(row))
    return found


def _debt(row: Record) -> Debt:
    return Debt(
        row.id,
        row.document_no,
        row.occurred_on,
        row.due_on,
        row.open,
        row.was_level,
        row.interest_from,
        row.is_disputed,
        row.kind != "interest",
        row.pay_by,
    )
