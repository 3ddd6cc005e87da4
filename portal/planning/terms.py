"""On which terms a warehouse is replenished: what counts, and the verb that sets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.orders.vocabulary import OrderRight
from portal.planning.advice_rules import TermsChange, terms_faults
from portal.planning.vocabulary import PlanningAction, PlanningRight
from portal.stock.warehouses import warehouses_named


@dataclass(frozen=True, slots=True)
class SetTerms:
    """What is set for a warehouse, or for a product in it; sku empty: for all of them.

    None where nothing was set, so that the wider counts. set_at: None where nobody ever set anything.
    """

    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    sku: str
    name_zh: str
    name_en: str
    lead_days: int | None
    review_days: int | None
    service_level: Decimal | None
    set_by_label: str | None
    set_at: datetime | None


def set_terms(
    session: Session,
    *,
    actor: Actor,
    warehouse: str,
    sku: str = "",
    change: TermsChange,
    at: datetime,
) -> None:
    """Set the terms of a warehouse, or of one product in it; what is None counts as elsewhere again.

    The next advice heeds them. Raises Forbidden, Invalid with every fault.
    """
    actor.require(PlanningRight.SET)
    [place] = warehouses_named(session, [(warehouse, "/warehouse")])
    faults = terms_faults(change)
    product_id = session.scalar(_PRODUCT, {"sku": sku}) if sku else None
    if sku and product_id is None:
        message, fix = N_("There is no product %(sku)s."), N_("Look it up among the products.")
        faults.append(Fault("/sku", "unknown_product", message, fix, {"sku": sku}))
    if faults:
        raise Invalid(faults=faults)
    key = {"warehouse_id": place.id, "product_id": product_id}
    before = session.execute(_LOCK, key).one_or_none()
    columns = {
        "lead_days": change.lead_days,
        "review_days": change.review_days,
        "service_level": change.service_level,
    }
    about = {"actor": actor.key, "label": actor.label, "at": at}
    session.execute(_SET, key | columns | about)
    audit.record(
        session,
        PlanningAction.TERMS_SET,
        f"{place.code} {sku}".strip(),
        actor=actor,
        dealer_id=None,
        before=_said(before._mapping) if before else None,
        after=_said(columns),
    )


def _said(columns: Any) -> dict[str, Any]:
    level = columns["service_level"]
    return {
        "lead_days": columns["lead_days"],
        "review_days": columns["review_days"],
        "service_level": None if level is None else f"{level:.3f}",
    }


def terms_set(session: Session, *, actor: Actor, limit: int = 500) -> list[SetTerms]:
    """Every warehouse with what is set for it, then what is set for products, by warehouse and SKU."""
    actor.require(OrderRight.DESK)
    return [SetTerms(**row._mapping) for row in session.execute(_ALL, {"limit": limit})]


_PRODUCT = text("SELECT id FROM product WHERE sku = :sku")
_LOCK = text(
    """
    SELECT lead_days, review_days, service_level FROM replenishment_terms
     WHERE warehouse_id = :warehouse_id AND product_id IS NOT DISTINCT FROM CAST(:product_id AS bigint)
       FOR NO KEY UPDATE
    """
)
_SET = text(
    """
    INSERT INTO replenishment_terms (
           warehouse_id, product_id, lead_days, review_days, service_level, set_by, set_by_label, set_at)
    VALUES (:warehouse_id, :product_id, :lead_days, :review_days, :service_level, :actor, :label, :at)
    ON CONFLICT (warehouse_id, product_id) DO UPDATE
      SET lead_days = excluded.lead_days, review_days = excluded.review_days,
          service_level = excluded.service_level, set_by = excluded.set_by,
          set_by_label = excluded.set_by_label, set_at = excluded.set_at
    """
)
_ALL = text(
    """
    SELECT w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en, '' AS sku,
           '' AS name_zh, '' AS name_en, t.lead_days, t.review_days, t.service_level, t.set_by_label, t.set_at
      FROM warehouse w
      LEFT JOIN replenishment_terms t ON t.warehouse_id = w.id AND t.product_id IS NULL
     UNION ALL
    SELECT w.code, w.name_zh, w.name_en, p.sku, p.name_zh, p.name_en, t.lead_days, t.review_days,
           t.service_level, t.set_by_label, t.set_at
      FROM replenishment_terms t
      JOIN warehouse w ON w.id = t.warehouse_id
      JOIN product p ON p.id = t.product_id
     WHERE coalesce(t.lead_days, t.review_days) IS NOT NULL OR t.service_level IS NOT NULL
     ORDER BY warehouse, sku LIMIT :limit
    """
)
