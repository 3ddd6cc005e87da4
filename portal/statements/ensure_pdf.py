"""Hand out a statement as PDF: as it was made, or made now where nobody has asked for it in this language.

Where papers are signed only a worker makes them: the key is nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.ledger.vocabulary import LedgerRight
from portal.statements.document import StatementDocument
from portal.statements.fragments import CURRENT
from portal.statements.papers import LOCALES, make_paper
from portal.statements.queries import document
from portal.statements.vocabulary import StatementAction, StatementRight

if TYPE_CHECKING:
    from portal.statements.signing import PaperSigner

Verify = Callable[[int, str, int], str]
"""Dealer, number and version to the address at which anybody verifies a statement."""

PAPER_ASKED = "statement.paper"
"""The topic under which a worker is asked to make papers."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF with the name it is saved under and the hash of its bytes; who signed it, if anybody did."""

    filename: str
    content: bytes
    sha256: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class PaperShown:
    """What is known of a paper without its bytes; is_made: whether it can be had at once."""

    is_made: bool
    sha256: str = ""
    signed_by: str = ""
    certificate: str = ""


def ensure_pdf(
    session: Session,
    *,
    actor: Actor,
    number: str,
    locale: str,
    at: datetime,
    version: int | None = None,
    is_signing: bool = False,
    verify: Verify | None = None,
) -> Paper | None:
    """The statement's paper in a language, Chinese for one that it is not printed in.

    version: None gives the current one. is_signing: papers are signed, so that one that is missing is not
    made here but has to be asked for; then there is none. verify: as `Issuer.verify`, for a statement that
    was issued without an address to verify it. Raises NotFound when it is out of scope, Forbidden,
    InconsistentStatement.
    """
    actor.require(StatementRight.READ, LedgerRight.READ)
    locale = locale if locale in LOCALES else LOCALES[0]
    row = _row(session, number, locale, version)
    name = f"{number}-v{row.version}" if row.version > 1 else number
    filename = f"{name}-{locale}.pdf"
    if row.content is not None:
        paper = Paper(filename, row.content, row.sha256, row.signed_by)
    elif is_signing:
        return None
    else:
        made = make_paper(_document(session, row, number, locale, verify), None, at=at)
        _keep(session, row, locale, made, at)
        paper = Paper(filename, made.content, made.sha256, "")
    audit.record(
        session,
        StatementAction.STATEMENT_DOWNLOADED,
        number,
        actor=actor,
        dealer_id=row.dealer_id,
        after={"locale": locale} | ({"version": row.version} if row.version > 1 else {}),
    )
    return paper


def paper_shown(session: Session, *, number: str, locale: str, version: int | None = None) -> PaperShown:
    """What a page says of the paper. Raises NotFound out of scope."""
    row = session.execute(_SHOWN, _keys(number, locale, version)).one_or_none()
    if row is None:
        raise NotFound()
    if row.sha256 is None:
        return PaperShown(False)
    return PaperShown(True, row.sha256, row.signed_by, row.certificate)


def ask_paper(session: Session, *, number: str) -> None:
    """Have a worker make what is missing of a statement's papers. Raises NotFound out of scope."""
    row = _row(session, number, LOCALES[0], None)
    outbox.add(session, PAPER_ASKED, dealer_id=row.dealer_id, number=number)


def lacking_papers(session: Session, *, period: str, limit: int) -> list[tuple[int, str]]:
    """Dealers and numbers of statements of a month that lack a paper in a language."""
    rows = session.execute(_LACKING, {"period": period, "limit": limit, "last": LOCALES[-1]})
    return [(row.dealer_id, row.number) for row in rows]


def make_papers(
    session: Session,
    *,
    number: str,
    signer: PaperSigner | None,
    at: datetime,
    verify: Verify | None = None,
) -> int:
    """Make every paper of a statement that is missing, in all versions and languages; how many.

    Part of a job of the portal itself. Raises NotFound out of scope, InconsistentStatement.
    """
    made = 0
    current = _row(session, number, LOCALES[0], None).version
    for version in range(1, current + 1):
        for locale in LOCALES:
            row = _row(session, number, locale, version)
            if row.content is None:
                issued = _document(session, row, number, locale, verify)
                _keep(session, row, locale, make_paper(issued, signer, at=at), at)
                made += 1
    return made


def _document(
    session: Session, row: Record, number: str, locale: str, verify: Verify | None
) -> StatementDocument:
    issued = document(session, number=number, locale=locale, version=row.version)
    if issued.verify_url or verify is None:
        return issued
    return replace(issued, verify_url=verify(row.dealer_id, number, row.version))


def _keys(number: str, locale: str, version: int | None) -> dict[str, Any]:
    return {
        "number": number,
        "locale": locale if locale in LOCALES else LOCALES[0],
        "version": version,
    }


def _row(session: Session, number: str, locale: str, version: int | None) -> Record:
    row = session.execute(_STATEMENT, _keys(number, locale, version)).one_or_none()
    if row is None or not 1 <= row.version <= row.current:
        raise NotFound()
    return row


def _keep(session: Session, row: Record, locale: str, made: Any, at: datetime) -> None:
    kept = {
        "dealer_id": row.dealer_id,
        "id": row.id,
        "version": row.version,
        "locale": locale,
        "content": made.content,
        "sha256": made.sha256,
        "signed_by": made.signed_by,
        "certificate": made.certificate,
        "at": at,
    }
    session.execute(_KEEP, kept)


_OF = f"""
  FROM (SELECT v.*, coalesce(CAST(:version AS integer), v.current) AS version
          FROM (SELECT s.*, {CURRENT} AS current FROM statement s WHERE s.number = :number) v) s
  LEFT JOIN statement_pdf p
    ON (p.dealer_id, p.statement_id, p.version) = (s.dealer_id, s.id, s.version) AND p.locale = :locale
"""
_STATEMENT = text(
    f"SELECT s.dealer_id, s.id, s.version, s.current, p.content, p.sha256, p.signed_by, p.certificate {_OF}"
)
_SHOWN = text(f"SELECT p.sha256, p.signed_by, p.certificate {_OF}")
_LACKING = text(
    """
    SELECT s.dealer_id, s.number FROM statement s
     WHERE s.period = :period AND NOT EXISTS (
             SELECT FROM statement_pdf p
              WHERE (p.dealer_id, p.statement_id, p.version, p.locale) = (s.dealer_id, s.id, 1, :last))
     ORDER BY s.dealer_id LIMIT :limit
    """
)
_KEEP = text(
    """
    INSERT INTO statement_pdf (dealer_id, statement_id, version, locale, content, sha256, rendered_at,
                               signed_by, certificate)
    VALUES (:dealer_id, :id, :version, :locale, :content, :sha256, :at, :signed_by, :certificate)
    ON CONFLICT DO NOTHING
    """
)
