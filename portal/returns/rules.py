"""The life of a return, what may come back, and what becomes of it. Pure.

`TRANSITIONS` is the law; docs/returns.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.lots import spelled
from portal.kernel.printable import print_faults
from portal.stock.serial_rules import plain_serials, serial_faults

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


class Remedy(StrEnum):
    """What the dealer wants for goods that come back: its money, or the same product again."""

    CREDIT = "credit"
    EXCHANGE = "exchange"


class Evidence(StrEnum):
    """What the record of their temperatures says of cold goods. Only quality accepts what is doubtful."""

    NOT_NEEDED = "not_needed"
    SOUND = "sound"
    DOUBTFUL = "doubtful"
    ACCEPTED = "accepted"


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


LotKey = tuple[int, int]
"""Order line and lot."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Units of a lot that an order line has left. serials: what they left with, none where nobody knows."""

    key: LotKey
    left: int
    serials: Collection[str] = ()


Portions = dict[LotKey, tuple[int, tuple[str, ...]]]
"""Units and their serials, by order line and lot."""


def portions(units: int, serials: Sequence[str], holders: Sequence[Holder]) -> Portions:
    """Units of one lot, at most what the holders have left, by order line.

    A unit that is named goes to the line that it left with, and is left out where that has none left; others
    go to the first line first.
    """
    shares: dict[LotKey, list[str]] = {one.key: [] for one in holders}
    for serial in serials:
        its_own = [one for one in holders if serial in one.serials]
        for one in its_own or [one for one in holders if not one.serials]:
            if len(shares[one.key]) < one.left:
                shares[one.key].append(serial)
                break
    if serials:
        return {key: (len(mine), tuple(mine)) for key, mine in shares.items() if mine}
    taken: Portions = {}
    for one in holders:
        if share := min(units, one.left):
            taken[one.key] = (share, ())
            units -= share
    return taken


def unplaced(pointer: str, serials: Sequence[str], placed: Portions) -> list[Fault]:
    """A fault for the first serial that no order line of the shipment has left."""
    known = {serial for _, mine in placed.values() for serial in mine}
    for serial in serials:
        if serial not in known:
            message, fix = N_("Serial number %(serial)s is not in this shipment."), N_("Scan it again.")
            return [Fault(pointer, "serial_elsewhere", message, fix, {"serial": serial})]
    return []


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
    serial_controlled: bool
    serials: tuple[str, ...] = ()

    @property
    def key(self) -> LotKey:
        """Order line and lot."""
        return self.line_no, self.lot_id


@dataclass(frozen=True, slots=True)
class Asked:
    """Units of a product that a dealer wants to send back; `lot_no` may be empty where there is one."""

    sku: str
    lot_no: str
    quantity: int
    reason: str
    pointer: str
    serials: tuple[str, ...] = ()
    remedy: str = Remedy.CREDIT


@dataclass(frozen=True, slots=True)
class Coming:
    """Units of one order line and lot that come back."""

    line_no: int
    lot_id: int
    quantity: int
    reason: ReturnReason
    serials: tuple[str, ...] = ()
    remedy: Remedy = Remedy.CREDIT


def planned(
    asked: Sequence[Asked], shipped: Sequence[ShippedLot], *, has_temperatures: bool
) -> tuple[list[Coming], list[Fault]]:
    """Which units of a shipment come back, line by line, or every fault.

    A product that several lines of the order share comes back from the first of them, unless its units are
    named. Goods of the cold chain come back with the record of their temperatures since the sale or not at
    all (GSP art. 106).
    """
    coming: dict[LotKey, Coming] = {}
    faults: list[Fault] = []
    if not asked:
        fix = N_("Enter a quantity for at least one line.")
        faults.append(Fault("/lines", "no_lines", N_("Nothing is to be returned yet."), fix))
    for one in (replace(one, serials=tuple(plain_serials(one.serials))) for one in asked):
        of_product = [lot for lot in shipped if lot.sku == one.sku]
        named = one.lot_no and spelled(one.lot_no, {lot.lot_no for lot in of_product})
        lots = [lot for lot in of_product if named in ("", lot.lot_no)]
        wrong = _faults(one, lots, coming, has_temperatures)
        placed = portions(one.quantity, one.serials, [Holder(lot.key, lot.left, lot.serials) for lot in lots])
        wrong = wrong or unplaced(f"{one.pointer}/serials", one.serials, placed)
        if wrong:
            faults.extend(wrong)
            continue
        for key, (units, serials) in placed.items():
            coming[key] = Coming(*key, units, ReturnReason(one.reason), serials, Remedy(one.remedy))
    return list(coming.values()), faults


def _faults(
    one: Asked, lots: Sequence[ShippedLot], coming: Collection[LotKey], has_temperatures: bool
) -> list[Fault]:
    if not lots:
        message, fix = N_("The shipment holds no %(sku)s of this lot."), N_("Take a line of the shipment.")
        return [Fault(f"{one.pointer}/sku", "not_shipped", message, fix, {"sku": one.sku})]
    names = sorted({lot.lot_no for lot in lots})
    if len(names) > 1:
        message, fix = N_("%(sku)s was shipped from these lots: %(lots)s."), N_("Name one of them.")
        about = {"sku": one.sku, "lots": ", ".join(names)}
        return [Fault(f"{one.pointer}/lot", "which_lot", message, fix, about)]
    if any(lot.key in coming for lot in lots):
        message, fix = (
            N_("Lot %(lot)s of %(sku)s appears on two lines."),
            N_("Enter all its units on one line."),
        )
        return [Fault(f"{one.pointer}/lot", "lot_repeated", message, fix, {"lot": names[0], "sku": one.sku})]
    faults = []
    if one.reason not in list(ReturnReason):
        message, fix = N_("Say why the goods come back."), N_("Choose a reason.")
        faults.append(Fault(f"{one.pointer}/reason", "reason_missing", message, fix))
    if one.remedy not in list(Remedy):
        message, fix = N_("Say what you want for the goods."), N_("Choose refund or exchange.")
        faults.append(Fault(f"{one.pointer}/remedy", "remedy_missing", message, fix))
    most = sum(lot.left for lot in lots)
    if not 1 <= one.quantity <= most:
        message = N_("%(left)s of lot %(lot)s can still be returned.")
        fix = N_("Enter a whole number from 1 to %(left)s.") if most else N_("Leave this line out.")
        said = {"left": most, "lot": names[0]}
        faults.append(Fault(f"{one.pointer}/quantity", "quantity_out_of_range", message, fix, said))
    if lots[0].is_cold and not has_temperatures:
        message = N_("%(sku)s is kept cold: it comes back only with its temperatures since the sale.")
        fix = N_("Attach the temperature record, or leave this line out.")
        faults.append(Fault(f"{one.pointer}/sku", "temperatures_missing", message, fix, {"sku": one.sku}))
    if one.serials:
        controlled = any(lot.serial_controlled or lot.serials for lot in lots)
        pointer = f"{one.pointer}/serials"
        faults += serial_faults(pointer, one.sku, one.serials, units=one.quantity, controlled=controlled)
    return faults


def note_faults(pointer: str, note: str) -> list[Fault]:
    """What is wrong with a note of a person."""
    if len(note) > NOTE_MAX:
        message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
        return [Fault(pointer, "too_long", message, fix, {"max_length": NOTE_MAX})]
    return print_faults(pointer, note)


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
