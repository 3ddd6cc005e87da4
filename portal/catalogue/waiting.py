"""Changes of products that wait for another of quality, as the overview lists them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.fragments import registration_end
from portal.catalogue.kept_products import SOON_DAYS, Standing
from portal.catalogue.vocabulary import CatalogueRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """Changes that others of quality submitted; certificates about to expire, and those that have ended."""
    if not actor.may(CatalogueRight.EDIT):
        return
    parameters = {"actor": actor.key, "most": paging.COUNTED_MAX + 1}
    if count := session.execute(_TO_DECIDE, parameters).scalar_one():
        yield Waiting(N_("Changes of products to approve"), count, "product_changes.index")
    days = {"today": today, "until": today + timedelta(days=SOON_DAYS), "most": paging.COUNTED_MAX + 1}
    ends = session.execute(_ENDING, days).one()
    if ends.ended:
        where = {"standing": str(Standing.ENDED)}
        label = N_("Products whose certificate has ended")
        yield Waiting(label, ends.ended, "products.index", where, is_urgent=True)
    if ends.soon:
        yield Waiting(
            N_("Product certificates ending soon"),
            ends.soon,
            "products.index",
            {"standing": str(Standing.EXPIRING)},
        )


_ENDS = registration_end("p")
_ENDING = text(
    f"""
    SELECT (SELECT count(*) FROM (SELECT FROM product p WHERE p.state = 'active' AND {_ENDS} < :today
                                   LIMIT :most) e) AS ended,
           (SELECT count(*) FROM (SELECT FROM product p
                                   WHERE p.state = 'active' AND {_ENDS} BETWEEN :today AND :until
                                   LIMIT :most) s) AS soon
    """
)
_TO_DECIDE = text(
    """
    SELECT count(*) FROM (SELECT FROM product_change
                           WHERE state = 'submitted' AND NOT :actor = ANY (authors) LIMIT :most) waiting
    """
)
