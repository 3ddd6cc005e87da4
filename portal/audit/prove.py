"""Prove of one event that it was sealed. Row-level security says whose events and batches are seen."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import merkle
from portal.audit.inclusion import Proof
from portal.audit.lines import EVENTS
from portal.audit.seal import head_of_row
from portal.kernel.errors import N_, Conflict, NotFound


def prove(session: Session, event_id: int) -> Proof:
    """The proof of a sealed event.

    Raises NotFound for one that is not seen, Conflict for one that is not sealed yet or is no longer what was
    sealed.
    """
    span = {"after": event_id - 1, "last": event_id, "limit": 1}
    if (event := session.execute(EVENTS, span).first()) is None:
        raise NotFound()
    if (batch := session.execute(_BATCH, {"id": event_id}).first()) is None:
        raise Conflict("not_sealed", N_("This act is not sealed yet."), fix=N_("Try again in two minutes."))
    leaves = [batch.leaves[place : place + 32] for place in range(0, len(batch.leaves), 32)]
    leaf = merkle.leaf(event.line.encode())
    # Its place is found by its hash: whoever sees one region's acts cannot count the others before it.
    if leaf not in leaves:
        raise Conflict(
            "not_as_sealed",
            N_("This act is not what was sealed."),
            fix=N_("Tell the administrator: somebody changed the audit."),
        )
    place = leaves.index(leaf)
    path = tuple(one.hex() for one in merkle.path(leaves, place))
    return Proof(event.line, place, path, head_of_row(batch), batch.signature.hex())


_BATCH = text(
    """
    SELECT number, after, last, events, first_at, last_at, root, previous, sealed_at, key, signature, leaves
      FROM audit_batch WHERE last >= :id ORDER BY last LIMIT 1
    """
)
