"""Hand out a statement as PDF.

It is rendered as it was issued where nobody has asked for it in this language before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.ledger.vocabulary import LedgerRight
from portal.statements.issue_statement import LOCALES, paper
from portal.statements.queries import document
from portal.statements.vocabulary import StatementAction, StatementRight


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF with the name it is saved under and the hash of its bytes."""

    filename: str
    content: bytes
    sha256: str


_STATEMENT = text(
    """
    SELECT s.dealer_id, s.id, p.content, p.sha256
      FROM statement s
      LEFT JOIN statement_pdf p ON (p.dealer_id, p.statement_id) = (s.dealer_id, s.id) AND p.locale = :locale
     WHERE s.number = :number
    """
)
_KEEP = text(
    """
    INSERT INTO statement_pdf (dealer_id, statement_id, locale, content, sha256, rendered_at)
    VALUES (:dealer_id, :id, :locale, :content, :sha256, :at) ON CONFLICT DO NOTHING
    """
)


def ensure_pdf(session: Session, *, actor: Actor, number: str, locale: str, at: datetime) -> Paper:
    """The statement's paper in a language, Chinese for one that it is not printed in.

    Raises NotFound when it is out of scope, Forbidden, InconsistentStatement.
    """
    actor.require(StatementRight.READ, LedgerRight.READ)
    locale = locale if locale in LOCALES else LOCALES[0]
    row = session.execute(_STATEMENT, {"number": number, "locale": locale}).one_or_none()
    if row is None:
        raise NotFound()
    content, sha256 = row.content, row.sha256
    if content is None:
        content = paper(document(session, number=number, locale=locale))
        sha256 = hashlib.sha256(content).hexdigest()
        kept = {
            "dealer_id": row.dealer_id,
            "id": row.id,
            "locale": locale,
            "content": content,
            "sha256": sha256,
            "at": at,
        }
        session.execute(_KEEP, kept)
    audit.record(
        session,
        StatementAction.STATEMENT_DOWNLOADED,
        number,
        actor=actor,
        dealer_id=row.dealer_id,
        after={"locale": locale},
    )
    return Paper(f"{number}-{locale}.pdf", content, sha256)
