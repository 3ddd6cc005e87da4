"""Who may read the evidence of a claim."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.vocabulary import ClaimRight
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.rebates.vocabulary import RebateRight

READERS = (RebateRight.READ, ClaimRight.WRITE, ClaimRight.MANAGE, ClaimRight.FINANCE)
"""Any of them opens a claim."""


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read a claim; headquarters reads what was submitted."""
    actor.require(*READERS)
    about = {"number": number, "is_staff": actor.is_staff}
    if session.execute(_SEEN, about).scalar_one_or_none() is None:
        raise NotFound()


SUBMITTED = "c.submitted_at IS NOT NULL"
"""SQL: what headquarters sees of claims `c`: a draft is its dealer's alone."""
_SEEN = text(f"SELECT c.id FROM rebate_claim c WHERE c.number = :number AND ({SUBMITTED} OR NOT :is_staff)")
