"""The life of a return, what may come back, and what becomes of it. Pure.

`TRANSITIONS` is the law; docs/returns.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault

NOTE_MAX = 500  # characters
LINES_MAX = 200


class ReturnState(StrEnum):
    """Where a return stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    RECEIVED = "received"
    SETTLED = "settled"


class ReturnAct(StrEnum):
    """What moves a return."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    RECEIVE = "receive"
    INSPECT = "inspect"


class ReturnReason(StrEnum):
    """Why goods come back."""

    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    WRONG_ITEM = "wrong_item"
    SHORT_DATED = "short_dated"
    SURPLUS = "surplus"
    RECALL = "recall"
    OTHER = "other"


class Disposition(StrEnum):
    """What the inspection decides about units that came back.

    Refused ones go back to the dealer and are not credited; scrap waits in quarantine to be destroyed.
    """

    SALEABLE = "saleable"
    QUARANTINE = "quarantine"
    SCRAP = "scrap"
    REFUSED = "refused"


_REACHES: Mapping[tuple[ReturnState, ReturnAct], ReturnState] = {
    (ReturnState.REQUESTED, ReturnAct.APPROVE): ReturnState.APPROVED,
    (ReturnState.REQUESTED, ReturnAct.REJECT): ReturnState.REJECTED,
    (ReturnState.REQUESTED, ReturnAct.WITHDRAW): ReturnState.WITHDRAWN,
    (ReturnState.APPROVED, ReturnAct.REJECT): ReturnState.REJECTED,
    (ReturnState.APPROVED, ReturnAct.WITHDRAW): ReturnState.WITHDRAWN,
    (ReturnState.APPROVED, ReturnAct.RECEIVE): ReturnState.RECEIVED,
    (ReturnState.RECEIVED, ReturnAct.INSPECT): ReturnState.SETTLED,
}

TRANSITIONS = frozenset((start, act, end) for (start, act), end in _REACHES.items())
"""Every (from, act, to) that is possible."""

OPEN = (ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.RECEIVED)
"""States in which units are on their way back or about to be."""


def after(state: str, act: ReturnAct) -> ReturnState:
    """The state after an act. Raises Conflict when the return does not allow it."""
    end = _REACHES.get((ReturnState(state), act))
    if end is None:
        raise Conflict(
            "return_state",
            N_("The return is not in a state that allows this."),
            fix=N_("Look at the return again: somebody may have acted on it."),
        )
    return end


@dataclass(frozen=True, slots=True)
class ShippedLot:
    """Units of one lot for one order line in a shipment. left: neither returned nor asked back."""

    line_no: int
    lot_id: int
    product_id: int
    sku: str
    lot_no: str
    left: int
    is_cold: bool
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Units of a product that a dealer wants to send back; `lot_no` may be empty where there is one."""

    sku: str
    lot_no: str
    quantity: int
    reason: str
    pointer: str
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coming:
    """Units of one order line and lot that come back."""

    line_no: int
    lot_id: int
    quantity: int
    reason: ReturnReason
    serials: tuple[str, ...] = ()


LotKey = tuple[int, int]
"""Order line and lot."""


def planned(
    asked: Sequence[Asked], shipped: Sequence[ShippedLot], *, has_temperatures: bool
) -> tuple[list[Coming], list[Fault]]:
    """Which units of a shipment come back, line by line, or every fault.

    A product that several lines of the order share comes back from the first of them. Goods of the cold chain
    come back with the record of their temperatures since the sale or not at all (GSP art. 106).
    """
    left = {(lot.line_no, lot.lot_id): lot.left for lot in shipped}
    coming: list[Coming] = []
    faults: list[Fault] = []
    if not asked:
        fix = N_("Enter a quantity for at least one line.")
        faults.append(Fault("/lines", "no_lines", N_("Nothing is to be returned yet."), fix))
    for one in asked:
        lots = [lot for lot in shipped if lot.sku == one.sku and one.lot_no in ("", lot.lot_no)]
        wrong = _faults(one, lots, left, has_temperatures)
        if wrong:
            faults.extend(wrong)
            continue
        coming.extend(_taken(one, lots, left))
    return coming, faults


def _taken(one: Asked, lots: Sequence[ShippedLot], left: dict[LotKey, int]) -> Iterable[Coming]:
    wanted, serials = one.quantity, list(one.serials)
    for lot in lots:
        units = min(wanted, left[lot.line_no, lot.lot_id])
        if units:
            left[lot.line_no, lot.lot_id] -= units
            wanted -= units
            mine = [serial for serial in serials if not lot.serials or serial in lot.serials][:units]
            serials = [serial for serial in serials if serial not in mine]
            yield Coming(lot.line_no, lot.lot_id, units, ReturnReason(one.reason), tuple(mine))


def _faults(
    one: Asked, lots: Sequence[ShippedLot], left: Mapping[LotKey, int], has_temperatures: bool
) -> list[Fault]:
    if not lots:
        message, fix = N_("The shipment holds no %(sku)s of this lot."), N_("Take a line of the shipment.")
        return [Fault(f"{one.pointer}/sku", "not_shipped", message, fix, {"sku": one.sku})]
    names = sorted({lot.lot_no for lot in lots})
    if len(names) > 1:
        message, fix = N_("%(sku)s was shipped from these lots: %(lots)s."), N_("Name one of them.")
        about = {"sku": one.sku, "lots": ", ".join(names)}
        return [Fault(f"{one.pointer}/lot", "which_lot", message, fix, about)]
    faults = []
    if one.reason not in list(ReturnReason):
        message, fix = N_("Say why the goods come back."), N_("Choose a reason.")
        faults.append(Fault(f"{one.pointer}/reason", "reason_missing", message, fix))
    most = sum(left[lot.line_no, lot.lot_id] for lot in lots)
    if not 1 <= one.quantity <= most:
        message = N_("%(left)s of lot %(lot)s can still be returned.")
        fix = N_("Enter a whole number from 1 to %(left)s.") if most else N_("Leave this line out.")
        said = {"left": most, "lot": names[0]}
        faults.append(Fault(f"{one.pointer}/quantity", "quantity_out_of_range", message, fix, said))
    if lots[0].is_cold and not has_temperatures:
        message = N_("%(sku)s is kept cold: it comes back only with its temperatures since the sale.")
        fix = N_("Attach the temperature record, or leave this line out.")
        faults.append(Fault(f"{one.pointer}/sku", "temperatures_missing", message, fix, {"sku": one.sku}))
    return faults + _serial_faults(one, lots)


def _serial_faults(one: Asked, lots: Sequence[ShippedLot]) -> list[Fault]:
    known = {serial for lot in lots for serial in lot.serials}
    if not one.serials:
        return []
    pointer = f"{one.pointer}/serials"
    unknown = [serial for serial in one.serials if known and serial not in known]
    if unknown:
        message = N_("Serial number %(serial)s is not in this shipment.")
        return [Fault(pointer, "serial_elsewhere", message, N_("Scan it again."), {"serial": unknown[0]})]
    if len(set(one.serials)) != one.quantity or len(one.serials) != one.quantity:
        message, fix = N_("Name one serial number for each unit."), N_("Scan each unit once.")
        return [Fault(pointer, "serial_count", message, fix)]
    return []


@dataclass(frozen=True, slots=True)
class Finding:
    """What the inspection says of units of one order line and lot. `pointer` says where it does."""

    line_no: int
    lot_id: int
    disposition: Disposition
    quantity: int
    pointer: str
    note: str = ""
    serials: tuple[str, ...] = ()


def inspection_faults(findings: Sequence[Finding], received: Mapping[LotKey, int]) -> list[Fault]:
    """What is wrong with an inspection: it judges every unit that was received, and no other."""
    faults = [
        Fault(
            f"{one.pointer}/quantity",
            "quantity_not_positive",
            N_("A quantity is at least 1."),
            N_("Enter 1 or more, or remove the line."),
        )
        for one in findings
        if one.quantity < 1
    ]
    faults += [
        Fault(
            f"{one.pointer}/note",
            "reason_missing",
            N_("Say what is wrong with the units."),
            N_("Enter what was found."),
        )
        for one in findings
        if one.disposition is not Disposition.SALEABLE and not one.note.strip()
    ]
    judged: Counter[LotKey] = Counter()
    for one in findings:
        judged[one.line_no, one.lot_id] += one.quantity
    places = {(one.line_no, one.lot_id): one.pointer for one in findings}
    for key in judged.keys() | received.keys():
        if judged[key] != received.get(key, 0):
            message = N_("Units received: %(received)s, judged: %(judged)s.")
            fix = N_("Judge every unit that was received.")
            about = {"received": received.get(key, 0), "judged": judged[key]}
            pointer = f"{places[key]}/quantity" if key in places else "/lines"
            faults.append(Fault(pointer, "not_all_judged", message, fix, about))
    return faults


def credited(findings: Iterable[Finding]) -> Counter[LotKey]:
    """Units that are paid back, by order line and lot: all but the refused ones."""
    units: Counter[LotKey] = Counter()
    for one in findings:
        if one.disposition is not Disposition.REFUSED:
            units[one.line_no, one.lot_id] += one.quantity
    return units
