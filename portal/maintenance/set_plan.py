"""Headquarters makes a plan of maintenance or changes it; what is due by it stays due."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.vocabulary import DeviceRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.maintenance.rules import items_of_text, parts_of_text, plan_faults
from portal.maintenance.vocabulary import MaintenanceAction


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A plan as it is entered. items, parts: a line each. revision: 0 for a new one, else what was read."""

    code: str
    name_zh: str
    name_en: str
    every_months: int | None
    every_uses: int | None = None
    counts_from: str = "done"
    sku: str = ""
    category: str = ""
    items: str = ""
    parts: str = ""
    voids_warranty: bool = False
    is_active: bool = True
    revision: int = 0


def set_plan(session: Session, *, actor: Actor, entry: PlanEntry, at: datetime) -> None:
    """Make a plan, or change the one of this code.

    Raises Invalid with every fault, Conflict for a code that is taken or a plan that changed meanwhile,
    Forbidden.
    """
    actor.require(DeviceRight.DESK)
    about = session.execute(_ABOUT, {"sku": entry.sku.strip(), "category": entry.category.strip()}).one()
    faults = plan_faults(asdict(entry))
    faults += _about_faults(entry, about.product_id, about.category_code)
    items, parts = items_of_text(entry.items, faults), parts_of_text(entry.parts, faults)
    if faults:
        raise Invalid(faults=faults)
    said: dict[str, Any] = {
        "code": entry.code.strip(),
        "name_zh": entry.name_zh.strip(),
        "name_en": entry.name_en.strip(),
        "product_id": about.product_id,
        "category_code": about.category_code,
        "every_months": entry.every_months,
        "every_uses": entry.every_uses,
        "counts_from": entry.counts_from,
        "items": json.dumps([asdict(item) for item in items]),
        "parts": json.dumps(parts),
        "voids_warranty": entry.voids_warranty,
        "is_active": entry.is_active,
    }
    told = {"revision": entry.revision, "at": at, "label": actor.label}
    statement = _CHANGE if entry.revision else _MAKE
    if session.execute(statement, said | told).one_or_none() is None:
        raise Conflict(
            "changed_meanwhile" if entry.revision else "plan_twice",
            N_("This plan is there already, or somebody changed it meanwhile."),
            fix=N_("Open it again, and enter what is still to be said."),
        )
    after = {name: said[name] for name in ("every_months", "every_uses", "counts_from", "is_active")}
    audit.record(session, MaintenanceAction.PLAN_SET, said["code"], actor=actor, dealer_id=None, after=after)


def _about_faults(entry: PlanEntry, product_id: int | None, category_code: str | None) -> list[Fault]:
    faults = []
    if entry.sku.strip() and product_id is None:
        message, fix = N_("There is no product %(sku)s."), N_("Check the SKU or search the catalogue.")
        faults.append(Fault("/sku", "unknown_sku", message, fix, {"sku": entry.sku.strip()[:64]}))
    if entry.category.strip() and category_code is None:
        message, fix = N_("There is no such product line."), N_("Choose one of the list.")
        faults.append(Fault("/category", "unknown_category", message, fix))
    if bool(entry.sku.strip()) == bool(entry.category.strip()):
        message, fix = N_("A plan is for a product or for a line."), N_("Enter one of them.")
        faults.append(Fault("/category", "one_subject", message, fix))
    return faults


_ABOUT = text(
    """
    SELECT (SELECT id FROM product WHERE sku = :sku) AS product_id,
           (SELECT code FROM category WHERE code = :category) AS category_code
    """
)
_MAKE = text(
    """
    INSERT INTO maintenance_plan (code, name_zh, name_en, product_id, category_code, every_months, every_uses,
                                  counts_from, items, parts, voids_warranty, is_active, edited_at,
                                  edited_by_label)
    VALUES (:code, :name_zh, :name_en, :product_id, :category_code, :every_months, :every_uses, :counts_from,
            CAST(:items AS jsonb), CAST(:parts AS jsonb), :voids_warranty, :is_active, :at, :label)
    ON CONFLICT DO NOTHING RETURNING code
    """
)
_CHANGE = text(
    """
    UPDATE maintenance_plan
       SET revision = revision + 1, name_zh = :name_zh, name_en = :name_en, product_id = :product_id,
           category_code = :category_code, every_months = :every_months, every_uses = :every_uses,
           counts_from = :counts_from, items = CAST(:items AS jsonb), parts = CAST(:parts AS jsonb),
           voids_warranty = :voids_warranty, is_active = :is_active, edited_at = :at,
           edited_by_label = :label
     WHERE code = :code AND revision = :revision RETURNING code
    """
)
