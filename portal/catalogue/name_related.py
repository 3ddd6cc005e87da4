"""Say which products are accessories or spare parts of another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.catalogue.product_changes import plain_sku
from portal.catalogue.substitute_rules import related_faults
from portal.catalogue.vocabulary import CatalogueAction, CatalogueRight, Relation
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid, NotFound


def name_related(
    session: Session, *, actor: Actor, sku: str, kind: Relation, wanted: Sequence[str]
) -> tuple[str, ...]:
    """Make `wanted` what belongs to a product, in this order; none takes all away. Returns their SKUs.

    Two who name at once wait for each other. Raises NotFound for an unknown product, Invalid with a fault at
    ``/related/<place>`` for each that cannot be one, Forbidden.
    """
    actor.require(CatalogueRight.EDIT, CatalogueRight.SUBSTITUTES)
    session.execute(_ONE_AT_A_TIME)
    sku, named = plain_sku(sku), tuple(plain_sku(one) for one in wanted)
    ids = {row.sku: row.id for row in session.execute(_PRODUCTS, {"skus": [sku, *named]})}
    if sku not in ids:
        raise NotFound()
    if faults := related_faults(sku, named, ids):
        raise Invalid(faults=faults)
    product = {"product_id": ids[sku], "kind": kind}
    before = list(session.execute(_NAMED, product).scalars())
    if list(named) != before:
        session.execute(_FORGET, product)
        session.execute(_NAME, {**product, "related": [ids[one] for one in named]})
        record(
            session,
            CatalogueAction.RELATED_NAMED,
            sku,
            actor=actor,
            dealer_id=None,
            before={str(kind): before},
            after={str(kind): list(named)},
        )
    return named


# The list is read and then written anew: of two that change it at once, neither forgets the other's.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('product_relation'))")
_PRODUCTS = text("SELECT id, sku FROM product WHERE sku = ANY (:skus)")
_NAMED = text(
    "SELECT s.sku FROM product_relation x JOIN product s ON s.id = x.related_id"
    " WHERE x.product_id = :product_id AND x.kind = :kind ORDER BY x.rank"
)
_FORGET = text("DELETE FROM product_relation WHERE product_id = :product_id AND kind = :kind")
_NAME = text(
    """
    INSERT INTO product_relation (product_id, related_id, kind, rank)
    SELECT :product_id, g.id, :kind, g.place
      FROM unnest(CAST(:related AS bigint[])) WITH ORDINALITY AS g(id, place)
    """
)
