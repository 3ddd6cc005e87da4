"""What the letters say that let somebody in, as a worker reads it: with nonces, without hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.queries import Reader


@dataclass(frozen=True, slots=True)
class LinkLetter:
    """Whom a link is sent to, and until when it is good. company: Chinese and English, of an invitation to a
    dealer. invited_by: empty for a reset.
    """

    reader: Reader
    nonce: str
    expires_at: datetime
    company: tuple[str, str] = ("", "")
    invited_by: str = ""


_INVITATION = text(
    """
    SELECT i.email, i.display_name, i.locale, i.nonce, i.expires_at, i.invited_by_label,
           coalesce(d.name_zh, '') AS name_zh, coalesce(d.name_en, '') AS name_en
      FROM invitation i LEFT JOIN dealer d ON d.id = i.dealer_id
     WHERE i.id = :id AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > :at
    """
)
_RESET = text(
    """
    SELECT a.id, a.email, a.display_name, a.locale, r.nonce, r.expires_at
      FROM password_reset r JOIN user_account a ON a.id = r.user_id
     WHERE r.id = :id AND r.used_at IS NULL AND r.expires_at > :at AND a.disabled_at IS NULL
    """
)


def invitation_letter(session: Session, invitation_id: int, *, at: datetime) -> LinkLetter | None:
    """The letter of an invitation; None for one that has ended."""
    row = session.execute(_INVITATION, {"id": invitation_id, "at": at}).one_or_none()
    if row is None:
        return None
    return LinkLetter(
        Reader(0, row.email, row.display_name, row.locale),
        row.nonce,
        row.expires_at,
        (row.name_zh, row.name_en),
        row.invited_by_label,
    )


def reset_letter(session: Session, reset_id: int, *, at: datetime) -> LinkLetter | None:
    """The letter of a reset; None for one that has ended."""
    row = session.execute(_RESET, {"id": reset_id, "at": at}).one_or_none()
    if row is None:
        return None
    reader = Reader(row.id, row.email, row.display_name, row.locale)
    return LinkLetter(reader, row.nonce, row.expires_at)
