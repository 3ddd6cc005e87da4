"""What a purchase order or a receipt names: the warehouse, the supplier, the products."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault
from portal.kernel.lots import key_sql, meant
from portal.receiving.rules import Article


def warehouse_named(session: Session, code: str, faults: list[Fault]) -> int:
    """The id of a warehouse; 0, with the fault added, for none of ours."""
    message, fix = N_("There is no such warehouse."), N_("Choose one of the warehouses.")
    return _named(session, _WAREHOUSE, code, Fault("/warehouse", "unknown_warehouse", message, fix), faults)


def supplier_named(session: Session, code: str, faults: list[Fault]) -> int:
    """The id of a supplier; 0, with the fault added, for one nobody has written down."""
    message, fix = N_("There is no such supplier."), N_("Write the supplier down first.")
    return _named(session, _SUPPLIER, code, Fault("/supplier", "unknown_supplier", message, fix), faults)


def articles_named(session: Session, skus: Sequence[str], faults: list[Fault]) -> dict[str, Article]:
    """Products by SKU; one that is unknown is absent, with a fault for each line that names it."""
    found = {
        row.sku: Article(**row._mapping) for row in session.execute(_ARTICLES, {"skus": sorted(set(skus))})
    }
    for place, sku in enumerate(skus):
        if sku not in found:
            message, fix = N_("There is no product %(sku)s."), N_("Scan the label, or check the SKU.")
            faults.append(Fault(f"/lines/{place}/sku", "unknown_sku", message, fix, {"sku": sku}))
    return found


def known_dates(session: Session, lots: Collection[tuple[int, str]]) -> dict[tuple[int, str], Any]:
    """What is known of lots already, by product and what was typed of them: rows with lot_no, produced_on and
    expires_on.
    """
    columns = {"products": [product for product, _ in lots], "lot_nos": [lot_no for _, lot_no in lots]}
    alike: dict[tuple[int, str], list[tuple[str, Any]]] = {}
    for row in session.execute(_DATES, columns):
        alike.setdefault((row.product_id, row.said), []).append((row.lot_no, row))
    found = {name: meant(name[1], rows) for name, rows in alike.items()}
    return {name: rows[0] for name, rows in found.items() if rows}


def _named(session: Session, statement: TextClause, code: str, fault: Fault, faults: list[Fault]) -> int:
    found: int | None = session.scalar(statement, {"code": code.strip()})
    if found is None:
        faults.append(fault)
    return found or 0


_WAREHOUSE = text("SELECT id FROM warehouse WHERE code = :code")
_SUPPLIER = text("SELECT id FROM supplier WHERE code = :code")
_ARTICLES = text(
    """
    SELECT id, sku, device_class, lot_controlled, serial_controlled, expiry_controlled, registration_no,
           registration_from, registration_to, registration_renewal_asked_on IS NOT NULL AS is_renewing,
           storage_max
      FROM product WHERE sku = ANY (CAST(:skus AS text[]))
    """
)
_DATES = text(
    f"""
    SELECT DISTINCT n.lot_no AS said, l.product_id, l.lot_no, l.produced_on, l.expires_on
      FROM lot l
      JOIN unnest(CAST(:products AS bigint[]), CAST(:lot_nos AS text[])) AS n(product_id, lot_no)
        ON l.product_id = n.product_id AND {key_sql("l.lot_no")} = {key_sql("n.lot_no")}
    """
)
