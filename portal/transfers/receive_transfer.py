"""A transfer arrives: what is fit for sale, what is set apart, and what is missing and stays open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid
from portal.stock.backorders import take_off_the_way
from portal.transfers.arrivals import bring_to_stock
from portal.transfers.documents import (
    LockedTransfer,
    Said,
    arrived_first,
    keep_outcomes,
    lock_transfer,
    outcome_keys,
)
from portal.transfers.rules import Arrived, Outcome, TransferState, arrival_faults, as_sent, require_state
from portal.transfers.vocabulary import TransferAction, TransferRight


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a transfer stands after its receipt. missing: units of which nothing is known."""

    state: TransferState
    missing: int


def receive_transfer(
    session: Session, *, actor: Actor, number: str, lines: Sequence[Arrived], at: datetime
) -> Receipt:
    """Take in what arrived of every line; the same receipt again changes nothing.

    What is missing is on its way no longer and stays open. Locks the transfer, the levels, the lots. Raises
    Invalid with every fault, Conflict for another receipt of what has arrived, NotFound, Forbidden.
    """
    actor.require(TransferRight.TRANSFER)
    transfer = lock_transfer(session, number)
    lines = as_sent(transfer.lines, lines)
    if transfer.state in (TransferState.DIFFERING, TransferState.RECEIVED):
        return _same_again(session, transfer, lines)
    require_state(transfer.state, TransferState.IN_TRANSIT)
    if faults := arrival_faults(transfer.lines, lines, whole=True):
        raise Invalid(faults=faults)
    said = said_of(transfer, lines, Outcome.RECEIVED, Outcome.DAMAGED)
    _no_longer_on_the_way(session, transfer)
    bring_to_stock(session, transfer, lines, actor=actor, at=at)
    keep_outcomes(session, transfer, said, reason="", actor=actor, at=at)
    missing = sum(line.quantity for line in transfer.lines) - sum(one.units for one in said)
    state = TransferState.DIFFERING if missing else TransferState.RECEIVED
    about = {"id": transfer.id, "state": state, "actor": actor.key, "label": actor.label, "at": at}
    session.execute(_RECEIVED, about)
    damaged = sum(one.units for one in said if one.outcome is Outcome.DAMAGED)
    after = {"state": str(state), "missing": missing, "damaged": damaged}
    audit.record(session, TransferAction.RECEIVED, number, actor=actor, dealer_id=None, after=after)
    return Receipt(state, missing)


def said_of(transfer: LockedTransfer, told: Sequence[Arrived], good: Outcome, bad: Outcome) -> list[Said]:
    """What was told of lines, as outcomes of their units."""
    lines = {line.name: line for line in transfer.lines}
    said = []
    for one in told:
        parts = ((good, one.good, one.good_serials), (bad, one.bad, one.bad_serials))
        said += [Said(lines[one.name], outcome, units, own) for outcome, units, own in parts if units]
    return said


def _same_again(session: Session, transfer: LockedTransfer, told: Sequence[Arrived]) -> Receipt:
    said = said_of(transfer, told, Outcome.RECEIVED, Outcome.DAMAGED) if _all_known(transfer, told) else []
    if outcome_keys(said) != arrived_first(session, transfer):
        raise Conflict(
            "received_already",
            N_("The transfer has been received, and with other units."),
            fix=N_("Load it again; what is missing is cleared up there."),
        )
    return Receipt(transfer.state, sum(line.open for line in transfer.lines))


def _all_known(transfer: LockedTransfer, told: Sequence[Arrived]) -> bool:
    return {one.name for one in told} <= {line.name for line in transfer.lines}


def _no_longer_on_the_way(session: Session, transfer: LockedTransfer) -> None:
    units = Counter[int]()
    for line in transfer.lines:
        units[line.product_id] += line.quantity
    here = {"warehouse_id": transfer.to_warehouse_id, "products": list(units), "id": transfer.id}
    take_off_the_way(
        session,
        warehouse_id=transfer.to_warehouse_id,
        units=units,
        expected_on=transfer.expected_on,
        next_days={row.product_id: row.day for row in session.execute(_NEXT_DAYS, here)},
    )


_NEXT_DAYS = text(
    """
    SELECT product_id, min(day) AS day FROM (
      SELECT l.product_id, t.expected_on AS day
        FROM stock_transfer t JOIN stock_transfer_line l ON l.transfer_id = t.id
       WHERE t.to_warehouse_id = :warehouse_id AND t.state = 'in_transit' AND t.id <> :id
         AND l.product_id = ANY (CAST(:products AS bigint[]))
       UNION ALL
      SELECT product_id, expected_on FROM supply_request
       WHERE warehouse_id = :warehouse_id AND state = 'in_transit'
         AND product_id = ANY (CAST(:products AS bigint[]))) coming
     WHERE day IS NOT NULL GROUP BY product_id
    """
)
_RECEIVED = text(
    """
    UPDATE stock_transfer
       SET state = :state, received_by = :actor, received_by_label = :label, received_at = :at
     WHERE id = :id
    """
)
