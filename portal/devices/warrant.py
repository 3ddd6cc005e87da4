"""The rules of warranty as they stand, and the warranties of many devices by them at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.warranty_rules import (
    Warranty,
    WarrantyBasis,
    WarrantyRule,
    begun_on,
    rule_for,
    warranty_of,
)
from portal.kernel.db import rows_changed

AT_ONCE = 2_000


class Unit(NamedTuple):
    """What the warranty of a device depends on."""

    product_id: int
    category_code: str
    shipped_on: date | None
    installed_on: date | None


def warranty_rules(session: Session) -> list[WarrantyRule]:
    """Every rule there is: some hundred at most."""
    return [
        WarrantyRule(
            row.id,
            row.product_id,
            row.category_code,
            row.months,
            WarrantyBasis(row.starts),
            row.latest_months,
            row.valid_from,
        )
        for row in session.execute(_RULES)
    ]


def warranties_of(rules: Sequence[WarrantyRule], units: Collection[Unit]) -> list[Warranty]:
    """The warranty of each unit, in their order."""
    found = []
    for unit in units:
        day = begun_on(unit.shipped_on, unit.installed_on)
        rule = day and rule_for(rules, product_id=unit.product_id, category_code=unit.category_code, on=day)
        found.append(warranty_of(rule or None, shipped_on=unit.shipped_on, installed_on=unit.installed_on))
    return found


def renew_warranties(
    session: Session, *, product_id: int | None, category_code: str | None, after: tuple[int, int]
) -> tuple[int, int] | None:
    """Reckon the warranties of devices of a product, a line, or all, anew: so many at once.

    after: dealer and id of the last one done, (0, 0) to begin. Gives the last one of these; None at the end.
    Devices that a dealer no longer has keep what they had.
    """
    about = {"product_id": product_id, "beginning": category_code or "", "limit": AT_ONCE}
    place = {"after_dealer": after[0], "after_id": after[1]}
    rows = session.execute(_NEXT, about | place).all()
    if not rows:
        return None
    units = [Unit(row.product_id, row.category_code, row.shipped_on, row.installed_on) for row in rows]
    warranties = warranties_of(warranty_rules(session), units)
    rows_changed(
        session,
        _RENEW,
        {
            "dealers": [row.dealer_id for row in rows],
            "ids": [row.id for row in rows],
            "firsts": [one.first for one in warranties],
            "lasts": [one.last for one in warranties],
        },
    )
    return rows[-1].dealer_id, rows[-1].id


_RULES = text(
    "SELECT id, product_id, category_code, months, starts, latest_months, valid_from FROM warranty_rule"
)
_NEXT = text(
    """
    SELECT d.dealer_id, d.id, d.product_id, p.category_code, d.shipped_on, d.installed_on
      FROM device d JOIN product p ON p.id = d.product_id
     WHERE (d.dealer_id, d.id) > (:after_dealer, :after_id) AND d.held_until IS NULL
       AND (CAST(:product_id AS bigint) IS NULL OR d.product_id = :product_id)
       AND starts_with(p.category_code, :beginning)
     ORDER BY d.dealer_id, d.id LIMIT :limit FOR NO KEY UPDATE OF d
    """
)
_RENEW = text(
    """
    UPDATE device d SET warranty_from = r.first, warranty_to = r.last
      FROM unnest(CAST(:dealers AS bigint[]), CAST(:ids AS bigint[]), CAST(:firsts AS date[]),
                  CAST(:lasts AS date[])) AS r(dealer_id, id, first, last)
     WHERE (d.dealer_id, d.id) = (r.dealer_id, r.id)
       AND (d.warranty_from, d.warranty_to) IS DISTINCT FROM (r.first, r.last)
    """
)
