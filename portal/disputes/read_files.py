"""Who may read the files of a dispute."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.disputes.queries import dispute_of
from portal.kernel.actor import Actor
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read a dispute."""
    actor.require(StatementRight.READ, LedgerRight.READ)
    dispute_of(session, number)
