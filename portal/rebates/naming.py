"""What a programme names, found: whether the regions, dealers, products and product lines exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import on_day
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault
from portal.rebates.terms import Terms


def answering_region(session: Session, actor: Actor, terms: Terms, faults: list[Fault]) -> int | None:
    """The region whose manager answers for a programme, None for the whole country.

    What is unknown or beyond the actor's regions is added to `faults`.
    """
    payout, mix = terms.payout, terms.mix
    skus = {
        "/skus": terms.skus,
        "/payout/skus": payout.skus if payout else (),
        "/mix/skus": mix.skus if mix else (),
    }
    categories = {
        "/category": terms.category,
        "/payout/category": payout.category if payout else "",
        "/mix/category": mix.category if mix else "",
    }
    found = session.execute(
        _FIND,
        {
            "regions": list(terms.regions),
            "tiers": list(terms.tiers),
            "dealers": list(terms.dealers),
            "skus": [sku for codes in skus.values() for sku in codes],
            "categories": [code for code in categories.values() if code],
        },
    ).one()
    for pointer, kind, codes, known in (
        ("/regions", "region", terms.regions, found.regions),
        ("/tiers", "tier", terms.tiers, found.tiers),
        ("/dealers", "dealer", terms.dealers, found.dealers),
        *((pointer, "sku", codes, found.skus) for pointer, codes in skus.items()),
    ):
        faults += _unknown(pointer, kind, codes, known)
    for pointer, code in categories.items():
        if code and code not in found.categories:
            faults.append(_unknown_one(pointer, "category", code))
    region_id = _answering(found)
    if not actor.answers_for(region_id):
        message = N_("A region's manager writes programmes for dealers of that region.")
        fix = N_("Choose one of your regions, or dealers there.")
        faults.append(Fault("/dealers" if terms.dealers else "/regions", "outside_region", message, fix))
    return region_id


def _unknown(pointer: str, kind: str, codes: Sequence[str], known: Sequence[str]) -> Iterator[Fault]:
    for place, code in enumerate(codes):
        if code not in known:
            yield _unknown_one(f"{pointer}/{place}", kind, code)


def _unknown_one(pointer: str, kind: str, code: str) -> Fault:
    message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
    return Fault(pointer, f"unknown_{kind}", message, fix, {"value": code[:40]})


def _answering(found: Any) -> int | None:
    """The narrowest region that holds everybody who is addressed."""
    paths = [path for path in (found.dealer_paths or found.region_paths or ()) if path]
    if not paths:
        return None
    provinces, areas = {path[-1] for path in paths}, {path[0] for path in paths}
    if len(provinces) == 1:
        return int(provinces.pop())
    return int(areas.pop()) if len(areas) == 1 else None


_FIND = text(
    f"""
    WITH regions AS (
      SELECT r.code, array_remove(ARRAY[r.parent_id, r.id], NULL) AS path
        FROM region r WHERE r.code = ANY (CAST(:regions AS text[]))
    ), dealers AS (
      SELECT d.code, array_remove(ARRAY[r.parent_id, r.id], NULL) AS path
        FROM dealer d LEFT JOIN dealer_region dr ON dr.dealer_id = d.id AND {on_day("dr")}
        LEFT JOIN region r ON r.id = dr.region_id
       WHERE d.code = ANY (CAST(:dealers AS text[]))
    )
    SELECT ARRAY(SELECT code FROM regions) AS regions,
           (SELECT json_agg(path) FROM regions) AS region_paths,
           ARRAY(SELECT code FROM dealers) AS dealers,
           (SELECT json_agg(path) FROM dealers) AS dealer_paths,
           ARRAY(SELECT sku FROM product WHERE sku = ANY (CAST(:skus AS text[]))) AS skus,
           ARRAY(SELECT code FROM category WHERE code = ANY (CAST(:categories AS text[]))) AS categories,
           ARRAY(SELECT code FROM tier WHERE code = ANY (CAST(:tiers AS text[]))) AS tiers
    """
)
