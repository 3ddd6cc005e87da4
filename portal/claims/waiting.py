"""Claims that wait: for a signature, or for their dealer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.chains import chains_waiting
from portal.claims.deciders import roles_of
from portal.claims.vocabulary import ClaimRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.kernel.paging import COUNTED_MAX

OWN, DESK, CHAINS = "own_claims.index", "claims_desk.index", "claim_signing.chains_page"
"""The pages of claims: the dealer's, and headquarters'; and that of who signs."""


def work(session: Session, actor: Actor, at: datetime, today: date) -> Iterator[Waiting | Tally]:
    """What an approver has to sign, and what was sent back to a dealer."""
    if not actor.is_staff:
        if actor.may(ClaimRight.WRITE):
            yield Tally(Waiting(N_("Claims sent back to you"), 0, OWN, {"status": "returned"}), _RETURNED)
        return
    if not (actor.may(ClaimRight.MANAGE) or actor.may(ClaimRight.FINANCE)):
        return
    roles = [str(one) for one in roles_of(session, actor, today)]
    about = {"roles": roles, "actor": actor.key, "at": at, "most": COUNTED_MAX + 1}
    found = session.execute(_TO_SIGN, about).one()
    yield Waiting(
        N_("Claims to decide"), found.waiting, DESK, {"status": "mine"}, is_urgent=bool(found.urgent)
    )
    if actor.may(ClaimRight.FINANCE):
        yield Waiting(N_("Approval chains to decide"), chains_waiting(session, actor=actor), CHAINS)


TO_SIGN = """
c.state IN ('submitted', 'in_approval') AND c.chain[c.place + 1] = ANY (CAST(:roles AS text[]))
AND :actor <> ALL (c.written_by)
AND NOT EXISTS (SELECT FROM rebate_claim_step s
                 WHERE (s.dealer_id, s.claim_id, s.round) = (c.dealer_id, c.id, c.round)
                   AND s.act = 'approved' AND :actor IN (s.acted_by, s.in_name_of))
"""
"""SQL: claims `c` whose next step is one of ``:roles``, and in which ``:actor`` had no hand yet."""
_RETURNED = text(
    """
    SELECT count(*) FROM (SELECT FROM rebate_claim
                           WHERE dealer_id = :dealer_id AND state = 'returned' LIMIT :most) met
    """
)
_TO_SIGN = text(
    f"""
    SELECT count(*) AS waiting, bool_or(met.urgent) AS urgent
      FROM (SELECT c.remind_at <= :at AS urgent FROM rebate_claim c
             WHERE {TO_SIGN} ORDER BY c.due_at LIMIT :most) met
    """
)
