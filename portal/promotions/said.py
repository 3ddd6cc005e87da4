"""A promotion's terms with the names of what they speak of, as every page and call that tells of them reads
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from portal.kernel.db import Record


class GoodsName(NamedTuple):
    """A product that a promotion names."""

    sku: str
    name_zh: str
    name_en: str


class LotName(NamedTuple):
    """A lot of a clearance. left: units that are still offered."""

    sku: str
    lot: str
    expires_on: str | None
    units: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a promotion says, to anybody. phase: `state`, but ``coming``, ``running`` or ``over`` when it is
    published. goods: empty for a whole product line, or everything.
    """

    id: int
    number: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    kind: str
    phase: str
    valid_from: datetime
    valid_to: datetime
    category_code: str | None
    category_zh: str | None
    category_en: str | None
    min_quantity: int | None
    min_amount: Decimal | None
    period_amount: Decimal | None
    first_order: bool
    reward_percent: Decimal | None
    reward_amount: Decimal | None
    gift_sku: str | None
    gift_zh: str | None
    gift_en: str | None
    gift_quantity: int | None
    gift_for_each: int | None
    priority: int
    combinable: bool
    per_dealer_cap: Decimal | None
    registration_required: bool
    goods: tuple[GoodsName, ...]
    lots: tuple[LotName, ...]

    def covers(self, sku: str, category_code: str) -> bool:
        """Whether a product counts."""
        if self.goods:
            return any(one.sku == sku for one in self.goods)
        return self.category_code is None or category_code.startswith(self.category_code)


PHASE = """CASE WHEN p.state <> 'published' THEN p.state WHEN p.valid_to <= :at THEN 'over'
     WHEN p.valid_from > :at THEN 'coming' ELSE 'running' END"""
"""SQL: the phase of a promotion `p` at ``:at``."""

SAID_COLUMNS = f"""
p.id, p.number, p.title_zh, p.title_en, p.text_zh, p.text_en, p.kind, {PHASE} AS phase, p.valid_from,
p.valid_to, p.category_code, c.name_zh AS category_zh, c.name_en AS category_en, p.min_quantity, p.min_amount,
p.period_amount, p.first_order, p.reward_percent, p.reward_amount, f.sku AS gift_sku, f.name_zh AS gift_zh,
f.name_en AS gift_en, p.gift_quantity, p.gift_for_each, p.priority, p.combinable, p.per_dealer_cap,
p.registration_required,
(SELECT json_agg(json_build_array(x.sku, x.name_zh, x.name_en) ORDER BY x.sku) FROM product x
  WHERE x.id = ANY (p.product_ids)) AS goods,
(SELECT json_agg(json_build_array(x.sku, k.lot_no, k.expires_on, t.units, t.units - t.used)
                 ORDER BY k.expires_on, k.id)
   FROM promotion_lot t JOIN lot k ON k.id = t.lot_id JOIN product x ON x.id = t.product_id
  WHERE t.promotion_id = p.id) AS lots
"""
"""What `Said` is made of, of a promotion `p` with its category `c` and gift `f`."""

SAID_TABLES = """
promotion p LEFT JOIN category c ON c.code = p.category_code LEFT JOIN product f ON f.id = p.gift_product_id
"""


def lists_of(row: Record) -> dict[str, Any]:
    """The fields that no column has as they stand."""
    return {
        "goods": tuple(GoodsName(*one) for one in row.goods or ()),
        "lots": tuple(LotName(*one) for one in row.lots or ()),
    }
