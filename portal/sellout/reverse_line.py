"""A dealer takes back a line that was accepted by mistake: the goods go back to where they came from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.custody.record_moves import Move, record_moves
from portal.custody.rules import CustodyKind
from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.kernel.searching import code_key
from portal.sellout.decide_lines import end_of
from portal.sellout.decide_rules import LineKind, LineState, ends
from portal.sellout.vocabulary import SellOutAction, SellOutRight

REASON_MAX = 200


def reverse_line(
    session: Session, *, actor: Actor, number: str, line_no: int, reason: str, at: datetime
) -> None:
    """Move the goods of an accepted line back, today. The document's line stays told.

    Raises NotFound, Forbidden, Invalid without a reason, Conflict (``not_accepted``; ``not_held`` where they
    have gone on).
    """
    actor.require(SellOutRight.WRITE)
    dealer_id = actor.own_dealer_id
    lock_account(session, dealer_id)
    about = {"dealer_id": dealer_id, "number": number, "line_no": line_no}
    line = session.execute(_LINE, about).one_or_none()
    if line is None:
        raise NotFound()
    reason = _required(reason)
    if line.state != LineState.ACCEPTED:
        raise Conflict(
            "not_accepted",
            N_("Only a line that was accepted can be reversed."),
            fix=N_("Look at what became of the line."),
        )
    kind = LineKind(line.kind)
    source, target = ends(kind, code_key(line.hospital))
    back = Move(
        product_id=line.product_id,
        lot_id=line.lot_id,
        serial=line.serial if line.by_serial else "",
        quantity=line.quantity,
        kind=CustodyKind.REVERSAL,
        source=end_of(target, line.hospital),
        target=end_of(source, line.hospital),
        at=at,
    )
    _require_there(session, dealer_id, back)
    record_moves(session, actor=actor, dealer_id=dealer_id, document=number, moves=[back])
    session.execute(_REVERSED, about | {"at": at, "by": actor.label, "reason": reason})
    audit.record(
        session,
        SellOutAction.REVERSED,
        f"{number}/{line_no}",
        actor=actor,
        dealer_id=dealer_id,
        before={"state": line.state},
        after={"state": str(LineState.REVERSED), "reason": reason},
    )


def _required(reason: str) -> str:
    plain = reason.strip()
    if not plain:
        message, fix = N_("Say why."), N_("Enter a reason.")
        raise Invalid(faults=[Fault("/reason", "reason_missing", message, fix)])
    if len(plain) > REASON_MAX:
        message, fix = N_("At most %(max)s characters."), N_("Shorten it.")
        raise Invalid(faults=[Fault("/reason", "too_long", message, fix, {"max": REASON_MAX})])
    return plain


def _require_there(session: Session, dealer_id: int, back: Move) -> None:
    """A unit with a serial number may have gone on while others of its lot are still there."""
    about = {
        "dealer_id": dealer_id,
        "product_id": back.product_id,
        "serial": back.serial,
        "kind": str(back.source.kind),
        "code": back.source.code,
    }
    if back.serial and session.execute(_THERE, about).one_or_none() is None:
        raise Conflict("not_held", N_("So many units of the lot are not there any more."))


_LINE = text(
    """
    SELECT l.kind, l.state, l.product_id, l.lot_id, l.serial, l.quantity, l.hospital,
           p.serial_controlled AS by_serial
      FROM sell_out_line l
      JOIN sell_out_report r ON (r.dealer_id, r.id) = (l.dealer_id, l.report_id)
      LEFT JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND r.number = :number AND l.line_no = :line_no
    """
)
_THERE = text(
    """
    SELECT s.place_id FROM serial_place s
      JOIN place p ON p.id = s.place_id
     WHERE (s.product_id, s.serial) = (:product_id, :serial)
       AND (p.dealer_id, p.kind, p.code) = (:dealer_id, :kind, :code)
       FOR NO KEY UPDATE OF s
    """
)
_REVERSED = text(
    """
    UPDATE sell_out_line l
       SET state = 'reversed', reversed_at = :at, reversed_by_label = :by, reason = :reason
      FROM sell_out_report r
     WHERE (r.dealer_id, r.id) = (l.dealer_id, l.report_id)
       AND l.dealer_id = :dealer_id AND r.number = :number AND l.line_no = :line_no
    """
)
