"""Decide about goods in inspection: accepted units may be sold, refused ones are set apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.coldchain.record_inbound import KIND
from portal.coldchain.require_record import require_record
from portal.kernel.actor import Actor, is_persons, require_other_person, require_person
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.kernel.lots import named_as
from portal.receiving.accept import Decision, write_records
from portal.receiving.acceptable import require_acceptable
from portal.receiving.rules import (
    CLASS_OF_TWO,
    Inspected,
    ReceiptState,
    Waiting,
    inspection_faults,
    receipt_state,
)
from portal.receiving.vocabulary import ReceivingAction, ReceivingRight
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState, plain_serials
from portal.stock.serials import Place, Serials, move_serials


@dataclass(frozen=True, slots=True)
class Decided:
    """The receipt after an inspection."""

    number: str
    state: ReceiptState


_Pairs = Sequence[tuple[Waiting, Inspected]]


def inspect_goods(
    session: Session, *, actor: Actor, number: str, lines: Sequence[Inspected], today: date, at: datetime
) -> Decided:
    """Write down what an inspection says of lots of a receipt, with a record for each; all or nothing.

    Of a device of class III that a person received another person decides, and no program. Cold goods are
    accepted with a good record of their transport only, units of a lot that may not be sold never. Locks the
    receipt, then levels, lots and serials. Raises NotFound, Forbidden, Conflict, Invalid with every fault.
    """
    actor.require(ReceivingRight.ACCEPT)
    receipt = session.execute(_RECEIPT, {"number": number}).one_or_none()
    if receipt is None:
        raise NotFound()
    waiting = {
        (line.sku, line.lot_no): line
        for line in (value_of(Waiting, row) for row in session.execute(_LINES, {"receipt_id": receipt.id}))
    }
    pairs = _pairs(waiting, lines)
    if is_persons(receipt.received_by) and any(line.device_class >= CLASS_OF_TWO for line, _ in pairs):
        require_other_person(actor, receipt.received_by)
        require_person(actor)
    _require_fit(session, receipt.warehouse_id, pairs, number, today)
    _move(session, receipt.warehouse_id, pairs, number, actor, at)
    _move_serials(session, receipt.warehouse_id, pairs, number)
    after = _after(waiting, pairs)
    state = receipt_state(
        inspecting=sum(line.inspecting for line in after),
        accepted=sum(line.accepted for line in after),
        refused=sum(line.refused for line in after),
    )
    _write(session, receipt.id, after, state)
    decisions = [
        Decision(line.line_no, said.accepted, said.refused, said.reason.strip(), said.refused_serials)
        for line, said in pairs
    ]
    write_records(session, receipt_id=receipt.id, decisions=decisions, actor=actor, at=at)
    _tell(session, number, receipt.state, state, pairs, actor)
    return Decided(number, state)


def _pairs(waiting: Mapping[tuple[str, str], Waiting], lines: Sequence[Inspected]) -> _Pairs:
    faults: list[Fault] = []
    pairs: list[tuple[Waiting, Inspected]] = []
    lines = [
        replace(
            one,
            lot=named_as((one.sku, one.lot), waiting.keys())[1],
            refused_serials=plain_serials(one.refused_serials),
        )
        for one in lines
    ]
    times = Counter((said.sku, said.lot) for said in lines)
    for said in lines:
        line = waiting.get((said.sku, said.lot))
        faults += inspection_faults(said, line)
        if times[said.sku, said.lot] > 1:
            message, fix = N_("Lot %(lot)s of %(sku)s appears on two lines."), N_("Decide about it once.")
            about = {"lot": said.lot, "sku": said.sku}
            faults.append(Fault(f"{said.pointer}/lot", "lot_repeated", message, fix, about))
        if line is not None:
            pairs.append((line, said))
    if not lines:
        message, fix = N_("Nothing is decided."), N_("Say how many units are accepted and refused.")
        faults.append(Fault("/lines", "no_lines", message, fix))
    if faults:
        raise Invalid(faults=faults)
    return pairs


def _require_fit(session: Session, warehouse_id: int, pairs: _Pairs, number: str, today: date) -> None:
    accepted = [(line, said) for line, said in pairs if said.accepted]
    require_record(session, (KIND, number), product_ids=[line.product_id for line, _ in accepted])
    require_acceptable(
        session,
        warehouse_id=warehouse_id,
        accepted=[((line.sku, line.lot_no), f"{said.pointer}/accepted") for line, said in accepted],
        today=today,
    )


def _move(
    session: Session, warehouse_id: int, pairs: _Pairs, number: str, actor: Actor, at: datetime
) -> None:
    moves = [
        LotMove(
            line.lot_id,
            on_hand=said.accepted,
            inspecting=-(said.accepted + said.refused),
            quarantined=said.refused,
        )
        for line, said in pairs
    ]
    move_lots(
        session,
        warehouse_id=warehouse_id,
        moves=moves,
        kind=MovementKind.INSPECTION,
        document=number,
        actor=actor,
        at=at,
    )


def _move_serials(session: Session, warehouse_id: int, pairs: _Pairs, number: str) -> None:
    faults: list[Fault] = []
    of = Place(SerialState.INSPECTING, warehouse_id)
    for line, said in sorted(pairs, key=lambda pair: (pair[0].product_id, pair[0].lot_id)):
        refused = set(said.refused_serials)
        accepted = [serial for serial in line.serials if serial not in refused]
        for serials, state in (
            (accepted, SerialState.SALEABLE),
            (sorted(refused), SerialState.QUARANTINED),
        ):
            named = Serials(line.product_id, line.lot_id, serials, f"{said.pointer}/refused_serials")
            to = Place(state, warehouse_id)
            faults += move_serials(session, [named], of=of, to=to, document=number)
    if faults:
        raise Invalid(faults=faults)


def _after(waiting: Mapping[tuple[str, str], Waiting], pairs: _Pairs) -> list[Waiting]:
    decided = {line.line_no: said for line, said in pairs}
    return [
        replace(
            line,
            inspecting=line.inspecting - said.accepted - said.refused,
            accepted=line.accepted + said.accepted,
            refused=line.refused + said.refused,
        )
        if (said := decided.get(line.line_no))
        else line
        for line in waiting.values()
    ]


def _write(session: Session, receipt_id: int, lines: Sequence[Waiting], state: ReceiptState) -> None:
    columns: dict[str, Any] = {
        "line_nos": [line.line_no for line in lines],
        "inspecting": [line.inspecting for line in lines],
        "accepted": [line.accepted for line in lines],
        "refused": [line.refused for line in lines],
    }
    session.execute(_DECIDE, {"receipt_id": receipt_id, **columns})
    session.execute(_STATE, {"receipt_id": receipt_id, "state": state})


def _tell(
    session: Session, number: str, before: str, after: ReceiptState, pairs: _Pairs, actor: Actor
) -> None:
    lines = [
        {"sku": said.sku, "lot": said.lot, "accepted": said.accepted, "refused": said.refused}
        for _, said in pairs
    ]
    audit.record(
        session,
        ReceivingAction.GOODS_INSPECTED,
        number,
        actor=actor,
        dealer_id=None,
        before={"state": before},
        after={"state": str(after), "lines": lines},
        reason="; ".join(said.reason.strip() for _, said in pairs if said.reason.strip()) or None,
    )


_RECEIPT = text(
    "SELECT id, warehouse_id, state, received_by FROM goods_receipt WHERE number = :number FOR NO KEY UPDATE"
)
_LINES = text(
    """
    SELECT l.line_no, l.product_id, p.sku, l.lot_id, t.lot_no, p.device_class, l.serials, l.inspecting,
           l.accepted, l.refused
      FROM goods_receipt_line l JOIN product p ON p.id = l.product_id JOIN lot t ON t.id = l.lot_id
     WHERE l.receipt_id = :receipt_id ORDER BY l.line_no
    """
)
_DECIDE = text(
    """
    UPDATE goods_receipt_line l
       SET inspecting = d.inspecting, accepted = d.accepted, refused = d.refused
      FROM unnest(CAST(:line_nos AS smallint[]), CAST(:inspecting AS integer[]),
                  CAST(:accepted AS integer[]), CAST(:refused AS integer[]))
           AS d(line_no, inspecting, accepted, refused)
     WHERE l.receipt_id = :receipt_id AND l.line_no = d.line_no
    """
)
_STATE = text("UPDATE goods_receipt SET state = :state WHERE id = :receipt_id")
