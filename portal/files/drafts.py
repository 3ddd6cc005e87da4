"""Whose the files are that belong to no document yet: a dealer's people share theirs.

At headquarters everybody has their own. Who came by a secret link works in the scope of a dealer without
being of it: what that dealer's people sent is not theirs to see or to attach, nor the other way round.
"""

from __future__ import annotations

from typing import Any

from portal.kernel.actor import LINK, Actor
from portal.kernel.db import Record

OWN = f"""
(f.dealer_id IS NOT DISTINCT FROM :own_dealer_id
 AND CASE WHEN :are_shared THEN f.uploaded_by NOT LIKE '{LINK}:%' ELSE f.uploaded_by = :actor END)
"""
"""Of ``stored_file f`` the drafts of an actor, who is told by `of`."""


def of(actor: Actor) -> dict[str, Any]:
    """The parameters of `OWN`."""
    return {"own_dealer_id": actor.dealer_id, "are_shared": _are_shared(actor), "actor": actor.key}


def whose(actor: Actor) -> str:
    """Names those who share what waits, in one word."""
    return str(actor.dealer_id) if _are_shared(actor) else actor.key


def is_own(row: Record, actor: Actor) -> bool:
    """The same of a row that was read."""
    if row.dealer_id != actor.dealer_id:
        return False
    if _are_shared(actor):
        return not row.uploaded_by.startswith(f"{LINK}:")
    return bool(row.uploaded_by == actor.key)


def _are_shared(actor: Actor) -> bool:
    return not actor.is_staff and actor.link is None
