"""Headquarters sets a rule of warranty from a day on; devices it concerns are reckoned anew by a job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.rules import NOTE_MAX, text_faults
from portal.devices.vocabulary import DeviceAction, DeviceRight
from portal.devices.warranty_rules import rule_faults
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid

RENEW = "device.warranties"


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule as it is entered: for a product, for a product line, or, with neither, for all."""

    months: int | None
    starts: str
    latest_months: int | None
    valid_from: date | None
    sku: str = ""
    category: str = ""
    reason: str = ""


def set_rule(session: Session, *, actor: Actor, entry: RuleEntry, at: datetime) -> int:
    """Set a rule; its id. 0 months end a warranty from that day on.

    Raises Invalid with every fault, Conflict where a rule of that day is there already, Forbidden.
    """
    actor.require(DeviceRight.DESK)
    about = {"sku": entry.sku.strip(), "category": entry.category.strip()}
    found = session.execute(_ABOUT, about).one()
    faults = _faults(entry, found.product_id, found.category_code)
    if faults:
        raise Invalid(faults=faults)
    rule = {
        "product_id": found.product_id,
        "category_code": found.category_code,
        "months": entry.months,
        "starts": entry.starts,
        "latest_months": entry.latest_months,
        "valid_from": entry.valid_from,
        "reason": entry.reason.strip(),
    }
    told = {"at": at, "actor": actor.key, "label": actor.label}
    rule_id: int = session.execute(_SET, rule | told).scalar_one()
    audit.record(
        session,
        DeviceAction.RULE_SET,
        about["sku"] or about["category"] or "*",
        actor=actor,
        dealer_id=None,
        after={
            "months": entry.months,
            "starts": entry.starts,
            "latest_months": entry.latest_months,
            "valid_from": str(entry.valid_from),
        },
        reason=rule["reason"] or None,
    )
    reckoned = {"product_id": found.product_id, "category_code": found.category_code}
    outbox.add(session, RENEW, dealer_id=None, **reckoned)
    return rule_id


def _faults(entry: RuleEntry, product_id: int | None, category_code: str | None) -> list[Fault]:
    faults = rule_faults(entry.months, entry.latest_months, entry.starts)
    faults += text_faults("/reason", entry.reason, most=NOTE_MAX)
    if entry.sku.strip() and entry.category.strip():
        message, fix = N_("A rule is for a product or for a line."), N_("Leave one of them empty.")
        faults.append(Fault("/category", "two_subjects", message, fix))
    if entry.sku.strip() and product_id is None:
        message, fix = N_("There is no product %(sku)s."), N_("Check the SKU or search the catalogue.")
        faults.append(Fault("/sku", "unknown_sku", message, fix, {"sku": entry.sku.strip()[:64]}))
    if entry.category.strip() and category_code is None:
        message, fix = N_("There is no such product line."), N_("Choose one of the list.")
        faults.append(Fault("/category", "unknown_category", message, fix))
    for name in ("months", "latest_months", "valid_from"):
        if getattr(entry, name) is None:
            message = N_("Nothing has been entered.")
            faults.append(Fault(f"/{name}", "required", message, N_("Fill this in.")))
    return faults


_ABOUT = text(
    """
    SELECT (SELECT id FROM product WHERE sku = :sku) AS product_id,
           (SELECT code FROM category WHERE code = :category) AS category_code
    """
)
_SET = text(
    """
    INSERT INTO warranty_rule (product_id, category_code, months, starts, latest_months, valid_from, reason,
                               made_at, made_by, made_by_label)
    VALUES (:product_id, :category_code, :months, :starts, :latest_months, :valid_from, :reason, :at, :actor,
            :label)
    RETURNING id
    """
)
