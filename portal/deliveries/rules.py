"""What arrived against what was shipped, and what becomes of the difference. Pure.

Whoever stands at the door counts boxes of a product and a lot, not lines of an order: so does this.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.lots import LOT_MAX, plain_lot, spelled

NAME_MAX = 60  # characters
NOTE_MAX = 500
PHOTOS_MAX = 8
"""Of a delivery; what they are for, a case has more."""
UNITS_MAX = 1_000_000
NO_LOT = "-"
"""The lot of a product that is not kept by lots."""


class CaseKind(StrEnum):
    """In what a delivery differs from what was shipped."""

    SHORT = "short"
    DAMAGED = "damaged"
    WRONG_LOT = "wrong_lot"
    EXCESS = "excess"


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    SETTLED = "settled"
    REJECTED = "rejected"


class Outcome(StrEnum):
    """What headquarters does about a difference that it acknowledges."""

    CREDIT = "credit"
    RESEND = "resend"
    NOTHING = "nothing"


class Way(StrEnum):
    """How a receipt was signed."""

    LINK = "link"
    PORTAL = "portal"
    API = "api"


class CaseAct(StrEnum):
    """What headquarters does with a case."""

    TAKE_UP = "take_up"
    SETTLE = "settle"
    REJECT = "reject"


CASE_MOVES: Mapping[CaseAct, tuple[frozenset[CaseState], CaseState]] = {
    CaseAct.TAKE_UP: (frozenset({CaseState.OPEN}), CaseState.IN_REVIEW),
    CaseAct.SETTLE: (frozenset({CaseState.OPEN, CaseState.IN_REVIEW}), CaseState.SETTLED),
    CaseAct.REJECT: (frozenset({CaseState.OPEN, CaseState.IN_REVIEW}), CaseState.REJECTED),
}
"""From which states an act leads to which."""


class LinkState(StrEnum):
    """What somebody who opens a link finds."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Shipped:
    """Units of a lot that left."""

    product_id: int
    sku: str
    lot_no: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What somebody counted of a lot. damaged: of the received. pointer: where they said so."""

    sku: str
    lot_no: str
    received: int
    damaged: int
    pointer: str


class Lot(NamedTuple):
    """Which lot of which product."""

    product_id: int
    lot_no: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of a lot: shipped, received, and how many of the received are damaged."""

    lot: Lot
    shipped: int
    received: int
    damaged: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Units that are not as they were shipped. came_lot: which lot came in place of `lot`."""

    kind: CaseKind
    lot: Lot
    quantity: int
    came_lot: str = ""


def link_state(
    *, received_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, at: datetime
) -> LinkState:
    """What a link opens at a moment. One that was revoked or has expired tells nothing of what was signed."""
    if revoked_at is not None:
        return LinkState.REVOKED
    if at >= expires_at:
        return LinkState.EXPIRED
    return LinkState.OPEN if received_at is None else LinkState.USED


def after(state: str, act: CaseAct) -> CaseState:
    """The state that an act leads to. Raises Conflict where it is not possible any more."""
    sources, target = CASE_MOVES[act]
    if state not in sources:
        raise Conflict(
            "case_moved_on",
            N_("Somebody has already worked on this case."),
            fix=N_("Load the page again and look at where it stands."),
        )
    return target


def arrivals(shipped: Iterable[Shipped], counted: Sequence[Counted]) -> tuple[list[Arrival], list[Fault]]:
    """What arrived by lot, in the order of `shipped`; a lot that nobody named arrived as it was shipped.

    Faults for a product that is not in the shipment, a lot that is named twice, and impossible numbers.
    """
    sent: dict[Lot, int] = {}
    products: dict[str, int] = {}
    for one in shipped:
        lot = Lot(one.product_id, one.lot_no)
        sent[lot] = sent.get(lot, 0) + one.quantity
        products[one.sku] = one.product_id
    said: dict[Lot, Counted] = {}
    faults: list[Fault] = []
    for count in counted:
        fault = _fault_of(count, products, sent, said)
        if fault is not None:
            faults.append(fault)
        else:
            said[_lot_of(count, products, sent, said)] = count
    return [_arrival(lot, sent.get(lot, 0), said.get(lot)) for lot in dict.fromkeys((*sent, *said))], faults


def _lot_of(count: Counted, products: Mapping[str, int], sent: Collection[Lot], said: Collection[Lot]) -> Lot:
    """The lot that somebody counted, as the shipment writes it, or whoever counted units of it before."""
    product_id = products[count.sku]
    known = {lot.lot_no for lot in (*sent, *said) if lot.product_id == product_id}
    return Lot(product_id, spelled(count.lot_no, known) or plain_lot(count.lot_no))


def _arrival(lot: Lot, shipped: int, count: Counted | None) -> Arrival:
    if count is None:
        return Arrival(lot, shipped, shipped, 0)
    return Arrival(lot, shipped, count.received, count.damaged)


def _fault_of(
    count: Counted, products: Mapping[str, int], sent: Collection[Lot], said: Collection[Lot]
) -> Fault | None:
    if count.sku not in products:
        return Fault(
            f"{count.pointer}/sku",
            "not_in_shipment",
            N_("%(sku)s is not in this shipment."),
            N_("Describe what else came in the remark."),
            {"sku": count.sku[:64]},
        )
    lot = _lot_of(count, products, sent, said)
    if lot not in sent and not _is_lot_number(lot.lot_no):
        return Fault(
            f"{count.pointer}/lot",
            "lot_malformed",
            N_("A lot number has 1 to %(max)s characters."),
            N_("Copy it from the label."),
            {"max": LOT_MAX},
        )
    if lot in said:
        return Fault(
            f"{count.pointer}/lot",
            "lot_repeated",
            N_("Lot %(lot)s of %(sku)s is named twice."),
            N_("Enter all of its units in one line."),
            {"lot": lot.lot_no, "sku": count.sku},
        )
    if not 0 <= count.received <= UNITS_MAX:
        return Fault(
            f"{count.pointer}/received",
            "received_out_of_range",
            N_("Received is a number between 0 and %(max)s."),
            N_("Count again and correct it."),
            {"max": f"{UNITS_MAX:,}"},
        )
    if not 0 <= count.damaged <= count.received:
        return Fault(
            f"{count.pointer}/damaged",
            "damaged_out_of_range",
            N_("Damaged is a number between 0 and the %(received)s received."),
            N_("Count damaged units as received too."),
            {"received": f"{count.received:,}"},
        )
    return None


def _is_lot_number(lot_no: str) -> bool:
    return bool(lot_no) and len(lot_no) <= LOT_MAX and lot_no.isprintable()


def differences(arrived: Sequence[Arrival]) -> list[Difference]:
    """Every difference, product by product in the order given.

    Units of a lot that came too many stand for units of another lot of the product that did not come: the
    wrong lot was sent. What is left on one side is short, on the other excess.
    """
    found: list[Difference] = []
    for product_id in dict.fromkeys(one.lot.product_id for one in arrived):
        lots = [one for one in arrived if one.lot.product_id == product_id]
        found.extend(Difference(CaseKind.DAMAGED, one.lot, one.damaged) for one in lots if one.damaged)
        found.extend(_miscounted(lots))
    return found


def _miscounted(lots: Sequence[Arrival]) -> Iterator[Difference]:
    missing = {one.lot: one.shipped - one.received for one in lots if one.received < one.shipped}
    surplus = {one.lot: one.received - one.shipped for one in lots if one.received > one.shipped}
    for came in surplus:
        for lot in missing:
            units = min(missing[lot], surplus[came])
            if units:
                yield Difference(CaseKind.WRONG_LOT, lot, units, came.lot_no)
                missing[lot] -= units
                surplus[came] -= units
    yield from (Difference(CaseKind.SHORT, lot, units) for lot, units in missing.items() if units)
    yield from (Difference(CaseKind.EXCESS, lot, units) for lot, units in surplus.items() if units)


def plain_name(typed: str) -> str:
    """A typed name as it is kept: composed, with single plain blanks."""
    return " ".join(unicodedata.normalize("NFKC", typed).split())


def name_fault(pointer: str, name: str) -> Fault | None:
    """What is wrong with the plain name of who signs."""
    if not name:
        return Fault(pointer, "required", N_("Enter the name of who receives the goods."))
    if len(name) > NAME_MAX or not name.isprintable():
        return Fault(
            pointer,
            "name",
            N_("A name has at most %(max)s printable characters."),
            N_("Shorten it."),
            {"max": NAME_MAX},
        )
    return None


def note_fault(pointer: str, note: str) -> Fault | None:
    """What is wrong with a remark."""
    if len(note) > NOTE_MAX:
        return Fault(
            pointer,
            "too_long",
            N_("A remark has at most %(max)s characters."),
            N_("Shorten it."),
            {"max": NOTE_MAX},
        )
    return None


def photos_fault(count: int) -> Fault | None:
    """What is wrong with so many photos of a delivery."""
    if count > PHOTOS_MAX:
        message = N_("A delivery has at most %(max)s photos.")
        return Fault("/files", "too_many_photos", message, N_("Leave some out."), {"max": PHOTOS_MAX})
    return None
