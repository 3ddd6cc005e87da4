"""The dealer or headquarters shows what a case is about: photos, while nobody has decided on it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.deliveries.photos import CASE
from portal.deliveries.rules import CaseAct, after
from portal.deliveries.vocabulary import DeliveryRight
from portal.files.attach import attach_files
from portal.files.rules import Owner, refuse
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, NotFound
from portal.orders.vocabulary import OrderRight


def add_photos(session: Session, *, actor: Actor, number: str, files: Sequence[str]) -> None:
    """Give uploaded files to a case. They stay with it; the decision is read beside them.

    Raises Conflict for a case that is decided, Invalid without any or for what is not the actor's to give,
    NotFound, Forbidden.
    """
    actor.require(OrderRight.WRITE, DeliveryRight.DESK)
    case = session.execute(_LOCK, {"number": number}).one_or_none()
    if case is None:
        raise NotFound()
    after(case.state, CaseAct.REJECT)  # what may still be decided may still be shown
    if not files:
        raise refuse("no_file", N_("No file was chosen."), N_("Choose a file."))
    attach_files(session, actor=actor, ids=files, owner=Owner(CASE, number, case.dealer_id))


_LOCK = text("SELECT dealer_id, state FROM delivery_case WHERE number = :number FOR NO KEY UPDATE")
