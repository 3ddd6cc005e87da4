"""What somebody may do to a claim now: what its pages offer."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.deciders import roles_of
from portal.claims.life import ClaimAct, acts
from portal.claims.vocabulary import ClaimRight
from portal.claims.waiting import TO_SIGN
from portal.kernel.actor import Actor
from portal.kernel.db import Record

_DEALERS = frozenset({ClaimAct.EDIT, ClaimAct.SUBMIT, ClaimAct.WITHDRAW})
_SIGNING = frozenset({ClaimAct.PASS_ON, ClaimAct.APPROVE, ClaimAct.RETURN, ClaimAct.REJECT})


def acts_of(session: Session, *, actor: Actor, number: str, today: date) -> frozenset[ClaimAct]:
    """What a claim's state allows and the actor may do; a signature is one of pass_on and approve."""
    if not actor.is_staff and not actor.may(ClaimRight.WRITE):
        return frozenset()
    is_signer = actor.is_staff and (actor.may(ClaimRight.MANAGE) or actor.may(ClaimRight.FINANCE))
    roles = [str(one) for one in roles_of(session, actor, today)] if is_signer else []
    row = session.execute(_CLAIM, {"number": number, "roles": roles, "actor": actor.key}).one()
    possible = acts(row.state)
    if not actor.is_staff:
        return possible & _DEALERS
    return possible & _signatures(row) if row.to_sign else frozenset()


def _signatures(row: Record) -> frozenset[ClaimAct]:
    return _SIGNING - {ClaimAct.PASS_ON if row.is_last else ClaimAct.APPROVE}


_CLAIM = text(
    f"""
    SELECT c.state, c.place + 1 = cardinality(c.chain) AS is_last, ({TO_SIGN}) AS to_sign
      FROM rebate_claim c WHERE c.number = :number
    """
)
