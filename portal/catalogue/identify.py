"""Products by the codes that people and readers give for them, any number in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.rules import normalised, slips
from portal.kernel.searching import LENGTH_MAX, code_key, folded, gtin_14, gtin_in

NEAREST_SOUGHT = 100  # codes for which the nearest products are sought
NEAREST_MAX = 3
_CANDIDATES = 40


class Identified(NamedTuple):
    """The product that a code means. is_exact: not only but for what is easily mistaken in a code.

    units: of sale in what bears the code, more than one for a package with a number of its own.
    """

    sku: str
    unit: str
    is_exact: bool
    units: int = 1

    def counted(self, quantity: int, unit: str = "") -> int:
        """Units of sale that are meant by so many of the code; a unit that is named counts itself."""
        return quantity if unit else quantity * self.units


def identify(session: Session, codes: Sequence[str]) -> dict[str, Identified]:
    """Products by SKU, GTIN (UDI-DI, or of a package) or what a barcode reader sends.

    Withdrawn ones by their exact code.

    A code that means none, or more than one, is absent.
    """
    given = [code[:LENGTH_MAX] for code in codes]
    numbers = [gtin_in(code) for code in given]
    rows = session.execute(
        _IDENTIFY,
        {
            "skus": [folded(code).strip().upper() for code in given],
            "keys": [code_key(code) for code in given],
            "gtins": [number and gtin_14(number) for number in numbers],
        },
    )
    meant: dict[str, dict[str, Identified]] = {}
    for row in rows:
        code = codes[row.place - 1]
        meant.setdefault(code, {}).setdefault(row.sku, Identified(row.sku, row.unit, row.is_exact, row.units))
    return {
        code: next(iter(products.values()))
        for code, products in meant.items()
        if len(products) == 1 or next(iter(products.values())).is_exact
    }


def nearest(session: Session, codes: Sequence[str]) -> dict[str, list[str]]:
    """SKUs that differ from a code by a slip: a letter more, less or another, or two swapped.

    At most `NEAREST_MAX` a code, of the first `NEAREST_SOUGHT` codes. What is unlike every SKU is absent.
    """
    sought = {code: _slips(code[:LENGTH_MAX]) for code in codes[:NEAREST_SOUGHT]}
    rows = session.execute(_NEAREST, {"slips": [" ".join(sorted(of)) for of in sought.values()]})
    found: dict[str, list[str]] = {}
    places = list(sought)
    for row in rows:
        code = places[row.place - 1]
        if not sought[code].isdisjoint(slips(row.sku_key)) and len(found.get(code, ())) < NEAREST_MAX:
            found.setdefault(code, []).append(row.sku)
    return found


def _slips(code: str) -> set[str]:
    """Of the code as it is compared, and as a word: only codes with a digit are kept with 0 for o."""
    return {*slips(code_key(code)), *slips(normalised(code).replace(" ", ""))}


# What it is exactly comes first, a SKU before the number of another product.
_IDENTIFY = text(
    """
    SELECT given.place, p.sku, p.unit, p.rank < 3 AS is_exact, p.units
      FROM unnest(CAST(:skus AS text[]), CAST(:keys AS text[]), CAST(:gtins AS text[]))
           WITH ORDINALITY AS given(sku, key, gtin, place)
     CROSS JOIN LATERAL (
       SELECT s.sku, s.unit, 1 AS rank, 1 AS units FROM product s WHERE s.sku = given.sku
       UNION ALL
       SELECT g.sku, g.unit, 2, 1 FROM product g WHERE g.udi_di = given.gtin
       UNION ALL
       SELECT b.sku, b.unit, 2, a.units
         FROM product_package a JOIN product b ON b.id = a.product_id WHERE a.gtin = given.gtin
       UNION ALL
       SELECT k.sku, k.unit, 3, 1 FROM product k WHERE k.sku_key = given.key AND k.state = 'active') p
     ORDER BY given.place, p.rank, p.sku
    """
)

_NEAREST = text(
    f"""
    SELECT given.place, n.sku, n.sku_key
      FROM unnest(CAST(:slips AS text[])) WITH ORDINALITY AS given(slips, place)
     CROSS JOIN LATERAL (
       SELECT p.sku, p.sku_key FROM product p
        WHERE p.state = 'active' AND p.search_slips && string_to_array(given.slips, ' ')
        ORDER BY p.sku LIMIT {_CANDIDATES}) n
     ORDER BY given.place, n.sku
    """
)
