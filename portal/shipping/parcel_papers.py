"""The papers of a parcel made from what is known of it, in Chinese or English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from portal.catalogue.unit_rules import in_english
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.formats import in_zone
from portal.shipping.papers import delivery_note, labels, packing_list, pick_sheet
from portal.shipping.papers.delivery_note import DeliveryNote, NotedLine
from portal.shipping.papers.labels import LABELS_MAX, Label
from portal.shipping.papers.packing_list import PackageSheet, PackedLine, PackingList
from portal.shipping.papers.pick_sheet import PickedFrom, PickSheet
from portal.shipping.papers.symbol import elements_of
from portal.shipping.papers.wording import LOCALES, words_of
from portal.shipping.parcel_sheet import ParcelSheet, SheetLine
from portal.shipping.seller import Seller
from portal.shipping.waves import WaveRow, WaveUnits


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF with the name it is saved under."""

    filename: str
    content: bytes


def delivery_note_of(
    sheet: ParcelSheet,
    seller: Seller,
    *,
    reviewers: Sequence[str],
    sign_at: str = "",
    copy: int,
    locale: str,
    at: datetime,
) -> Paper:
    """The delivery note of a parcel that has left; copy: 1 for the first print. sign_at: an address."""
    say = _Saying(locale)
    assert sheet.shipped_on is not None  # it has left
    note = DeliveryNote(
        locale=say.locale,
        number=sheet.number,
        supplier=say.names(seller.name_zh, seller.name_en),
        supplier_address=seller.address,
        supplier_credit_code=seller.credit_code,
        seal_name=seller.name_zh or seller.name_en,
        seal_picture=seller.seal_picture,
        consignee=say.names(sheet.dealer_zh, sheet.dealer_en),
        dealer_code=sheet.dealer_code,
        address=_address(sheet),
        contact=_contact(sheet),
        order_no=sheet.order_number,
        own_order_no=sheet.purchase_order_no,
        shipped_on=sheet.shipped_on,
        carrier=sheet.carrier,
        waybill=sheet.tracking_no,
        shipped_from=f"{say.name(sheet.warehouse_zh, sheet.warehouse_en)} {sheet.warehouse_address}",
        packages=len(sheet.packages),
        reviewers=reviewers,
        sign_at=sign_at,
        copy=copy,
        printed_at=in_zone(at, seller.zone),
        lines=[_noted(line, say) for line in sheet.lines],
    )
    stream = BytesIO()
    delivery_note.render(note, stream)
    return Paper(f"{sheet.number}-{say.locale}.pdf", stream.getvalue())


def pick_list_of(sheet: ParcelSheet, seller: Seller, *, locale: str, at: datetime) -> Paper:
    """What to take for one parcel, by bin."""
    say = _Saying(locale)
    facts = [
        ("parcel_no", sheet.number),
        ("order_no", sheet.order_number),
        ("addressee", say.name(sheet.dealer_zh, sheet.dealer_en)),
        ("warehouse", say.name(sheet.warehouse_zh, sheet.warehouse_en)),
        ("wave_no", sheet.wave or ""),
    ]
    rows = [
        PickedFrom(
            location=line.location,
            sku=line.sku,
            name=say.name(line.name_zh, line.name_en),
            specification=line.specification,
            lot_no=line.lot_no,
            expires_on=line.expires_on,
            quantity=line.quantity,
            unit=say.unit(line.unit, line.quantity),
        )
        for line in sheet.lines
    ]
    return _picked(say, seller, sheet.number, facts, rows, at)


def wave_list_of(
    wave: WaveRow, units: Sequence[WaveUnits], seller: Seller, *, locale: str, at: datetime
) -> Paper:
    """What to take for all parcels of a wave, summed by bin and lot, with what each parcel gets of it."""
    say = _Saying(locale)
    rows: dict[tuple[str, str, str], PickedFrom] = {}
    for unit in units:
        key = (unit.location, unit.sku, unit.lot_no)
        known = rows.get(key)
        rows[key] = PickedFrom(
            location=unit.location,
            sku=unit.sku,
            name=say.name(unit.name_zh, unit.name_en),
            specification=unit.specification,
            lot_no=unit.lot_no,
            expires_on=unit.expires_on,
            quantity=unit.quantity + (known.quantity if known else 0),
            unit=say.unit(unit.unit, unit.quantity),
            parcels=[*(known.parcels if known else ()), f"{unit.parcel} × {unit.quantity:,}"],
        )
    facts = [
        ("wave_no", wave.number),
        ("warehouse", say.name(wave.warehouse_zh, wave.warehouse_en)),
        ("parcels", str(len({unit.parcel for unit in units}))),
    ]
    return _picked(say, seller, wave.number, facts, list(rows.values()), at)


def packing_list_of(sheet: ParcelSheet, seller: Seller, *, locale: str, at: datetime) -> Paper:
    """A page for each package; one for all, where nobody has packed it yet."""
    say = _Saying(locale)
    packing = PackingList(
        locale=say.locale,
        number=sheet.number,
        company=say.names(seller.name_zh, seller.name_en),
        consignee=say.names(sheet.dealer_zh, sheet.dealer_en),
        address=_address(sheet),
        contact=_contact(sheet),
        order_no=sheet.order_number,
        printed_at=in_zone(at, seller.zone),
        packages=_packages(sheet, say),
    )
    stream = BytesIO()
    packing_list.render(packing, stream)
    return Paper(f"{sheet.number}-packing-{say.locale}.pdf", stream.getvalue())


def labels_of(sheet: ParcelSheet, *, of_packages: bool, locale: str, at: datetime) -> Paper:
    """A label for each unit, or for each package. Raises Invalid for more than `LABELS_MAX`."""
    say = _Saying(locale)
    units = sum(len(line.serials) or line.quantity for line in sheet.lines)
    count = len(sheet.packages) if of_packages else units
    if count > LABELS_MAX:
        message = N_("A file holds at most %(max)s labels; these are %(count)s.")
        about = {"max": LABELS_MAX, "count": count}
        fault = Fault("/labels", "too_many_labels", message, N_("Print those of the packages."), about)
        raise Invalid(faults=[fault])
    made = _package_labels(sheet, say) if of_packages else _unit_labels(sheet, say)
    stream = BytesIO()
    labels.render(made, stream, title=sheet.number, created=at, locale=say.locale)
    kind = "packages" if of_packages else "units"
    return Paper(f"{sheet.number}-{kind}.pdf", stream.getvalue())


class _Saying:
    """Names, units and words in the language of a paper; Chinese for one that none is printed in."""

    def __init__(self, locale: str) -> None:
        self.locale = locale if locale in LOCALES else LOCALES[0]
        self.words = words_of(self.locale, "delivery_note")

    def name(self, chinese: str, english: str) -> str:
        return (chinese or english) if self.locale == "zh" else (english or chinese)

    def names(self, chinese: str, english: str) -> tuple[str, str]:
        first = self.name(chinese, english)
        other = english if self.locale == "zh" else chinese
        return first, "" if other == first else other

    def unit(self, word: str, count: int) -> str:
        return word if self.locale == "zh" else in_english(word, count)


def _picked(
    say: _Saying,
    seller: Seller,
    number: str,
    facts: Sequence[tuple[str, str]],
    rows: Sequence[PickedFrom],
    at: datetime,
) -> Paper:
    pick = PickSheet(
        locale=say.locale,
        number=number,
        company=say.names(seller.name_zh, seller.name_en),
        facts=facts,
        printed_at=in_zone(at, seller.zone),
        rows=rows,
    )
    stream = BytesIO()
    pick_sheet.render(pick, stream)
    return Paper(f"{number}-pick-{say.locale}.pdf", stream.getvalue())


def _address(sheet: ParcelSheet) -> str:
    to = sheet.ship_to
    province, city = to.get("province", ""), to.get("city", "")
    return " ".join(filter(None, (province, "" if city == province else city, to.get("line", ""))))


def _contact(sheet: ParcelSheet) -> str:
    return f"{sheet.ship_to.get('contact', '')} {sheet.ship_to.get('phone', '')}".strip()


def _noted(line: SheetLine, say: _Saying) -> NotedLine:
    return NotedLine(
        sku=line.sku,
        name=say.name(line.name_zh, line.name_en),
        specification=line.specification,
        registration_no=line.registration_no,
        registrant=line.maker,
        lot_no=line.lot_no,
        serials=line.serials,
        produced_on=line.produced_on,
        expires_on=line.expires_on,
        quantity=line.quantity,
        unit=say.unit(line.unit, line.quantity),
        storage=say.name(line.storage_zh, line.storage_en),
    )


def _packages(sheet: ParcelSheet, say: _Saying) -> list[PackageSheet]:
    lines = {(line.line_no, line.lot_no): line for line in sheet.lines}
    if not sheet.packages:
        whole = [_packed(line, line.quantity, say) for line in sheet.lines]
        return [PackageSheet(1, "not_packed", "", "", whole)]
    return [
        PackageSheet(
            box.number,
            box.kind,
            weight_text(box.weight_g),
            box.sscc,
            [_packed(lines[key], units, say) for key, units in box.units.items()],
        )
        for box in sheet.packages
    ]


def weight_text(grams: int | None) -> str:
    """Kilograms as they are printed; empty where nobody weighed."""
    return "" if grams is None else f"{grams / 1000:,.3f}".rstrip("0").rstrip(".") + " kg"


def _packed(line: SheetLine, units: int, say: _Saying) -> PackedLine:
    return PackedLine(
        line.sku,
        say.name(line.name_zh, line.name_en),
        line.specification,
        line.registration_no,
        line.lot_no,
        line.expires_on,
        units,
        say.unit(line.unit, units),
    )


def _unit_labels(sheet: ParcelSheet, say: _Saying) -> list[Label]:
    """A label for each unit; of a product with serials, one for each that is known."""
    made = []
    for line in sheet.lines:
        serials = line.serials or [""] * line.quantity
        made += [_unit_label(line, serial, say) for serial in serials]
    return made


def _unit_label(line: SheetLine, serial: str, say: _Saying) -> Label:
    lot = line.lot_no if line.lot_no != "-" else ""
    expiry = say.words["expires"] % {"day": line.expires_on} if line.expires_on else ""
    facts = [
        line.specification,
        line.registration_no,
        f"{say.words['lot']} {lot}" if lot else "",
        f"{say.words['serials']} {serial}" if serial else "",
        expiry,
        say.name(line.storage_zh, line.storage_en),
        line.maker,
    ]
    elements = elements_of(line.udi_di, expires_on=line.expires_on, lot=lot, serial=serial)
    return Label(say.name(line.name_zh, line.name_en), [fact for fact in facts if fact], elements)


def _package_labels(sheet: ParcelSheet, say: _Saying) -> list[Label]:
    """A label for each package: its own number where it has one, else what it holds if that is one lot."""
    lines = {(line.line_no, line.lot_no): line for line in sheet.lines}
    made = []
    for box in sheet.packages:
        words = say.words["box"] % {"number": box.number, "packages": len(sheet.packages)}
        units = sum(box.units.values())
        facts = [
            f"{say.words['parcel_no']} {sheet.number}",
            f"{say.words['order_no']} {sheet.order_number}",
            f"{words} · {say.words[box.kind]}",
            weight_text(box.weight_g),
            f"{say.words['total']} {units:,}",
            f"{_address(sheet)} {_contact(sheet)}",
        ]
        (key, *others) = box.units
        line = lines[key]
        elements = (
            [("00", box.sscc)]
            if box.sscc
            else elements_of(line.udi_di, expires_on=line.expires_on, lot=line.lot_no)
            if not others and line.lot_no != "-"
            else ()
        )
        title = say.name(sheet.dealer_zh, sheet.dealer_en)
        made.append(Label(title, [fact for fact in facts if fact], elements))
    return made
