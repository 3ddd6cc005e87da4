"""What the order that another takes the place of leaves to it: the holds that were put by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.orders.assess import Assessment
from portal.orders.holds_rules import Extent
from portal.orders.locking import LockedOrder
from portal.orders.severity_rules import Verdict, recalled, taking_the_place_of


@dataclass(frozen=True, slots=True)
class Predecessor:
    """An order before it was cancelled to be ordered anew: what was against it, and how far it went."""

    verdict: Verdict
    extent: Extent

    def judge(self, assessment: Assessment, ship_to: Mapping[str, Any], hospital: str) -> Assessment:
        """The assessment of the order that takes its place."""
        units = _units((line.offer.sku, line.demand.quantity) for line in assessment.lines)
        extent = Extent(units, assessment.total, ship_to, hospital)
        verdict = taking_the_place_of(
            self.verdict, assessment.verdict, widened=extent.is_wider_than(self.extent)
        )
        return replace(assessment, verdict=verdict, holds=verdict.holds)


def predecessor_of(session: Session, order: LockedOrder) -> Predecessor:
    """What a locked order leaves, before it is cancelled."""
    where = {"dealer_id": order.dealer_id, "order_id": order.id}
    units = _units((line.sku, line.outstanding) for line in order.lines)
    return Predecessor(
        recalled(session.execute(_VERDICT, where).scalar_one()),
        Extent(units, order.open_amount, order.ship_to, order.hospital),
    )


def _units(lines: Iterable[tuple[str, int]]) -> Counter[str]:
    units: Counter[str] = Counter()
    for sku, quantity in lines:
        units[sku] += quantity
    return units


_VERDICT = text("SELECT verdict FROM sales_order WHERE dealer_id = :dealer_id AND id = :order_id")
