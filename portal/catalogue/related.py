"""What belongs to a product: accessories and spare parts, and what may be had instead of it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.vocabulary import ProductState


class RelatedProduct(NamedTuple):
    """A product that belongs to another. kind: one of `Relation`, or ``substitute``."""

    kind: str
    sku: str
    name_zh: str
    name_en: str
    state: str


def related_products(session: Session, *, sku: str, only_sold: bool = False) -> list[RelatedProduct]:
    """Of one product, kind by kind, in their order. only_sold: leave out what is no longer sold."""
    rows = session.execute(_RELATED, {"sku": sku, "states": _SOLD if only_sold else list(ProductState)})
    return [RelatedProduct(**row._mapping) for row in rows]


_SOLD = [ProductState.ACTIVE]
_RELATED = text(
    """
    SELECT x.kind, s.sku, s.name_zh, s.name_en, s.state
      FROM product p
      JOIN (SELECT product_id, substitute_id AS other_id, 'substitute' AS kind, rank FROM product_substitute
            UNION ALL
            SELECT product_id, related_id, kind, rank FROM product_relation) x ON x.product_id = p.id
      JOIN product s ON s.id = x.other_id
     WHERE p.sku = :sku AND s.state = ANY (:states) ORDER BY x.kind, x.rank
    """
)
