"""Post an entry to the company's own books. Called by the verbs that decide what is owed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.company.models import CompanyEntry, CompanyLine
from portal.company.rules import CompanyEntryKind, Lines
from portal.kernel.actor import Actor


def post_entry(
    session: Session,
    *,
    actor: Actor,
    kind: CompanyEntryKind,
    subject: str,
    month: str,
    lines: Lines,
    at: datetime,
) -> int:
    """Post what is to be said of a subject in a month, ``2026-07``; returns the entry's id.

    A constraint refuses a second entry of the same, a trigger one that does not balance.
    """
    row = {"kind": kind, "subject": subject, "month": month, "posted_at": at, "posted_by": actor.key}
    entry_id = session.execute(insert(CompanyEntry).values(row).returning(CompanyEntry.id)).scalar_one()
    session.execute(
        insert(CompanyLine),
        [{"entry_id": entry_id, "account": account, "amount": amount} for account, amount in lines.items()],
    )
    return entry_id
