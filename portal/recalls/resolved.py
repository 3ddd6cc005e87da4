"""Which lots a scope means that we know of, what lies of them here, and who holds how many units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.custody.holders import dealers_holding
from portal.kernel.lots import key_sql


@dataclass(frozen=True, slots=True)
class ResolvedLot:
    """A lot that the scope means. is_whole: not merely some of its serials. here: units in our warehouses."""

    lot_id: int
    sku: str
    name_zh: str
    name_en: str
    lot_no: str
    produced_on: date | None
    expires_on: date | None
    is_whole: bool
    here: int


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What a scope names and nobody knows: a lot that never came here, or lots without day of production."""

    sku: str
    lot_no: str


def products_named(session: Session, skus: Collection[str]) -> dict[str, int]:
    """Ids of products by SKU."""
    return {row.sku: row.id for row in session.execute(_PRODUCTS, {"skus": list(skus)})}


def resolved_lots(session: Session, *, recall_id: int, version_no: int) -> list[ResolvedLot]:
    """The lots that a version of the scope means, by product and number."""
    about = {"recall_id": recall_id, "version_no": version_no}
    return [ResolvedLot(**row._mapping) for row in session.execute(_LOTS, about)]


def unresolved(session: Session, *, recall_id: int, version_no: int) -> list[Unresolved]:
    """Lots that the scope names and that never came here; they are blocked when they come.

    Of days of production the lots whose day is not known, which nobody can tell from those that are meant.
    """
    about = {"recall_id": recall_id, "version_no": version_no}
    return [Unresolved(**row._mapping) for row in session.execute(_UNRESOLVED, about)]


def units_held(session: Session, *, recall_id: int, version_no: int, whole: Sequence[int]) -> dict[int, int]:
    """Units by dealer: of `whole` lots what it holds by the custody ledger, of others the recalled serials.

    Needs a session that sees all dealers.
    """
    held = Counter[int]()
    for one in dealers_holding(session, whole):
        held[one.dealer_id] += one.quantity
    about = {"recall_id": recall_id, "version_no": version_no, "whole": list(whole)}
    for row in session.execute(_SERIALS, about):
        held[row.dealer_id] += row.units
    return dict(held)


_MEANT_SERIAL = """(
  starts_with(u.serial, regexp_replace(s.serial_from, '[0-9]+$', ''))
  AND length(u.serial) = length(s.serial_from)
  AND substr(u.serial, length(regexp_replace(s.serial_from, '[0-9]+$', '')) + 1) ~ '^[0-9]+$'
  AND u.serial COLLATE "C" BETWEEN s.serial_from AND s.serial_to AND u.serial <> ALL (s.without))"""
"""SQL: whether a row ``u`` of `serial_unit` lies in the range of a row ``s`` of the scope, whose ends are of
one pattern and as long."""

_PRODUCTS = text("SELECT sku, id FROM product WHERE sku = ANY (CAST(:skus AS text[]))")
_LOTS = text(
    f"""
    SELECT l.id AS lot_id, p.sku, p.name_zh, p.name_en, l.lot_no, l.produced_on, l.expires_on,
           bool_or(s.kind <> 'serials') AS is_whole,
           coalesce((SELECT sum(k.on_hand + k.inspecting + k.quarantined) FROM lot_stock k
                      WHERE k.lot_id = l.id), 0)::int AS here
      FROM recall_scope s JOIN lot l ON l.product_id = s.product_id JOIN product p ON p.id = s.product_id
     WHERE s.recall_id = :recall_id AND s.version_no = :version_no
       AND (s.kind = 'all' OR s.kind = 'lots' AND {key_sql("l.lot_no")} = ANY (s.lots)
            OR s.kind = 'made' AND l.produced_on BETWEEN s.made_from AND s.made_to
            OR s.kind = 'serials' AND EXISTS (
                 SELECT FROM serial_unit u
                  WHERE u.product_id = s.product_id AND u.lot_id = l.id AND {_MEANT_SERIAL}))
     GROUP BY l.id, p.id ORDER BY p.sku, l.lot_no, l.id
    """
)
_UNRESOLVED = text(
    f"""
    SELECT p.sku, named.lot_no
      FROM recall_scope s JOIN product p ON p.id = s.product_id CROSS JOIN unnest(s.lots) AS named(lot_no)
     WHERE s.recall_id = :recall_id AND s.version_no = :version_no
       AND NOT EXISTS (SELECT FROM lot l WHERE l.product_id = s.product_id
                          AND {key_sql("l.lot_no")} = named.lot_no)
     UNION
    SELECT p.sku, l.lot_no FROM recall_scope s JOIN product p ON p.id = s.product_id
      JOIN lot l ON l.product_id = s.product_id AND l.produced_on IS NULL
     WHERE s.recall_id = :recall_id AND s.version_no = :version_no AND s.kind = 'made'
     ORDER BY 1, 2
    """
)
_SERIALS = text(
    f"""
    SELECT u.dealer_id, count(DISTINCT (u.product_id, u.serial))::int AS units
      FROM recall_scope s JOIN serial_unit u ON u.product_id = s.product_id
     WHERE s.recall_id = :recall_id AND s.version_no = :version_no AND s.kind = 'serials'
       AND u.state = 'shipped' AND u.lot_id <> ALL (CAST(:whole AS bigint[])) AND {_MEANT_SERIAL}
     GROUP BY u.dealer_id ORDER BY u.dealer_id
    """
)
