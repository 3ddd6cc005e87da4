"""What belongs to a product: accessories and spare parts, and what may be had instead of it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.product_changes import plain_sku
from portal.catalogue.vocabulary import ProductState


class RelatedProduct(NamedTuple):
    """A product that belongs to another. kind: one of `Relation`, or ``substitute``."""

    kind: str
    sku: str
    name_zh: str
    name_en: str
    state: str


def related_products(session: Session, *, sku: str) -> list[RelatedProduct]:
    """Of one product, kind by kind, in their order, whether sold or not."""
    rows = session.execute(_RELATED, {"sku": plain_sku(sku)})
    return [RelatedProduct(**row._mapping) for row in rows]


RELATED = f"""
(SELECT json_agg(json_build_object('kind', x.kind, 'sku', s.sku, 'name_zh', s.name_zh, 'name_en', s.name_en)
                 ORDER BY x.kind, x.rank)
   FROM (SELECT substitute_id AS other_id, 'substitute' AS kind, rank
           FROM product_substitute WHERE product_id = p.id
         UNION ALL
         SELECT related_id, kind, rank FROM product_relation WHERE product_id = p.id) x
   JOIN product s ON s.id = x.other_id AND s.state = '{ProductState.ACTIVE}')
"""
"""SQL: what is sold beside or instead of a row of `product` called ``p``, as JSON; null for nothing."""

_RELATED = text(
    """
    SELECT x.kind, s.sku, s.name_zh, s.name_en, s.state
      FROM product p
      JOIN (SELECT product_id, substitute_id AS other_id, 'substitute' AS kind, rank FROM product_substitute
            UNION ALL
            SELECT product_id, related_id, kind, rank FROM product_relation) x ON x.product_id = p.id
      JOIN product s ON s.id = x.other_id
     WHERE p.sku = :sku ORDER BY x.kind, x.rank
    """
)
