"""Forget codes, refresh tokens and sessions that ran out, and refused attempts of long ago."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# The serving role may not touch these rows: the database keeps a week, and 90 days of refused attempts, by
# its own clock, so that nothing that is good, or that would still give a thief away, can be forgotten through
# this door.
_FORGET = text("SELECT forget_sign_ins()")


def sweep(session: Session) -> int:
    """Delete what ran out a week ago or was refused 90 days ago, or longer, and return how many rows."""
    forgotten: int = session.execute(_FORGET).scalar_one()
    return forgotten
