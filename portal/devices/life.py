"""One device with all that is known of it: its holders, what happened to it, its parts and contracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.devices.rules import masked_hospital
from portal.devices.warranty_rules import Warranty, WarrantyStand, stand_of
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound

EVENTS_MAX = 500  # the latest ones that a page shows


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has the unit, or had it."""

    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    shipment_no: str
    shipped_on: date | None
    held_from: datetime
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event. number: of the device at the dealer with whom it happened."""

    number: str
    kind: str
    at: datetime
    document_no: str
    text: str
    by_label: str


@dataclass(frozen=True, slots=True)
class ReportRow:
    """An installation report. hospital and whoever accepted are empty for who may not see hospitals."""

    number: str
    hospital: str
    hospital_level: str
    hospital_city: str
    department: str
    installed_on: date
    installed_by: str
    accepted_on: date | None
    accepted_by: str
    signature: list[list[int]] | None
    note: str
    filed_at: datetime
    filed_by_label: str

    @property
    def place(self) -> tuple[str, str]:
        """The hospital's name, or what hides it, in Chinese and English."""
        if self.hospital:
            return self.hospital, self.hospital
        return masked_hospital(self.hospital_level, self.hospital_city)


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part that was replaced."""

    replaced_on: date
    part: str
    quantity: int
    serial_out: str
    serial_in: str
    document_no: str
    entered_by_label: str


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A service contract."""

    contract_no: str
    from_day: date
    to_day: date
    covers: str


@dataclass(frozen=True, slots=True)
class DeviceDetail:
    """A device with its life. udi: as its label writes it."""

    id: int
    dealer_id: int
    number: str
    product_id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    registration_no: str
    udi_di: str
    serial: str
    lot_no: str
    produced_on: date | None
    expires_on: date | None
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    state: str
    revision: int
    source: str
    shipment_no: str
    shipped_on: date | None
    held_until: datetime | None
    has_hospital: bool
    hospital: str
    hospital_level: str
    hospital_city: str
    department: str
    installed_on: date | None
    installed_by: str
    accepted_on: date | None
    accepted_by: str
    warranty_from: date | None
    warranty_to: date | None
    contract_to: date | None
    uses: int
    today: date
    holders: tuple[Holder, ...] = ()
    events: tuple[Happened, ...] = ()
    reports: tuple[ReportRow, ...] = ()
    parts: tuple[PartRow, ...] = ()
    contracts: tuple[ContractRow, ...] = ()

    @property
    def stand(self) -> WarrantyStand:
        """How it stands today."""
        return stand_of(Warranty(self.warranty_from, self.warranty_to), self.contract_to, on=self.today)

    @property
    def place(self) -> tuple[str, str]:
        """Its hospital's name, or what hides it, in Chinese and English; empty where it has none."""
        if not self.has_hospital or self.hospital:
            return self.hospital, self.hospital
        return masked_hospital(self.hospital_level, self.hospital_city)

    @property
    def udi(self) -> str:
        """Device identifier and production identifiers, with their application identifiers."""
        parts = [("01", self.udi_di), ("10", "" if self.lot_no == "-" else self.lot_no), ("21", self.serial)]
        for identifier, day in (("11", self.produced_on), ("17", self.expires_on)):
            parts.append((identifier, f"{day:%y%m%d}" if day else ""))
        return "".join(f"({identifier}){value}" for identifier, value in sorted(parts) if value)


def device_of(session: Session, number: str, *, sees: bool) -> DeviceDetail:
    """A device with its whole life, as far as it is in scope: a dealer sees only what was its own.

    Six statements. Raises NotFound.
    """
    row = session.execute(_HEAD, {"number": number, "sees": sees}).one_or_none()
    if row is None:
        raise NotFound()
    head = value_of(DeviceDetail, row, holders=(), events=(), reports=(), parts=(), contracts=())
    unit = {"product_id": head.product_id, "serial": head.serial}
    mine = {"dealer_id": head.dealer_id, "device_id": head.id}
    events = session.execute(_EVENTS, {**unit, "limit": EVENTS_MAX})
    return replace(
        head,
        holders=tuple(_of(Holder, session.execute(_HOLDERS, unit))),
        events=tuple(_of(Happened, events)),
        reports=tuple(_of(ReportRow, session.execute(_REPORTS, {**mine, "sees": sees}))),
        parts=tuple(_of(PartRow, session.execute(_PARTS, mine))),
        contracts=tuple(_of(ContractRow, session.execute(_CONTRACTS, mine))),
    )


def _of(kind: Any, rows: Any) -> Iterator[Any]:
    return (kind(**row._mapping) for row in rows)


_HEAD = text(
    """
    SELECT d.id, d.dealer_id, d.number, d.product_id, p.sku, p.name_zh, p.name_en, p.specification,
           p.registration_no, p.udi_di, d.serial, d.lot_no, d.produced_on, d.expires_on,
           c.code AS dealer_code, c.name_zh AS dealer_zh, c.name_en AS dealer_en, d.state, d.revision,
           d.source, d.shipment_no, d.shipped_on, d.held_until, d.hospital <> '' AS has_hospital,
           CASE WHEN :sees THEN d.hospital ELSE '' END AS hospital, d.hospital_level, d.hospital_city,
           d.department, d.installed_on, d.installed_by, d.accepted_on,
           CASE WHEN :sees THEN d.accepted_by ELSE '' END AS accepted_by, d.warranty_from, d.warranty_to,
           d.contract_to, d.uses, app_today() AS today
      FROM device d JOIN product p ON p.id = d.product_id JOIN dealer c ON c.id = d.dealer_id
     WHERE d.number = :number
    """
)
_HOLDERS = text(
    """
    SELECT d.number, c.code AS dealer_code, c.name_zh AS dealer_zh, c.name_en AS dealer_en, d.shipment_no,
           d.shipped_on, d.held_from, d.held_until
      FROM device d JOIN dealer c ON c.id = d.dealer_id
     WHERE d.product_id = :product_id AND d.serial = :serial ORDER BY d.held_from DESC, d.id DESC
    """
)
_EVENTS = text(
    """
    SELECT d.number, e.kind, e.at, e.document_no, e.text, e.by_label
      FROM device d JOIN device_event e ON (e.dealer_id, e.device_id) = (d.dealer_id, d.id)
     WHERE d.product_id = :product_id AND d.serial = :serial ORDER BY e.at DESC, e.id DESC LIMIT :limit
    """
)
_REPORTS = text(
    """
    SELECT number, CASE WHEN :sees THEN hospital ELSE '' END AS hospital, hospital_level, hospital_city,
           department, installed_on, installed_by, accepted_on,
           CASE WHEN :sees THEN accepted_by ELSE '' END AS accepted_by,
           CASE WHEN :sees THEN signature END AS signature, CASE WHEN :sees THEN note ELSE '' END AS note,
           filed_at, filed_by_label
      FROM installation_report WHERE dealer_id = :dealer_id AND device_id = :device_id ORDER BY id DESC
    """
)
_PARTS = text(
    """
    SELECT replaced_on, part, quantity, serial_out, serial_in, document_no, entered_by_label
      FROM device_part WHERE dealer_id = :dealer_id AND device_id = :device_id
     ORDER BY replaced_on DESC, id DESC
    """
)
_CONTRACTS = text(
    """
    SELECT contract_no, from_day, to_day, covers FROM service_contract
     WHERE dealer_id = :dealer_id AND device_id = :device_id ORDER BY to_day DESC, id DESC
    """
)
