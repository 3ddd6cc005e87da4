"""Changes of products that wait for another of quality, as the overview lists them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.vocabulary import CatalogueRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Changes that others of quality submitted."""
    if not actor.may(CatalogueRight.EDIT):
        return
    parameters = {"actor": actor.key, "most": paging.COUNTED_MAX + 1}
    if count := session.execute(_TO_DECIDE, parameters).scalar_one():
        yield Waiting(N_("Changes of products to approve"), count, "product_changes.index")


_TO_DECIDE = text(
    """
    SELECT count(*) FROM (SELECT FROM product_change
                           WHERE state = 'submitted' AND NOT :actor = ANY (authors) LIMIT :most) waiting
    """
)
