"""The life of a goods receipt, and what is wrong with a delivery or with what an inspection says. Pure.

`TRANSITIONS` is the law; docs/receiving.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.coldchain.rules import Range
from portal.kernel import lots
from portal.kernel.errors import N_, Fault
from portal.kernel.lots import LOT_MAX
from portal.stock.serial_rules import serial_faults, serial_twice

QUANTITY_MAX = 1_000_000
TEXT_MAX = 200  # characters of a name, an address, a reason
LINES_MAX = 500
SERIALS_MAX = 2_000  # of a line
NO_LOT = "-"  # the one lot of a product without lot control
CLASS_OF_TWO = 3
"""From this class on a person who received goods does not accept them: another one does."""


class ReceiptState(StrEnum):
    """Where a goods receipt stands."""

    INSPECTING = "inspecting"
    ACCEPTED = "accepted"
    PARTLY_REFUSED = "partly_refused"
    REFUSED = "refused"


TRANSITIONS = frozenset((ReceiptState.INSPECTING, end) for end in ReceiptState)
"""Every (from, to) that is possible; from inspection to itself a part of it was decided."""


def receipt_state(*, inspecting: int, accepted: int, refused: int) -> ReceiptState:
    """The state of a receipt of so many units."""
    if inspecting:
        return ReceiptState.INSPECTING
    if not refused:
        return ReceiptState.ACCEPTED
    return ReceiptState.PARTLY_REFUSED if accepted else ReceiptState.REFUSED


class PurchaseState(StrEnum):
    """How much of a purchase order has come."""

    OPEN = "open"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"


def purchase_state(lines: Collection[tuple[int, int]]) -> PurchaseState:
    """The state of a purchase order of such lines, ordered and received."""
    if all(received >= ordered for ordered, received in lines):
        return PurchaseState.RECEIVED
    return PurchaseState.PARTLY_RECEIVED if any(received for _, received in lines) else PurchaseState.OPEN


@dataclass(frozen=True, slots=True)
class Article:
    """A product as far as its receipt is judged by it. is_renewing: its certificate runs on meanwhile.

    storage_max: °C, None for goods that bear any warmth.
    """

    id: int
    sku: str
    device_class: int
    lot_controlled: bool
    serial_controlled: bool
    expiry_controlled: bool
    registration_no: str
    registration_from: date
    registration_to: date | None
    is_renewing: bool
    storage_max: Decimal | None = None

    @property
    def is_cold(self) -> bool:
        """Whether a record of its transport is asked for."""
        return Range(None, self.storage_max).is_cold

    def is_registered(self, day: date) -> bool:
        """Whether its certificate covers goods that were produced on a day."""
        if day < self.registration_from:
            return False
        return self.registration_to is None or self.is_renewing or day <= self.registration_to


@dataclass(frozen=True, slots=True)
class Delivered:
    """Units of a lot as they were delivered. serials: plain ones. inspection: accepted later, not at once.

    contract_maker, contract_maker_licence: who made them for the registrant, where the label names one.
    """

    sku: str
    lot: str
    quantity: int
    pointer: str
    expires_on: date | None = None
    produced_on: date | None = None
    serials: Sequence[str] = ()
    inspection: bool = False
    contract_maker: str = ""
    contract_maker_licence: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what deliveries are judged. shelf_days: days that a lot must have before its expiry.

    by_person: somebody receives, and no program that tells what its own warehouse has done.
    """

    today: date
    shelf_days: int
    by_person: bool


def plain_lot(typed: str, *, controlled: bool) -> str:
    """A lot number as it is kept; that of a product without lot control is always the same."""
    return lots.plain_lot(typed) if controlled else NO_LOT


def delivery_faults(line: Delivered, article: Article, terms: Terms) -> list[Fault]:
    """All that is wrong with a line by itself. Its lot is plain, its dates are those known of the lot."""
    faults = [
        *_quantity(line),
        *lot_faults(f"{line.pointer}/lot", line.lot, controlled=article.lot_controlled),
        *_dates(line, article, terms),
    ]
    faults += serial_faults(
        f"{line.pointer}/serials",
        line.sku,
        line.serials,
        units=line.quantity,
        controlled=article.serial_controlled,
    )
    if article.device_class >= CLASS_OF_TWO and terms.by_person and not line.inspection:
        message = N_("Whoever receives a device of class III does not accept it as well.")
        fix = N_("Receive it for inspection; a colleague accepts it.")
        faults.append(Fault(f"{line.pointer}/inspection", "inspection_needed", message, fix))
    elif article.is_cold and not line.inspection:
        message = N_("Cold goods cannot be accepted without a record of their transport.")
        fix = N_("Receive them for inspection, note their transport under Cold chain, then accept them.")
        faults.append(Fault(f"{line.pointer}/inspection", "cold_record_missing", message, fix))
    return faults


def repeated(lines: Sequence[Delivered]) -> list[Fault]:
    """Lots that stand on two lines, and serial numbers of one product that do."""
    faults, times = [], Counter((line.sku, line.lot) for line in lines)
    for line in lines:
        if times[line.sku, line.lot] > 1:
            message, fix = (
                N_("Lot %(lot)s of %(sku)s appears on two lines."),
                N_("Put all of its units on one line."),
            )
            about = {"lot": line.lot, "sku": line.sku}
            faults.append(Fault(f"{line.pointer}/lot", "lot_repeated", message, fix, about))
    met: dict[tuple[str, str], Delivered] = {}
    for line in lines:
        for serial in line.serials:
            if met.setdefault((line.sku, serial), line) is not line:
                faults += serial_twice(f"{line.pointer}/serials", serial)
    return faults


def _quantity(line: Delivered) -> list[Fault]:
    if 1 <= line.quantity <= QUANTITY_MAX:
        return []
    message, fix = N_("A line has 1 to %(max)s units."), N_("Enter how many units arrived.")
    return [Fault(f"{line.pointer}/quantity", "quantity_range", message, fix, {"max": QUANTITY_MAX})]


def lot_faults(pointer: str, lot: str, *, controlled: bool) -> list[Fault]:
    """What is wrong with a plain lot number."""
    if controlled and lot in ("", NO_LOT):
        message, fix = N_("The lot number is missing."), N_("Scan the label, or type the lot on it.")
        return [Fault(pointer, "lot_missing", message, fix)]
    if len(lot) > LOT_MAX or not lot.isprintable():
        message, fix = N_("A lot number has at most %(max)s characters."), N_("Scan the label again.")
        return [Fault(pointer, "lot_malformed", message, fix, {"max": LOT_MAX})]
    return []


_BACK = N_("Do not receive it: leave it with the carrier and tell the supplier.")


def _dates(line: Delivered, article: Article, terms: Terms) -> Iterable[Fault]:
    yield from _expiry(line, article, terms)
    at, produced = f"{line.pointer}/produced_on", line.produced_on
    if produced and produced > terms.today:
        message, fix = N_("It cannot have been produced after today."), N_("Read the label again.")
        yield Fault(at, "produced_later", message, fix)
    elif produced and line.expires_on and produced >= line.expires_on:
        message, fix = N_("It cannot expire before it was produced."), N_("Read both dates again.")
        yield Fault(at, "produced_after_expiry", message, fix)
    elif produced and not article.is_registered(produced):
        message = N_("Certificate %(number)s did not cover goods produced on %(day)s.")
        about = {"number": article.registration_no, "day": produced.isoformat()}
        yield Fault(at, "registration_not_valid", message, _BACK, about)
    elif not produced and not article.is_registered(terms.today):
        message = N_("Certificate %(number)s is not in force today, and the day of production is missing.")
        fix = N_("Enter the day of production: it has to lie within the term of the certificate.")
        yield Fault(at, "production_needed", message, fix, {"number": article.registration_no})


def _expiry(line: Delivered, article: Article, terms: Terms) -> Iterable[Fault]:
    pointer, expires = f"{line.pointer}/expires_on", line.expires_on
    if expires is None:
        if article.expiry_controlled:
            message, fix = N_("The expiry date is missing."), N_("Scan the label, or type the date on it.")
            yield Fault(pointer, "expiry_missing", message, fix)
    elif expires <= terms.today:
        message = N_("It expired on %(day)s.")
        yield Fault(pointer, "expired", message, _BACK, {"day": expires.isoformat()})
    elif expires <= terms.today + timedelta(days=terms.shelf_days):
        message = N_("It expires on %(day)s; goods need more than %(days)s days when they arrive.")
        yield Fault(
            pointer, "expires_soon", message, _BACK, {"day": expires.isoformat(), "days": terms.shelf_days}
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of a receipt as inspection finds it. inspecting: units about which nothing is decided yet."""

    line_no: int
    product_id: int
    sku: str
    lot_id: int
    lot_no: str
    device_class: int
    serials: Sequence[str]
    inspecting: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an inspection says of a lot: units accepted and refused, and what is wrong with the refused ones.

    refused_serials: plain ones of the refused units, of a product that has them.
    """

    sku: str
    lot: str
    accepted: int
    refused: int
    pointer: str
    reason: str = ""
    refused_serials: Sequence[str] = ()


def inspection_faults(said: Inspected, line: Waiting | None) -> list[Fault]:
    """What is wrong with a decision about a line of the receipt; None where the receipt has no such line."""
    if line is None:
        message = N_("Lot %(lot)s of %(sku)s is not on this receipt.")
        fix = N_("Choose one of the lines of the receipt.")
        return [
            Fault(f"{said.pointer}/lot", "not_received", message, fix, {"lot": said.lot, "sku": said.sku})
        ]
    faults = []
    decided = said.accepted + said.refused
    if min(said.accepted, said.refused) < 0 or not 1 <= decided <= line.inspecting:
        message = N_("Units that wait for inspection here: %(units)s.")
        fix = N_("Accept and refuse at least one and no more than these together.")
        faults.append(
            Fault(f"{said.pointer}/accepted", "units_inspected", message, fix, {"units": line.inspecting})
        )
    if said.refused > 0 and not said.reason.strip():
        message, fix = N_("It is not said why units are refused."), N_("Say what is wrong with them.")
        faults.append(Fault(f"{said.pointer}/reason", "reason_missing", message, fix))
    if len(said.reason) > TEXT_MAX:
        message, fix = N_("At most %(max)s characters."), N_("Say it shorter.")
        faults.append(Fault(f"{said.pointer}/reason", "reason_long", message, fix, {"max": TEXT_MAX}))
    return faults or _serials(said, line)


def _serials(said: Inspected, line: Waiting) -> list[Fault]:
    """Which units are refused is told by their numbers, and units that have some are decided all at once."""
    pointer = f"{said.pointer}/refused_serials"
    if not line.serials:
        return serial_faults(pointer, said.sku, said.refused_serials, units=0, controlled=False)
    if said.accepted + said.refused != line.inspecting:
        message = N_("Units with serial numbers are decided all at once: %(units)s.")
        fix = N_("Accept or refuse every one of them.")
        about = {"units": line.inspecting}
        return [Fault(f"{said.pointer}/accepted", "serials_whole", message, fix, about)]
    if faults := serial_faults(pointer, said.sku, said.refused_serials, units=said.refused, controlled=True):
        return faults
    for serial in said.refused_serials:
        if serial not in line.serials:
            message = N_("Serial number %(serial)s is not on this line.")
            return [Fault(pointer, "serial_elsewhere", message, N_("Scan it again."), {"serial": serial})]
    return []
