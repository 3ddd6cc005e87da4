"""Where the goods of an order are to come from: what a page asks, and what it shows before ordering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from portal.orders.assess import Assessment
from portal.orders.terms import SupplyTerms
from portal.web.presentation import in_language
from portal.web.reference_cache import dealer_facts, serving_warehouses
from portal.web.request import current_actor


def supply_wanted(values: Mapping[str, str]) -> SupplyTerms:
    """What a form with the fields of the cart says of it."""
    return SupplyTerms(
        values.get("warehouse") or None,
        split=values.get("split") == "1",
        backorder=values.get("backorder") == "1",
    )


def supply_shown(assessment: Assessment | None, supply: SupplyTerms) -> dict[str, Any]:
    """What the cart shows of it: the warehouses, each with how many lines it has in full, and whether one
    has too little.
    """
    stock = [
        (line.demand.quantity, {level.warehouse_id: level.available for level in line.offer.stock})
        for line in (assessment.lines if assessment else ())
        if not line.is_gift
    ]
    serving = serving_warehouses(dealer_facts(current_actor().own_dealer_id))
    names = {one.code: in_language(one.name_zh, one.name_en) for one in serving}
    in_full = {
        one.code: sum(levels.get(one.id, 0) >= quantity for quantity, levels in stock) for one in serving
    }
    faults = assessment.faults if assessment else ()
    return {
        "supply": supply,
        "place_names": names,
        "supply_options": [
            ("", gettext("The nearest that has everything")),
            *(
                (
                    code,
                    gettext(
                        "%(name)s: %(some)s of %(all)s lines", name=name, some=in_full[code], all=len(stock)
                    ),
                )
                for code, name in names.items()
            ),
        ],
        "is_short": supply.split or supply.backorder or any(fault.code == "stock_short" for fault in faults),
    }
