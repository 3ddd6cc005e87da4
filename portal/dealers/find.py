"""Dealers, found by a part of their code, name or credit code."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from portal.dealers import directory
from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit


def find_dealers(session: Session, _actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """In the scope of the session, by code."""
    for dealer in directory.dealers(session, q=q, limit=limit).items:
        yield Hit("dealers.show", {"code": dealer.code}, dealer.code, (dealer.name_zh, dealer.name_en))
