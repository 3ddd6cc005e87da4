"""What headquarters named as substitutes, for headquarters; dealers are offered them by `portal.orders`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.catalogue.vocabulary import CatalogueRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing


@dataclass(frozen=True, slots=True)
class SubstituteRow:
    """A product and one that may be offered instead. rank: 1 is offered first. state: of the substitute."""

    sku: str
    product_zh: str
    product_en: str
    rank: int
    substitute: str
    substitute_zh: str
    substitute_en: str
    state: str


def substitutes(session: Session, *, actor: Actor, sku: str) -> tuple[str, ...]:
    """SKUs that may be offered instead of a product, the first to be offered in front.

    Raises NotFound for an unknown product, Forbidden.
    """
    actor.require(CatalogueRight.SUBSTITUTES)
    rows = session.execute(_OF_ONE, {"sku": sku}).all()
    if not rows:
        raise NotFound()
    return tuple(row.substitute for row in rows if row.substitute is not None)


def named_substitutes(
    session: Session, *, actor: Actor, q: str = "", limit: int = 50, cursor: str | None = None
) -> Page[SubstituteRow]:
    """Pairs by SKU and rank; `q` is part of a SKU or a name on either side.

    Raises Invalid for a foreign cursor, Forbidden.
    """
    actor.require(CatalogueRight.SUBSTITUTES)
    cursors = paging.cursors(session, "substitutes", str, int)
    place = cursors.place_of(cursor)
    parameters = {"q": containing(q), "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _named(bool(q.strip()), None if place is None else place.back)
    found = [SubstituteRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda one: (one.sku, one.rank), place)


_OF_ONE = text(
    """
    SELECT s.sku AS substitute
      FROM product p
      LEFT JOIN product_substitute x ON x.product_id = p.id
      LEFT JOIN product s ON s.id = x.substitute_id
     WHERE p.sku = :sku ORDER BY x.rank
    """
)


@cache
def _named(with_q: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("p.sku", "x.rank", descending=False, back=back)
    conditions = ["(p.search_key LIKE :q OR s.search_key LIKE :q)"] if with_q else []
    conditions += [after] if after else []
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return text(
        f"""
        SELECT p.sku, p.name_zh AS product_zh, p.name_en AS product_en, x.rank, s.sku AS substitute,
               s.name_zh AS substitute_zh, s.name_en AS substitute_en, s.state
          FROM product_substitute x
          JOIN product p ON p.id = x.product_id
          JOIN product s ON s.id = x.substitute_id
         {where} ORDER BY {order} LIMIT :limit
        """
    )
