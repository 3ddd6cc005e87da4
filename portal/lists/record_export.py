"""Tell the audit that somebody took a list away as a file."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.lists.vocabulary import ListAction


def record_export(
    session: Session,
    *,
    actor: Actor,
    listing: str,
    form: str,
    rows: int,
    query: dict[str, str],
    dealer_id: int | None,
) -> None:
    """Record which list it was, in which form (``xlsx``, ``csv``), how many rows and by which filter.

    dealer_id: whose list it is, None for one across dealers. The list's own right let the actor read it.
    """
    audit.record(
        session,
        ListAction.EXPORTED,
        listing,
        actor=actor,
        dealer_id=dealer_id,
        after={"form": form, "rows": rows, "query": query},
    )
