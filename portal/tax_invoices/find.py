"""Tax invoices, found by the beginning of their 20 digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit

_DIGITS = re.compile(r"[0-9]{6,20}")
_FOUND = text(
    """
    SELECT t.number, t.document_no, d.name_zh, d.name_en
      FROM tax_invoice t JOIN dealer d ON d.id = t.dealer_id
     WHERE t.state <> 'removed' AND t.number >= :first AND t.number <= :last
     ORDER BY t.number LIMIT :limit
    """
)


def find_tax_invoices(session: Session, _actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """Tax invoices whose number begins with what was typed."""
    beginning = "".join(q.split())
    if not _DIGITS.fullmatch(beginning):
        return
    between = {"first": beginning.ljust(20, "0"), "last": beginning.ljust(20, "9"), "limit": limit}
    for row in session.execute(_FOUND, between):
        yield Hit("tax_invoices_desk.show", {"number": row.number}, row.number, (row.name_zh, row.name_en))
