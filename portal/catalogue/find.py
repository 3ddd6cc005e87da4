"""Products, found by SKU, GTIN or the words of their names."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue import rules
from portal.catalogue.fragments import has_certificate
from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.searching import code_key

_PRODUCTS = text(
    f"""
    SELECT sku, name_zh, name_en FROM product
     WHERE state = 'active' AND {has_certificate("product", "app_today()")}
       AND (sku_key = :code OR udi_di = :gtin
            OR id = (SELECT k.product_id FROM product_package k WHERE k.gtin = :gtin)
            OR (search_grams @> CAST(:grams AS text[]) AND search_text LIKE ALL (CAST(:patterns AS text[]))))
     ORDER BY (sku_key = :code OR udi_di = :gtin) IS TRUE DESC, pinyin, id LIMIT :limit
    """
)


def find_products(session: Session, _actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """What it is exactly first, then what has every word, in Chinese order; no prices and no likenesses."""
    sought = rules.sought(q)
    if not sought.words:
        return
    parameters = {
        "code": code_key(sought.typed),
        "gtin": sought.gtin,
        "grams": rules.query_grams(sought.words),
        "patterns": [f"%{word}%" for word in sought.words],
        "limit": limit,
    }
    for row in session.execute(_PRODUCTS, parameters):
        yield Hit("catalogue.product", {"sku": row.sku}, row.sku, (row.name_zh, row.name_en))
