"""Hand out a rebate note as PDF: rendered by a job while it is new, or when it is first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.ledger.vocabulary import LedgerRight
from portal.rebates.vocabulary import RebateRight
from portal.settlements.note_pdf import LOCALES, NotePaper, render
from portal.settlements.notes import note_of
from portal.settlements.vocabulary import SettlementAction, SettlementRight

LINES_MAX = 20_000  # a year of the largest dealer; each is a row of the paper


@dataclass(frozen=True, slots=True)
class NotePdf:
    """A PDF with the name it is saved under and the hash of its bytes."""

    filename: str
    content: bytes
    sha256: str


def ensure_note_pdf(
    session: Session, *, actor: Actor, number: str, locale: str, company: tuple[str, str], at: datetime
) -> NotePdf:
    """The note's paper in a language, Chinese for one that it is not printed in. company: Chinese, English.

    Every download is written to the audit. Raises NotFound when it is out of scope, Forbidden.
    """
    actor.require(RebateRight.READ, RebateRight.PROPOSE, SettlementRight.SETTLE, LedgerRight.READ)
    locale = locale if locale in LOCALES else LOCALES[0]
    row = session.execute(_NOTE, {"number": number, "locale": locale}).one_or_none()
    if row is None:
        raise NotFound()
    content, sha256 = row.content, row.sha256
    if content is None:
        content, sha256 = _kept(session, row, locale, company, at)
    record(
        session,
        SettlementAction.NOTE_DOWNLOADED,
        number,
        actor=actor,
        dealer_id=row.dealer_id,
        after={"locale": locale},
    )
    return NotePdf(f"{number}-{locale}.pdf", content, sha256)


def new_notes(session: Session, *, since: date, limit: int) -> Sequence[str]:
    """Numbers of notes of these days that have no paper in Chinese yet, the oldest first."""
    return list(session.execute(_NEW, {"since": since, "limit": limit}).scalars())


def print_note(session: Session, *, number: str, company: tuple[str, str], at: datetime) -> None:
    """Keep the paper of a note in Chinese; nothing where somebody has printed it meanwhile."""
    row = session.execute(_NOTE, {"number": number, "locale": LOCALES[0]}).one_or_none()
    if row is not None and row.content is None:
        _kept(session, row, LOCALES[0], company, at)


def _kept(
    session: Session, row: Record, locale: str, company: tuple[str, str], at: datetime
) -> tuple[bytes, str]:
    names = company if locale == "zh" else (company[1], company[0])
    stream = BytesIO()
    note = note_of(session, row.number, most=LINES_MAX)
    render(NotePaper(locale, names, note, row.posted_at), stream)
    content = stream.getvalue()
    sha256 = hashlib.sha256(content).hexdigest()
    kept = {
        "dealer_id": row.dealer_id,
        "number": row.number,
        "locale": locale,
        "content": content,
        "sha256": sha256,
        "rendered_at": at,
    }
    session.execute(_KEEP, kept)
    return content, sha256


_NOTE = text(
    """
    SELECT n.dealer_id, n.number, coalesce(e.posted_at, n.issued_on) AS posted_at, p.content, p.sha256
      FROM rebate_note n
      LEFT JOIN journal_entry e
        ON e.dealer_id = n.dealer_id AND e.document_no = n.number AND e.reverses_id IS NULL
      LEFT JOIN rebate_note_pdf p ON (p.dealer_id, p.number) = (n.dealer_id, n.number) AND p.locale = :locale
     WHERE n.number = :number
    """
)
_NEW = text(
    """
    SELECT n.number FROM rebate_note n
     WHERE n.issued_on >= :since
       AND NOT EXISTS (SELECT FROM rebate_note_pdf p
                        WHERE (p.dealer_id, p.number) = (n.dealer_id, n.number) AND p.locale = 'zh')
     ORDER BY n.id LIMIT :limit
    """
)
_KEEP = text(
    """
    INSERT INTO rebate_note_pdf (dealer_id, number, locale, content, sha256, rendered_at)
    VALUES (:dealer_id, :number, :locale, :content, :sha256, :rendered_at) ON CONFLICT DO NOTHING
    """
)
