"""Lots that somebody of headquarters typed, as we know them: whichever capitals and width they came in.

Not for what a dealer types: how we write a lot that it never got would tell it that there is one.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.lots import key_sql, spelled

LotSaid = tuple[int, str]
"""Product and what somebody typed for its lot."""


def known_lots(session: Session, said: Collection[LotSaid]) -> dict[LotSaid, str]:
    """The numbers of lots as we know them; lots that nobody knows, or that could be two, are absent."""
    # A text with NUL is no text of the database, and no lot.
    asked = sorted({one for one in said if one[1].strip() and "\0" not in one[1]})
    if not asked:
        return {}
    columns = {"products": [product for product, _ in asked], "lot_nos": [lot_no for _, lot_no in asked]}
    alike: dict[LotSaid, list[str]] = {}
    for row in session.execute(_ALIKE, columns):
        alike.setdefault((row.product_id, row.said), []).append(row.lot_no)
    found = {one: spelled(one[1], lots) for one, lots in alike.items()}
    return {one: lot_no for one, lot_no in found.items() if lot_no is not None}


def known_lot(session: Session, product_id: int | None, said: str) -> str:
    """The number of a lot as we know it; empty for one that nobody knows."""
    return "" if product_id is None else known_lots(session, [(product_id, said)]).get((product_id, said), "")


_ALIKE = text(
    f"""
    SELECT n.product_id, n.lot_no AS said, l.lot_no
      FROM unnest(CAST(:products AS bigint[]), CAST(:lot_nos AS text[])) AS n(product_id, lot_no)
      JOIN lot l ON l.product_id = n.product_id AND {key_sql("l.lot_no")} = {key_sql("n.lot_no")}
     ORDER BY l.id
    """
)
