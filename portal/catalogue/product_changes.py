"""Products in force and what is proposed for them, as the verbs read and lock them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.change_life import ChangeAct, ChangeState, after
from portal.catalogue.product_faults import Surroundings, product_faults, sku_faults
from portal.catalogue.product_fields import Document, ProductFields, from_json
from portal.catalogue.vocabulary import DocumentKind
from portal.kernel.db import value_of
from portal.kernel.errors import Fault, NotFound
from portal.kernel.searching import folded


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is locked. state: what it is after the act it was locked for."""

    id: int
    number: str
    sku: str
    state: ChangeState
    authors: tuple[str, ...]
    fields: ProductFields


def plain_sku(sku: str) -> str:
    """A SKU as it is stored."""
    return folded(sku).strip().upper()


def in_force(session: Session, skus: Sequence[str]) -> dict[str, ProductFields]:
    """Products that there are, by SKU, as they are now."""
    rows = session.execute(_IN_FORCE, {"skus": list(skus)})
    return {
        row.sku: value_of(
            ProductFields,
            row,
            documents=tuple(Document(DocumentKind(kind), file) for kind, file in row.documents or ()),
        )
        for row in rows
    }


def lock_change(session: Session, *, number: str, act: ChangeAct) -> Change:
    """Lock a change for an act. Raises NotFound, and Conflict where its life has no such way."""
    row = session.execute(_LOCK, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return Change(
        row.id,
        row.number,
        row.sku,
        after(row.state, act),
        tuple(row.authors),
        from_json(row.proposed),
    )


def lock_changes(session: Session, numbers: Sequence[str]) -> None:
    """Lock changes that are acted on one after the other, so that no two acts wait crosswise."""
    session.execute(_LOCK_ALL, {"numbers": list(numbers)})


def faults_of(session: Session, sku: str, of: ProductFields, today: date) -> list[Fault]:
    """Everything that stands against a product as it is proposed, at ``/<field>``."""
    return many_faults(session, {sku: of}, today)[sku]


def many_faults(
    session: Session, proposed: Mapping[str, ProductFields], today: date
) -> dict[str, list[Fault]]:
    """The same of any number of products, in three statements."""
    before = in_force(session, list(proposed))
    categories = {one.category_code for one in proposed.values()}
    known = set(session.execute(_CATEGORIES, {"codes": list(categories)}).scalars())
    numbers = {number for one in proposed.values() for number in numbers_of(one)}
    holders: dict[str, set[str]] = {}
    for row in session.execute(_HOLDERS, {"numbers": list(numbers)}):
        holders.setdefault(row.number, set()).add(row.sku)
    return {sku: _judged(sku, one, before.get(sku), known, holders, today) for sku, one in proposed.items()}


def numbers_of(of: ProductFields) -> Iterable[str]:
    """Every GTIN that a product is to have, of its own and of its packages."""
    return [one for one in (of.udi_di, of.inner_gtin, of.case_gtin, of.pallet_gtin) if one]


def _judged(
    sku: str,
    of: ProductFields,
    before: ProductFields | None,
    categories: set[str],
    holders: Mapping[str, set[str]],
    today: date,
) -> list[Fault]:
    taken = {number for number in numbers_of(of) if holders.get(number, set()) - {sku}}
    faults = product_faults(of, Surroundings(before, categories, taken, today))
    return faults if before else [*sku_faults(sku), *faults]


_PACKAGED = frozenset(
    f"{level}_{what}" for level in ("inner", "case", "pallet") for what in ("gtin", "units")
)
_ELSEWHERE = _PACKAGED | {"documents"}
_COLUMNS = ", ".join(f"p.{one.name}" for one in fields(ProductFields) if one.name not in _ELSEWHERE)

_IN_FORCE = text(
    f"""
    SELECT p.sku, {_COLUMNS},
           coalesce(i.gtin, '') AS inner_gtin, i.units AS inner_units,
           coalesce(c.gtin, '') AS case_gtin, c.units AS case_units,
           coalesce(l.gtin, '') AS pallet_gtin, l.units AS pallet_units,
           (SELECT json_agg(json_build_array(d.kind, d.file_id) ORDER BY d.place)
              FROM product_document d WHERE d.product_id = p.id) AS documents
      FROM product p
      LEFT JOIN product_package i ON (i.product_id, i.level) = (p.id, 'inner')
      LEFT JOIN product_package c ON (c.product_id, c.level) = (p.id, 'case')
      LEFT JOIN product_package l ON (l.product_id, l.level) = (p.id, 'pallet')
     WHERE p.sku = ANY (:skus)
    """
)
_LOCK = text(
    "SELECT id, number, sku, state, authors, proposed FROM product_change WHERE number = :number FOR UPDATE"
)
_LOCK_ALL = text("SELECT FROM product_change WHERE number = ANY (:numbers) ORDER BY id FOR UPDATE")
_CATEGORIES = text("SELECT code FROM category WHERE code = ANY (:codes)")
_HOLDERS = text(
    """
    SELECT udi_di AS number, sku FROM product WHERE udi_di = ANY (:numbers)
    UNION ALL
    SELECT k.gtin, p.sku FROM product_package k JOIN product p ON p.id = k.product_id
     WHERE k.gtin = ANY (:numbers)
    """
)
