"""What a promotion names, found: ids for the codes of regions, dealers, products and lots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import on_day
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault
from portal.kernel.lots import key_sql, lot_key, meant
from portal.promotions.terms import LotTerms, Terms


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot of a clearance. units: how many are offered."""

    id: int
    product_id: int
    units: int


@dataclass(frozen=True, slots=True)
class Named:
    """Everything that a promotion names. region_id: the region whose manager answers for it, None for the
    whole country.
    """

    region_id: int | None
    region_ids: list[int]
    dealer_ids: list[int]
    product_ids: list[int]
    category_code: str | None
    gift_product_id: int | None
    lots: list[Lot]


def named(session: Session, actor: Actor, terms: Terms, faults: list[Fault]) -> Named:
    """Find what the terms name; what is unknown or beyond the actor's regions is added to `faults`."""
    found = session.execute(
        _FIND,
        {
            "regions": [code.strip() for code in terms.regions],
            "tiers": [code.strip() for code in terms.tiers],
            "dealers": [code.strip() for code in terms.dealers],
            "skus": [code.strip().upper() for code in terms.skus],
            "category": terms.category.strip().upper(),
            "gift": terms.gift_sku.strip().upper(),
        },
    ).one()
    for pointer, kind, codes, ids in (
        ("/regions", "region", terms.regions, found.region_ids),
        ("/tiers", "tier", terms.tiers, found.tiers),
        ("/dealers", "dealer", terms.dealers, found.dealer_ids),
        ("/condition/skus", "sku", terms.skus, found.product_ids),
        ("/condition/category", "category", [terms.category], [found.category_code]),
        ("/reward/gift/sku", "sku", [terms.gift_sku], [found.gift_product_id]),
    ):
        faults += _unknown(pointer, kind, codes, ids)
    region_id = _answering(found)
    if not actor.answers_for(region_id):
        faults.append(
            Fault(
                "/dealers" if terms.dealers else "/regions",
                "outside_region",
                N_("A region's manager writes promotions for dealers of that region."),
                N_("Choose one of your regions, or dealers there."),
            )
        )
    products = [key for key in found.product_ids if key is not None]
    return Named(
        region_id=region_id,
        region_ids=_once(found.region_ids),
        dealer_ids=_once(found.dealer_ids),
        product_ids=_once(products),
        category_code=found.category_code,
        gift_product_id=found.gift_product_id,
        lots=_lots(session, terms.lots, products, faults),
    )


def _unknown(pointer: str, kind: str, codes: Sequence[str], ids: Sequence[object]) -> Iterator[Fault]:
    is_list = pointer in ("/regions", "/tiers", "/dealers", "/condition/skus")
    for place, (code, found) in enumerate(zip(codes, ids, strict=True)):
        if code.strip() and found is None:
            message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
            here = f"{pointer}/{place}" if is_list else pointer
            yield Fault(here, f"unknown_{kind}", message, fix, {"value": code.strip()[:40]})


def _once(ids: Iterable[int | None]) -> list[int]:
    return list(dict.fromkeys(key for key in ids if key is not None))


def _answering(found: Any) -> int | None:
    """The narrowest region that holds everybody who is addressed."""
    paths = [path for path in (found.dealer_paths or found.region_paths or ()) if path]
    if not paths:
        return None
    provinces, areas = {path[-1] for path in paths}, {path[0] for path in paths}
    if len(provinces) == 1:
        return int(provinces.pop())
    return int(areas.pop()) if len(areas) == 1 else None


def _lots(
    session: Session, lots: Sequence[LotTerms], products: Sequence[int], faults: list[Fault]
) -> list[Lot]:
    if not lots:
        return []
    rows = session.execute(
        _LOTS, {"products": list(products), "keys": [lot_key(lot.lot) for lot in lots]}
    ).all()
    chosen: dict[int, Lot] = {}
    for place, lot in enumerate(lots):
        there: dict[int, list[tuple[str, Any]]] = {}
        for row in rows:
            if lot.sku.strip().upper() in ("", row.sku):
                there.setdefault(row.product_id, []).append((row.lot_no, row))
        fitting = [row for of_product in there.values() for row in meant(lot.lot, of_product)]
        pointer, value = f"/condition/lots/{place}/lot", {"value": lot.lot.strip()[:40]}
        if not fitting:
            message, fix = N_("There is no lot %(value)s of these products."), N_("Look in the stock.")
            faults.append(Fault(pointer, "unknown_lot", message, fix, value))
        elif len(fitting) > 1:
            message, fix = N_("Several of these products have a lot %(value)s."), N_("Name the product too.")
            faults.append(Fault(pointer, "ambiguous_lot", message, fix, value))
        else:
            row = fitting[0]
            units = row.available if lot.units is None else lot.units
            chosen[row.id] = Lot(row.id, row.product_id, units)
    return list(chosen.values())


# Each list of ids stands in the order of its codes, with NULL for what there is not.
_FIND = text(
    f"""
    WITH regions AS (
      SELECT u.place, r.id, array_remove(ARRAY[r.parent_id, r.id], NULL) AS path
        FROM unnest(CAST(:regions AS text[])) WITH ORDINALITY AS u(code, place)
        LEFT JOIN region r ON r.code = u.code
    ), dealers AS (
      SELECT u.place, d.id, array_remove(ARRAY[r.parent_id, r.id], NULL) AS path
        FROM unnest(CAST(:dealers AS text[])) WITH ORDINALITY AS u(code, place)
        LEFT JOIN dealer d ON d.code = u.code
        LEFT JOIN dealer_region dr ON dr.dealer_id = d.id AND {on_day("dr")}
        LEFT JOIN region r ON r.id = dr.region_id
    )
    SELECT ARRAY(SELECT id FROM regions ORDER BY place) AS region_ids,
           (SELECT json_agg(path) FROM regions) AS region_paths,
           ARRAY(SELECT id FROM dealers ORDER BY place) AS dealer_ids,
           (SELECT json_agg(path) FROM dealers) AS dealer_paths,
           ARRAY(SELECT p.id FROM unnest(CAST(:skus AS text[])) WITH ORDINALITY AS u(sku, place)
                   LEFT JOIN product p ON p.sku = u.sku ORDER BY u.place) AS product_ids,
           (SELECT code FROM category WHERE code = :category) AS category_code,
           ARRAY(SELECT t.code FROM unnest(CAST(:tiers AS text[])) WITH ORDINALITY AS u(code, place)
                   LEFT JOIN tier t ON t.code = u.code ORDER BY u.place) AS tiers,
           (SELECT id FROM product WHERE sku = :gift) AS gift_product_id
    """
)

_LOTS = text(
    f"""
    SELECT l.id, l.lot_no, l.product_id, p.sku,
           (SELECT coalesce(sum(s.on_hand - s.allocated), 0)::int FROM lot_stock s
             WHERE s.lot_id = l.id AND s.state = 'saleable') AS available
      FROM lot l JOIN product p ON p.id = l.product_id
     WHERE l.product_id = ANY (CAST(:products AS bigint[]))
       AND {key_sql("l.lot_no")} = ANY (CAST(:keys AS text[]))
    """
)
