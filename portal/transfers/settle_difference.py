"""What was missing of a transfer turned up, or is written off; who received it does not decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Fault, Invalid
from portal.nonconforming.rules import reason_faults
from portal.transfers.arrivals import bring_to_stock
from portal.transfers.documents import LockedTransfer, keep_outcomes, lock_transfer, move_on
from portal.transfers.receive_transfer import Receipt, said_of
from portal.transfers.rules import (
    Arrived,
    Outcome,
    TransferState,
    arrival_faults,
    as_sent,
    require_state,
)
from portal.transfers.vocabulary import TransferAction, TransferRight


def settle_difference(
    session: Session, *, actor: Actor, number: str, lines: Sequence[Arrived], reason: str, at: datetime
) -> Receipt:
    """Clear up units that were missing: the good ones were found and come into stock, the bad ones are lost.

    Where all that is missing of a line is found, or lost, its serials need not be named. Locks the transfer,
    the levels, the lots. Raises Invalid with every fault, Forbidden to who received it, Conflict, NotFound.
    """
    actor.require(TransferRight.TRANSFER)
    transfer = lock_transfer(session, number)
    require_state(transfer.state, TransferState.DIFFERING)
    require_other_person(actor, transfer.received_by or "")
    lines = _with_serials(transfer, as_sent(transfer.lines, lines))
    faults = arrival_faults(transfer.lines, lines, whole=False) + reason_faults("/reason", reason.strip())
    if not any(one.good or one.bad for one in lines):
        message, fix = N_("Nothing is said of what is missing."), N_("Say what was found and what is lost.")
        faults.append(Fault("/lines", "nothing_settled", message, fix))
    if faults:
        raise Invalid(faults=faults)
    bring_to_stock(session, transfer, lines, actor=actor, at=at, bad_are_lost=True)
    said = said_of(transfer, lines, Outcome.FOUND, Outcome.LOST)
    keep_outcomes(session, transfer, said, reason=reason.strip(), actor=actor, at=at)
    missing = sum(line.open for line in transfer.lines) - sum(one.units for one in said)
    state = TransferState.DIFFERING if missing else TransferState.RECEIVED
    move_on(session, transfer, state)
    lost = sum(one.units for one in said if one.outcome is Outcome.LOST)
    after = {"state": str(state), "missing": missing, "lost": lost}
    audit.record(
        session,
        TransferAction.SETTLED,
        number,
        actor=actor,
        dealer_id=None,
        after=after,
        reason=reason.strip(),
    )
    return Receipt(state, missing)


def _with_serials(transfer: LockedTransfer, told: Sequence[Arrived]) -> list[Arrived]:
    """The serials that are left, where all units of a line have become the same."""
    lines = {line.name: line for line in transfer.lines}
    whole = []
    for one in told:
        line = lines.get(one.name)
        if line and line.serials and one.good == line.open and not one.bad and not one.good_serials:
            one = replace(one, good_serials=line.serials)
        elif line and line.serials and one.bad == line.open and not one.good and not one.bad_serials:
            one = replace(one, bad_serials=line.serials)
        whole.append(one)
    return whole
