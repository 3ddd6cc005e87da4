"""Devices of many rows at once: what there is of each, and what the rows make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.imported_rows import DeviceEntry
from portal.devices.warrant import Unit, warranties_of, warranty_rules
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.stock.lot_names import known_lots
from portal.stock.serial_rules import SerialState


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a row's device. number, holder_code: of who has it now, as far as that is in scope."""

    dealer_id: int | None = None
    product_id: int | None = None
    category_code: str = ""
    serial_controlled: bool = False
    number: str = ""
    holder_code: str = ""
    is_here: bool = False
    kept: Record | None = None
    lot: str = ""


Going = Sequence[tuple[DeviceEntry, Known]]


def known_devices(session: Session, entries: Sequence[DeviceEntry]) -> list[Known]:
    """What is known of each row's device, by three statements."""
    named = {"codes": sorted({one.dealer for one in entries}), "skus": sorted({one.sku for one in entries})}
    plain = {name: [_storable(value) for value in values] for name, values in named.items()}
    dealers, products = {}, {}
    for row in session.execute(_NAMED, plain):
        if row.kind == "dealer":
            dealers[row.code] = row
        else:
            products[row.code] = row
    units = [(products[one.sku].id, one.serial) for one in entries if one.sku in products and one.serial]
    about = {"products": [product for product, _ in units], "serials": [_storable(s) for _, s in units]}
    there = {(row.product_id, row.serial): row for row in session.execute(_THERE, about)}
    said = [(products[one.sku].id, _storable(one.lot)) for one in entries if one.sku in products and one.lot]
    lots = known_lots(session, said)
    found = []
    for one in entries:
        dealer, product = dealers.get(one.dealer), products.get(one.sku)
        kept = product and there.get((product.id, one.serial))
        found.append(
            Known(
                dealer.id if dealer else None,
                product.id if product else None,
                product.category_code if product else "",
                bool(product and product.serial_controlled),
                (kept and kept.number) or "",
                (kept and kept.holder_code) or "",
                bool(kept and kept.is_here),
                kept or None,
                lots.get((product.id, one.lot), one.lot) if product else one.lot,
            )
        )
    return found


def _storable(value: str) -> str:
    return value.replace("\0", "\ufffd")


def merged(one: DeviceEntry, there: Known) -> dict[str, Any]:
    """The columns of a device as a row leaves them: what it says, else what was there."""
    said: dict[str, Any] = {
        "lot_no": there.lot,
        "shipment_no": one.shipment,
        "hospital": one.place.hospital,
        "hospital_level": one.place.level,
        "hospital_city": one.place.city,
        "department": one.place.department,
        "installed_by": one.installed_by,
        "accepted_by": one.accepted_by,
        "produced_on": one.days["produced_on"],
        "expires_on": one.days["expires_on"],
        "shipped_on": one.days["shipped_on"],
        "installed_on": one.days["installed_on"],
        "accepted_on": one.days["accepted_on"],
    }
    if there.kept is None or not there.number:
        return said
    if there.kept.source == "shipping":  # what the shipment told stays
        said |= dict.fromkeys(("lot_no", "shipment_no", "produced_on", "expires_on", "shipped_on"))
    return {name: value or getattr(there.kept, name) for name, value in said.items()}


def changed_by(one: DeviceEntry, there: Known) -> bool:
    """Whether a row tells something new of a device that there is."""
    kept = there.kept
    if kept is None:
        return True
    if one.contract_no and one.contract_no not in kept.contracts:
        return True
    return any(value != getattr(kept, name) for name, value in merged(one, there).items())


def write_devices(
    session: Session, *, actor: Actor, going: Going, today: date, at: datetime, document: str
) -> Mapping[int, str]:
    """Make and change the devices of rows; the number of each by its row, none where it could not be made."""
    if not going:
        return {}
    columns = _columns(session, going, today)
    told = {"at": at, "document": document, "label": actor.label}
    session.execute(_CHANGE, columns | told)
    written = {(row.product_id, row.serial): row.number for row in session.execute(_MAKE, columns | told)}
    _contracts(session, going, told)
    return {one.row: there.number or written.get((there.product_id, one.serial), "") for one, there in going}


def _columns(session: Session, going: Going, today: date) -> dict[str, list[Any]]:
    values = [merged(one, there) for one, there in going]
    units = [
        Unit(there.product_id or 0, there.category_code, value["shipped_on"], value["installed_on"])
        for value, (_, there) in zip(values, going, strict=True)
    ]
    warranties = warranties_of(warranty_rules(session), units)
    return {
        **{f"{name}s": [value[name] for value in values] for name in values[0]},
        "numbers": [there.number or numbering.new_number("DV", today) for _, there in going],
        "is_new": [not there.number for _, there in going],
        "dealers": [there.dealer_id for _, there in going],
        "products": [there.product_id for _, there in going],
        "serials": [one.serial for one, _ in going],
        "firsts": [one.first for one in warranties],
        "lasts": [one.last for one in warranties],
    }


def _contracts(session: Session, going: Going, told: Mapping[str, Any]) -> None:
    named = [(one, there) for one, there in going if one.contract_no]
    if not named:
        return
    session.execute(
        _CONTRACTS,
        {
            "products": [there.product_id for _, there in named],
            "serials": [one.serial for one, _ in named],
            "dealers": [there.dealer_id for _, there in named],
            "contract_nos": [one.contract_no for one, _ in named],
            "firsts": [one.days["contract_from"] for one, _ in named],
            "lasts": [one.days["contract_to"] for one, _ in named],
            **told,
        },
    )


_HERE = ", ".join(f"'{state}'" for state in SerialState if state is not SerialState.SHIPPED)
_NAMED = text(
    """
    SELECT 'dealer' AS kind, code, id, '' AS category_code, false AS serial_controlled FROM dealer
     WHERE code = ANY (CAST(:codes AS text[]))
     UNION ALL
    SELECT 'product', sku, id, category_code, serial_controlled FROM product
     WHERE sku = ANY (CAST(:skus AS text[]))
    """
)
_THERE = text(
    f"""
    SELECT n.product_id, n.serial, d.number, c.code AS holder_code, d.source, d.lot_no, d.shipment_no,
           d.hospital, d.hospital_level, d.hospital_city, d.department, d.installed_by, d.accepted_by,
           d.produced_on, d.expires_on, d.shipped_on, d.installed_on, d.accepted_on,
           coalesce(u.state IN ({_HERE}), false) AS is_here,
           ARRAY(SELECT s.contract_no FROM service_contract s
                  WHERE (s.dealer_id, s.device_id) = (d.dealer_id, d.id)) AS contracts
      FROM (SELECT DISTINCT * FROM unnest(CAST(:products AS bigint[]), CAST(:serials AS text[]))
                                     AS n(product_id, serial)) n
      LEFT JOIN device d ON d.product_id = n.product_id AND d.serial = n.serial AND d.held_until IS NULL
      LEFT JOIN dealer c ON c.id = d.dealer_id
      LEFT JOIN serial_unit u ON u.product_id = n.product_id AND u.serial = n.serial
    """
)
_ROWS = """
unnest(CAST(:numbers AS text[]), CAST(:is_new AS boolean[]), CAST(:dealers AS bigint[]),
       CAST(:products AS bigint[]), CAST(:serials AS text[]), CAST(:lot_nos AS text[]),
       CAST(:shipment_nos AS text[]), CAST(:hospitals AS text[]), CAST(:hospital_levels AS text[]),
       CAST(:hospital_citys AS text[]), CAST(:departments AS text[]), CAST(:installed_bys AS text[]),
       CAST(:accepted_bys AS text[]), CAST(:produced_ons AS date[]), CAST(:expires_ons AS date[]),
       CAST(:shipped_ons AS date[]), CAST(:installed_ons AS date[]), CAST(:accepted_ons AS date[]),
       CAST(:firsts AS date[]), CAST(:lasts AS date[]))
  AS r(number, is_new, dealer_id, product_id, serial, lot_no, shipment_no, hospital, hospital_level,
       hospital_city, department, installed_by, accepted_by, produced_on, expires_on, shipped_on,
       installed_on, accepted_on, first, last)
"""
_CHANGE = text(
    f"""
    WITH changed AS (
      UPDATE device d
         SET lot_no = r.lot_no, shipment_no = r.shipment_no, hospital = r.hospital,
             hospital_level = r.hospital_level, hospital_city = r.hospital_city, department = r.department,
             installed_by = r.installed_by, accepted_by = r.accepted_by, produced_on = r.produced_on,
             expires_on = r.expires_on, shipped_on = r.shipped_on, installed_on = r.installed_on,
             accepted_on = r.accepted_on, warranty_from = r.first, warranty_to = r.last,
             revision = d.revision + 1,
             state = CASE WHEN d.state = 'shipped' AND r.installed_on IS NOT NULL THEN 'installed'
                          ELSE d.state END
        FROM {_ROWS}
       WHERE NOT r.is_new AND d.dealer_id = r.dealer_id AND d.number = r.number AND d.held_until IS NULL
      RETURNING d.dealer_id, d.id
    )
    INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, by_label)
    SELECT dealer_id, id, 'imported', :at, :document, :label FROM changed
    """
)
_MAKE = text(
    f"""
    WITH made AS (
      INSERT INTO device (dealer_id, number, product_id, serial, lot_no, produced_on, expires_on, source,
                          shipment_no, shipped_on, held_from, state, hospital, hospital_level, hospital_city,
                          department, installed_on, installed_by, accepted_on, accepted_by, warranty_from,
                          warranty_to)
      SELECT r.dealer_id, r.number, r.product_id, r.serial, r.lot_no, r.produced_on, r.expires_on, 'import',
             r.shipment_no, r.shipped_on, :at,
             CASE WHEN r.installed_on IS NULL THEN 'shipped' ELSE 'installed' END, r.hospital,
             r.hospital_level, r.hospital_city, r.department, r.installed_on, r.installed_by, r.accepted_on,
             r.accepted_by, r.first, r.last
        FROM {_ROWS} WHERE r.is_new
      ON CONFLICT DO NOTHING RETURNING dealer_id, id, number, product_id, serial
    ), told AS (
      INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, by_label)
      SELECT dealer_id, id, 'imported', :at, :document, :label FROM made
    )
    SELECT number, product_id, serial FROM made
    """
)
_CONTRACTS = text(
    """
    WITH added AS (
      INSERT INTO service_contract (dealer_id, device_id, contract_no, from_day, to_day, entered_at,
                                    entered_by_label)
      SELECT d.dealer_id, d.id, n.contract_no, n.first, n.last, :at, :label
        FROM unnest(CAST(:products AS bigint[]), CAST(:serials AS text[]), CAST(:dealers AS bigint[]),
                    CAST(:contract_nos AS text[]), CAST(:firsts AS date[]), CAST(:lasts AS date[]))
             AS n(product_id, serial, dealer_id, contract_no, first, last)
        JOIN device d ON d.product_id = n.product_id AND d.serial = n.serial AND d.held_until IS NULL
         AND d.dealer_id = n.dealer_id
      ON CONFLICT DO NOTHING RETURNING dealer_id, device_id, to_day, contract_no
    ), told AS (
      INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, text, by_label)
      SELECT dealer_id, device_id, 'contract', :at, contract_no, :document, :label FROM added
    )
    UPDATE device d SET contract_to = greatest(d.contract_to, a.to_day) FROM added a
     WHERE (d.dealer_id, d.id) = (a.dealer_id, a.device_id)
    """
)
