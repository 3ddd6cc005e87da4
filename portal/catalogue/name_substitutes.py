"""Say what may be offered instead of a product; nobody is ever sent it without choosing it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.catalogue.substitute_rules import substitute_faults
from portal.catalogue.substitutes import substitutes
from portal.catalogue.vocabulary import CatalogueAction, CatalogueRight
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.searching import folded


def name_substitutes(session: Session, *, actor: Actor, sku: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """Make `wanted` the substitutes of a product, the one to be offered first in front; none takes all away.

    Returns their SKUs. Two who name at once wait for each other. Raises NotFound for an unknown product,
    Invalid with a fault at ``/substitutes/<place>`` for each that cannot be one, Forbidden.
    """
    actor.require(CatalogueRight.SUBSTITUTES)
    session.execute(_ONE_AT_A_TIME)
    before = substitutes(session, actor=actor, sku=sku)
    named = tuple(_normal(one) for one in wanted)
    ids = {row.sku: row.id for row in session.execute(_PRODUCTS, {"skus": [sku, *named]})}
    faults = substitute_faults(sku, named, ids)
    if faults:
        raise Invalid(faults=faults)
    if named != before:
        product = {"product_id": ids[sku]}
        session.execute(_FORGET, product)
        session.execute(_NAME, {**product, "substitutes": [ids[one] for one in named]})
        record(
            session,
            CatalogueAction.SUBSTITUTES_NAMED,
            sku,
            actor=actor,
            dealer_id=None,
            before={"substitutes": list(before)},
            after={"substitutes": list(named)},
        )
    return named


def add_substitute(session: Session, *, actor: Actor, sku: str, substitute: str) -> None:
    """Name one more, to be offered after the others. Raises what `name_substitutes` does."""
    actor.require(CatalogueRight.SUBSTITUTES)
    session.execute(_ONE_AT_A_TIME)
    sku = _normal(sku)
    named = substitutes(session, actor=actor, sku=sku)
    name_substitutes(session, actor=actor, sku=sku, wanted=(*named, substitute))


def remove_substitute(session: Session, *, actor: Actor, sku: str, substitute: str) -> None:
    """Offer one no longer; to remove what is not named is no error. Raises NotFound, Forbidden."""
    actor.require(CatalogueRight.SUBSTITUTES)
    session.execute(_ONE_AT_A_TIME)
    named = substitutes(session, actor=actor, sku=sku)
    name_substitutes(session, actor=actor, sku=sku, wanted=[one for one in named if one != substitute])


def _normal(sku: str) -> str:
    """A SKU as it is stored."""
    return folded(sku).strip().upper()


# The list is read and then written anew: of two that change it at once, neither forgets the other's.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('product_substitute'))")
_PRODUCTS = text("SELECT id, sku FROM product WHERE sku = ANY (:skus)")
_FORGET = text("DELETE FROM product_substitute WHERE product_id = :product_id")
_NAME = text(
    """
    INSERT INTO product_substitute (product_id, substitute_id, rank)
    SELECT :product_id, g.id, g.place
      FROM unnest(CAST(:substitutes AS bigint[])) WITH ORDINALITY AS g(id, place)
    """
)
