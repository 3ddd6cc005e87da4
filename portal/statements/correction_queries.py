"""Corrections of statements with what each changes, before and after: for whoever decides, and as a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.payment_reference import grouped, reference_of
from portal.kernel import paging
from portal.kernel.db import Record
from portal.kernel.paging import Page
from portal.statements.assemble import party_of
from portal.statements.company import Issuer
from portal.statements.correction_rules import Change, changes
from portal.statements.document import LateCorrection
from portal.statements.rules import VersionState
from portal.statements.snapshot import late_corrections
from portal.statements.versions import LATER, late_correction

OF_ONE_MAX = 50


@dataclass(frozen=True, slots=True)
class CorrectionDetail:
    """A correction, and what the version that it makes says otherwise than the one before.

    version: what it made, None where it made none. closing_after: None of one that was rejected, of which
    nothing is known but its documents.
    """

    id: int
    number: str
    period: str
    dealer_code: str
    state: VersionState
    version: int | None
    reason: str
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str
    named: tuple[str, ...]
    changes: tuple[Change, ...]
    documents_before: tuple[LateCorrection, ...]
    documents_after: tuple[LateCorrection, ...]
    closing_before: Decimal
    closing_after: Decimal | None


def corrections(
    session: Session, *, issuer: Issuer, state: str = "", limit: int = 50, cursor: str | None = None
) -> Page[CorrectionDetail]:
    """Corrections in scope, the latest first. Raises Invalid for a foreign cursor.

    issuer: as a version that is issued now would name it.
    """
    cursors = paging.cursors(session, f"statement corrections {state}", int)
    place = cursors.place_of(cursor)
    about: dict[str, Any] = {"limit": limit + 1, "state": state}
    if place:
        [about["from_id"]] = place.key
    rows = session.execute(_list(bool(state), place is not None), about)
    return cursors.page_of([_detail(row, issuer) for row in rows], limit, lambda one: (one.id,))


def corrections_in_detail(
    session: Session, *, number: str, issuer: Issuer, limit: int = OF_ONE_MAX
) -> list[CorrectionDetail]:
    """The last corrections of one statement, the latest first; none out of scope."""
    rows = session.execute(_OF_STATEMENT, {"number": number, "limit": limit})
    return [_detail(row, issuer) for row in rows]


def _detail(row: Record, issuer: Issuer) -> CorrectionDetail:
    state = VersionState(row.state)
    before, after = late_corrections(row.before), _documents_after(row)
    closing_before = _with(row.closing, before)
    return CorrectionDetail(
        id=row.id,
        number=row.number,
        period=row.period,
        dealer_code=row.code,
        state=state,
        version=row.version,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_by_label=row.proposed_by_label,
        proposed_at=row.proposed_at,
        decided_by_label=row.decided_by_label,
        decided_at=row.decided_at,
        decision_note=row.decision_note,
        named=tuple(row.documents),
        changes=_changes(row, issuer),
        documents_before=before,
        documents_after=after,
        closing_before=closing_before,
        closing_after=None if state is VersionState.REJECTED else _with(row.closing, after),
    )


def _changes(row: Record, issuer: Issuer) -> tuple[Change, ...]:
    match VersionState(row.state):
        case VersionState.APPROVED:
            return changes(row.before, row.after)
        case VersionState.REJECTED:
            return ()
    now = {
        "dealer": asdict(party_of(row)),
        "issuer": asdict(issuer.party),
        "bank": asdict(issuer.bank),
        "terms_days": row.payment_terms_days,
        "payment_reference": grouped(reference_of(row.code)),
    }
    return changes(row.before, now)


def _documents_after(row: Record) -> tuple[LateCorrection, ...]:
    if row.after is not None:
        return late_corrections(row.after)
    return tuple(
        late_correction(
            one["document_no"],
            one["kind"],
            datetime.fromisoformat(one["occurred_on"]).date(),
            Decimal(one["receivable"]),
            one["period"],
        )
        for one in row.late or ()
    )


def _with(closing: Decimal, documents: Iterable[LateCorrection]) -> Decimal:
    return sum((one.amount for one in documents), closing)


# What stood before a correction is the last version that an earlier one made, else the statement.
_DETAIL = f"""
SELECT c.id, s.number, s.period, s.closing, d.code, d.name_zh, d.name_en, d.credit_code, d.city, d.address,
       d.payment_terms_days, c.state, c.version, c.reason, c.documents, c.proposed_by, c.proposed_by_label,
       c.proposed_at, c.decided_by_label, c.decided_at, c.decision_note,
       coalesce(b.snapshot, s.snapshot) - 'due' AS before, c.snapshot - 'due' AS after, l.late
  FROM statement_correction c
  JOIN statement s ON (s.dealer_id, s.id) = (c.dealer_id, c.statement_id)
  JOIN dealer d ON d.id = c.dealer_id
  LEFT JOIN LATERAL (
    SELECT k.snapshot FROM statement_correction k
     WHERE (k.dealer_id, k.statement_id) = (c.dealer_id, c.statement_id)
       AND k.state = 'approved' AND k.id < c.id
     ORDER BY k.id DESC LIMIT 1) b ON true
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('document_no', e.document_no, 'kind', e.kind,
                                        'occurred_on', e.occurred_on, 'period', e.period,
                                        'receivable', CAST(e.receivable AS text))
                     ORDER BY e.period, e.occurred_on, e.id) AS late
      FROM journal_entry e
     WHERE c.state <> 'approved' AND e.document_no = ANY (c.documents) AND {LATER}) l ON true
"""
_OF_STATEMENT = text(f"{_DETAIL} WHERE s.number = :number ORDER BY c.id DESC LIMIT :limit")


@cache
def _list(with_state: bool, with_place: bool) -> TextClause:
    conditions = ["true", *["c.state = :state"] * with_state, *["c.id < :from_id"] * with_place]
    return text(f"{_DETAIL} WHERE {' AND '.join(conditions)} ORDER BY c.id DESC LIMIT :limit")
