"""Take shipped goods back.

The units return to their lots, a credit note (红字发票) gives back amount and tax.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import locks, money, numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.kernel.locks import Rank
from portal.kernel.lots import spelled
from portal.ledger.billing import Bill, BilledLine, Draft, billed_lines, post_document
from portal.ledger.open_entries import require_not_written_off
from portal.ledger.post_adjustment import settle_returned
from portal.ledger.rules import EntryKind, Part
from portal.ledger.vocabulary import LedgerAction, LedgerRight
from portal.orders.fragments import RETURN_LINES
from portal.stock.returns import bring_back


@dataclass(frozen=True, slots=True)
class Returned:
    """Units of an order line that came back.

    `lot_no` may stay empty where the shipment holds one lot of the line.
    """

    line_no: int
    quantity: int
    lot_no: str = ""


@dataclass(frozen=True, slots=True)
class ShippedLot:
    """Units of one lot in the shipment: how many came back before, and how many are asked back."""

    line_no: int
    lot_id: int
    lot_no: str
    quantity: int
    returned: int
    asked_back: int


REASON_MAX = 500  # characters

# By order line and lot.
Units = Counter[tuple[int, int]]

_LOCK_ACCOUNT = text(
    """
    SELECT v.dealer_id, v.order_id, v.shipment_id
      FROM invoice v JOIN dealer_account a ON a.dealer_id = v.dealer_id
     WHERE v.number = :number AND v.kind = 'invoice' FOR NO KEY UPDATE OF a
    """
)

_LOCK_ORDER = text(
    """
    SELECT o.number AS order_number, s.warehouse_id
      FROM sales_order o JOIN shipment s ON (s.dealer_id, s.order_id) = (o.dealer_id, o.id)
     WHERE o.dealer_id = :dealer_id AND o.id = :order_id AND s.id = :shipment_id FOR NO KEY UPDATE OF o
    """
)

_SHIPPED = text(
    """
    SELECT line_no, lot_id, lot_no, quantity, returned, asked_back FROM shipment_line
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id ORDER BY line_no, lot_no
    """
)

_CREDITED = text(
    """
    SELECT coalesce(-sum(gross), 0) FROM invoice
     WHERE dealer_id = :dealer_id AND order_id = :order_id AND shipment_id = :shipment_id
       AND kind = 'credit_note'
    """
)

_RETURN = text(
    f"""
    WITH back AS (
      SELECT * FROM unnest(CAST(:line_nos AS smallint[]), CAST(:lots AS bigint[]), CAST(:units AS integer[]))
             AS b(line_no, lot_id, units)
    ), shipped AS (
      UPDATE shipment_line s
         SET returned = s.returned + b.units,
             asked_back = s.asked_back - CASE WHEN :asked_back THEN b.units ELSE 0 END
        FROM back b
       WHERE s.dealer_id = :dealer_id AND s.shipment_id = :shipment_id
         AND (s.line_no, s.lot_id) = (b.line_no, b.lot_id)
    )
    {RETURN_LINES}
    """
)


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note that may be posted.

    Judged, with the account and the order locked, and nothing written yet.

    gross: what it gives back (positive), tax included; gross_before: what earlier ones gave back of the same
    invoice. asked_back: the units are those of a return, which says itself where they lie.
    """

    invoice_number: str
    order: Mapping[str, Any]
    units: Units
    billed: Mapping[int, BilledLine]
    parts: Mapping[int, Part]
    gross_before: Decimal
    reason: str
    asked_back: bool = False

    @property
    def gross(self) -> Decimal:
        """What is given back."""
        return sum((part.amount for part in self.parts.values()), money.ZERO)

    @property
    def dealer_id(self) -> int:
        """Whose invoice it was."""
        return cast(int, self.order["dealer_id"])


def draft_credit_note(
    session: Session,
    *,
    invoice_number: str,
    lines: Sequence[Returned],
    reason: str,
    asked_back: bool = False,
) -> CreditNote:
    """Judge what came back of an invoiced shipment; of what is `asked_back`, or of everything else.

    Raises Invalid with every fault, Conflict where something of the invoice was written off, NotFound for an
    invoice out of scope.
    """
    order = _lock(session, invoice_number)
    shipped = [ShippedLot(**row._mapping) for row in session.execute(_SHIPPED, order)]
    units = _returned_units(shipped, lines, reason, asked_back=asked_back)
    require_not_written_off(session, order["dealer_id"], invoice_number)
    billed = billed_lines(session, order["dealer_id"], order["order_id"])
    parts = {line_no: billed[line_no].back(quantity) for line_no, quantity in _by_line(units).items()}
    before = session.execute(_CREDITED, order).scalar_one()
    return CreditNote(invoice_number, order, units, billed, parts, before, reason.strip(), asked_back)


def post_credit_note(
    session: Session,
    *,
    actor: Actor,
    invoice_number: str,
    lines: Sequence[Returned],
    reason: str,
    on: date,
    at: datetime,
) -> Bill:
    """Credit what came back of an invoiced shipment, on business date `on`, due at once.

    Raises Invalid with every fault, NotFound for an invoice out of scope, Forbidden.
    """
    actor.require(LedgerRight.POST, LedgerRight.APPROVE)
    note = draft_credit_note(session, invoice_number=invoice_number, lines=lines, reason=reason)
    return post_drafted(session, note, actor=actor, on=on, at=at)


def post_drafted(session: Session, note: CreditNote, *, actor: Actor, on: date, at: datetime) -> Bill:
    """Post the credit note judged in this transaction, and bring back goods that no return brings."""
    order, number = note.order, numbering.new_number("CN", on)
    _take_back(session, note, number, actor=actor, at=at)
    draft = Draft(
        EntryKind.CREDIT_NOTE,
        number,
        order["order_id"],
        order["order_number"],
        order["shipment_id"],
        issued_on=on,
        due_on=on,
        parts=note.parts,
        reason=note.reason,
    )
    bill = post_document(session, draft, note.billed, actor=actor, dealer_id=note.dealer_id, at=at)
    settle_returned(
        session,
        actor=actor,
        dealer_id=note.dealer_id,
        invoice=note.invoice_number,
        units=_adjusted(note),
        source=number,
        on=on,
        at=at,
    )
    after = {"invoice": note.invoice_number, "gross": money.as_text(bill.gross), "period": bill.period}
    audit.record(
        session,
        LedgerAction.CREDIT_NOTE_POSTED,
        number,
        actor=actor,
        dealer_id=note.dealer_id,
        after=after,
        reason=note.reason,
    )
    return bill


def _lock(session: Session, invoice_number: str) -> dict[str, Any]:
    """Lock the account, then the order, whose lock guards its lines and shipments."""
    invoice = session.execute(_LOCK_ACCOUNT, {"number": invoice_number}).mappings().one_or_none()
    if invoice is None:
        raise NotFound()
    locks.take(session, Rank.ACCOUNT, [(invoice["dealer_id"],)])
    locks.take(session, Rank.ORDER, [(invoice["dealer_id"], invoice["order_id"])])
    return {**invoice, **session.execute(_LOCK_ORDER, dict(invoice)).mappings().one()}


def _returned_units(
    shipped: Sequence[ShippedLot], lines: Sequence[Returned], reason: str, *, asked_back: bool
) -> Units:
    """Units by order line and lot. Raises Invalid with every fault."""
    faults = (
        []
        if reason.strip()
        else [
            Fault("/reason", "reason_missing", N_("Give a reason for the return."), N_("Enter the reason."))
        ]
    )
    if len(reason) > REASON_MAX:
        faults.append(
            Fault(
                "/reason",
                "too_long",
                N_("At most %(max_length)s characters."),
                N_("Shorten it."),
                {"max_length": REASON_MAX},
            )
        )
    if not lines:
        faults.append(
            Fault("/lines", "no_lines", N_("Nothing came back yet."), N_("Enter at least one returned line."))
        )
    units: Units = Counter()
    for index, line in enumerate(lines):
        found = _lot_of(line, shipped, f"/lines/{index}")
        if isinstance(found, Fault):
            faults.append(found)
            continue
        units[found.line_no, found.lot_id] += line.quantity
        left = found.asked_back if asked_back else found.quantity - found.returned - found.asked_back
        if line.quantity < 1 or units[found.line_no, found.lot_id] > left:
            faults.append(_too_many(f"/lines/{index}/quantity", found, left))
    if faults:
        raise Invalid(faults=faults)
    return units


def _lot_of(line: Returned, shipped: Sequence[ShippedLot], pointer: str) -> ShippedLot | Fault:
    of_line = [lot for lot in shipped if lot.line_no == line.line_no]
    if not of_line:
        return Fault(
            f"{pointer}/line",
            "unknown_line",
            N_("The shipment holds nothing of line %(line)s."),
            N_("Take a line of the invoice."),
            {"line": line.line_no},
        )
    named = line.lot_no and spelled(line.lot_no, {lot.lot_no for lot in of_line})
    lots = [lot for lot in of_line if named in ("", lot.lot_no)]
    if len(lots) == 1:
        return lots[0]
    names = ", ".join(lot.lot_no for lot in of_line)
    message = N_("Line %(line)s was shipped from these lots: %(lots)s.")
    return Fault(
        f"{pointer}/lot", "which_lot", message, N_("Name one of them."), {"line": line.line_no, "lots": names}
    )


def _too_many(pointer: str, lot: ShippedLot, left: int) -> Fault:
    message = N_("%(left)s of lot %(lot)s in line %(line)s can still be returned.")
    fix = N_("Enter a whole number from 1 to %(left)s.")
    return Fault(
        pointer, "quantity_out_of_range", message, fix, {"lot": lot.lot_no, "line": lot.line_no, "left": left}
    )


def _take_back(session: Session, note: CreditNote, number: str, *, actor: Actor, at: datetime) -> None:
    if not note.asked_back:
        by_lot: Counter[int] = Counter()
        for (_, lot_id), quantity in note.units.items():
            by_lot[lot_id] += quantity
        bring_back(
            session,
            warehouse_id=note.order["warehouse_id"],
            units=by_lot,
            dealer_id=note.dealer_id,
            document=number,
            actor=actor,
            at=at,
        )
    line_nos, lots = zip(*note.units, strict=True)
    columns = {"line_nos": list(line_nos), "lots": list(lots), "units": list(note.units.values())}
    session.execute(_RETURN, {**note.order, **columns, "asked_back": note.asked_back})


def _adjusted(note: CreditNote) -> Counter[int]:
    """Units whose share of earlier adjustments comes back with them.

    What was billed for gifts that stayed is settled by their return itself: it knows which units were paid.
    """
    units = _by_line(note.units)
    if not note.asked_back:
        return units
    return Counter({line: more for line, more in units.items() if note.billed[line].ordered.amount})


def _by_line(units: Units) -> Counter[int]:
    lines: Counter[int] = Counter()
    for (line_no, _), quantity in units.items():
        lines[line_no] += quantity
    return lines
