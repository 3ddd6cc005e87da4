"""Say below which price a product is not sold, from this moment on; known to headquarters only."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Forbidden, Invalid, NotFound
from portal.pricing.models import FloorPrice
from portal.pricing.rules import VALUE_MAX
from portal.pricing.vocabulary import PriceAction, PriceRight


def set_floor(session: Session, *, actor: Actor, sku: str, floor: Decimal, at: datetime) -> None:
    """Set a product's floor, VAT included; 0 takes it away.

    A rule that goes below is refused from its next submission on; what is published stays. Raises NotFound,
    Invalid, Forbidden to who answers for some regions only: a floor holds everywhere.
    """
    actor.require(PriceRight.POLICIES)
    if actor.region_ids is not None:
        raise Forbidden("whole_country", N_("A floor holds everywhere: the national manager sets it."))
    if not 0 <= floor < VALUE_MAX:
        message, fix = N_("A value must not be negative."), N_("Enter 0 or more.")
        raise Invalid(faults=[Fault("/floor", "negative_value", message, fix)])
    row = session.execute(_PRODUCT, {"sku": sku, "at": at}).one_or_none()
    if row is None:
        raise NotFound()
    if row.floor == floor:
        return
    session.execute(
        insert(FloorPrice).values(
            product_id=row.id,
            valid_from=at,
            unit_price=floor,
            set_by=actor.key,
            set_by_label=actor.label,
        )
    )
    record(
        session,
        PriceAction.FLOOR_SET,
        sku,
        actor=actor,
        dealer_id=None,
        before={"floor": row.floor and str(row.floor)},
        after={"floor": str(floor)},
    )


_PRODUCT = text(
    """
    SELECT p.id, (SELECT f.unit_price FROM floor_price f WHERE f.product_id = p.id AND f.valid_from <= :at
                   ORDER BY f.valid_from DESC LIMIT 1) AS floor
      FROM product p WHERE p.sku = :sku
    """
)
