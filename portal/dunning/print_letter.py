"""The papers of a letter: made in both languages when it is sent, handed out as they were from then on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dunning.letter_pdf import render
from portal.dunning.vocabulary import DunningAction
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paper.kept import LOCALES, KeptPaper, printed_in
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight

_KEEP = text(
    """
    INSERT INTO dunning_letter_pdf (dealer_id, letter_id, locale, content, sha256, rendered_at)
    VALUES (:dealer_id, :letter_id, :locale, :content, :sha256, :at)
    """
)
_PAPER = text(
    """
    SELECT l.dealer_id, p.content, p.sha256 FROM dunning_letter l
      JOIN dunning_letter_pdf p ON (p.dealer_id, p.letter_id) = (l.dealer_id, l.id)
     WHERE l.number = :number AND p.locale = :locale
    """
)


def keep_papers(
    session: Session, *, dealer_id: int, letter_id: int, content: Mapping[str, Any], at: datetime
) -> dict[str, str]:
    """Render and keep the papers of a letter that is being sent; their hashes by language."""
    hashes = {}
    for locale in LOCALES:
        stream = BytesIO()
        render(content, locale, at, stream)
        paper = stream.getvalue()
        hashes[locale] = hashlib.sha256(paper).hexdigest()
        row = {"dealer_id": dealer_id, "letter_id": letter_id, "locale": locale, "at": at}
        session.execute(_KEEP, row | {"content": paper, "sha256": hashes[locale]})
    return hashes


def download_letter(session: Session, *, actor: Actor, number: str, locale: str) -> KeptPaper:
    """The paper as it was sent, Chinese for a language it is not printed in. Every download is audited.

    Raises NotFound out of scope and for a letter that was not sent, Forbidden.
    """
    actor.require(StatementRight.READ, LedgerRight.READ)
    locale = printed_in(locale)
    row = session.execute(_PAPER, {"number": number, "locale": locale}).one_or_none()
    if row is None:
        raise NotFound()
    audit.record(
        session,
        DunningAction.LETTER_DOWNLOADED,
        number,
        actor=actor,
        dealer_id=row.dealer_id,
        after={"locale": locale},
    )
    return KeptPaper(f"{number}-{locale}.pdf", row.content, row.sha256)
