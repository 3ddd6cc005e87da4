"""What a review depends on beside the rules of the draft, in short: the same basis, the same outcome.

The rules of what is submitted are frozen. So a publication need not judge hundreds of thousands of prices
again while the basis is the one of the review at submission; any part that has changed since, for whatever
reason, makes it another one. Row by row it is a sum of hashes, whatever their order.

Read with the rights of whoever asks: somebody who sees other contracts has another basis, and judges anew.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import on_day
from portal.pricing.decisions import STARTS


def review_basis(
    session: Session, *, policy_id: int, at: datetime, fall_share: Decimal, starts: datetime | None = None
) -> str:
    """The basis of `review_policy` with the same arguments; one statement."""
    parameters = {"id": policy_id, "at": at, "fall_share": str(fall_share.normalize()), "starts": starts}
    basis: str = session.execute(_BASIS, parameters).scalar_one()
    return basis


def _sum_of(*columns: str) -> str:
    """SQL: what a set of rows says, as one value; rows that come, go or change make it another."""
    return f"count(*) || ':' || coalesce(sum(hash_record_extended(ROW({', '.join(columns)}), 0)), 0)"


_DAY = "(SELECT app_day(begins) FROM y)"

# Dated rows count from their moment on; before it nobody pays by them. An end counts as `decisions` and
# `findings` ask for it. Dealers matter where a rule of this number is theirs.
_BASIS = text(
    f"""
    WITH y AS MATERIALIZED (SELECT y.number, {STARTS} AS begins FROM price_policy y WHERE y.id = :id)
    SELECT concat_ws(' ', CAST(:fall_share AS text),
      (SELECT {_sum_of("p.id", "p.valid_from", "p.valid_to", "p.valid_from <= begins", "p.valid_to > begins")}
         FROM price_policy p, y
        WHERE p.published_at IS NOT NULL AND (p.valid_to IS NULL OR p.valid_to >= begins)),
      (SELECT {_sum_of("f.product_id", "f.valid_from", "f.unit_price")} FROM floor_price f, y
        WHERE f.valid_from <= begins),
      (SELECT {_sum_of("l.product_id", "l.valid_from", "l.unit_price")} FROM list_price l, y
        WHERE l.valid_from <= begins),
      (SELECT {_sum_of("x.category", "x.valid_from", "x.rate")} FROM tax_rate x, y
        WHERE x.valid_from <= begins),
      (SELECT {_sum_of("p.id", "p.category_code", "p.tax_category")} FROM product p
        WHERE p.state = 'active'),
      (SELECT {_sum_of("t.code")} FROM tier t),
      (SELECT {_sum_of("r.id", "r.parent_id")} FROM region r),
      (SELECT {_sum_of("dt.dealer_id", "dt.tier", "dr.region_id")}
         FROM dealer_tier dt JOIN dealer_region dr ON dr.dealer_id = dt.dealer_id
        WHERE {on_day("dt", _DAY)} AND {on_day("dr", _DAY)}
          AND dt.dealer_id IN (SELECT r.dealer_id FROM price_rule r JOIN price_policy v ON v.id = r.policy_id
                                 JOIN y ON y.number = v.number WHERE r.dealer_id IS NOT NULL)))
    """
)
