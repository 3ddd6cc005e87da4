"""Who may read the files of a return."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.orders.vocabulary import OrderRight
from portal.returns.queries import return_of
from portal.returns.vocabulary import ReturnRight

OWNER_KIND = "return"
"""The kind of document that returns are to the files."""


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read a return."""
    actor.require(OrderRight.READ, ReturnRight.HANDLE, ReturnRight.INSPECT)
    return_of(session, number)
