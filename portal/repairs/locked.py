"""A repair under the lock of its request, and what happens to it in the request's timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import numbering, outbox
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, NotFound
from portal.repairs.rules import RepairState
from portal.repairs.vocabulary import EVENT_OF, TOLD_OF, RepairAction, RepairEvent
from portal.service.entries import Entry, add_entry
from portal.service.locked import LockedRequest, lock_request
from portal.service.rules import OPEN, EntryKind, RequestState, ServiceKind


@dataclass(frozen=True, slots=True)
class LockedRepair:
    """A repair as it is. Nobody changes it while its request is locked."""

    dealer_id: int
    id: int
    number: str
    request_id: int
    revision: int
    state: str
    is_warranty: bool
    quote_version: int | None
    warehouse_id: int | None
    short: bool
    invoice_no: str | None
    ended_at: datetime | None

    @property
    def key(self) -> dict[str, int]:
        """Dealer and id, as statements take them."""
        return {"dealer_id": self.dealer_id, "repair_id": self.id}


def lock_repair(
    session: Session, number: str, *, revision: int | None = None
) -> tuple[LockedRequest, LockedRepair]:
    """The request of this number, locked, and its repair that is not over.

    revision: which somebody looked at. Raises NotFound out of scope or without a repair, Conflict for one
    that was changed meanwhile.
    """
    request = lock_request(session, number)
    repair = live_repair(session, request)
    if repair is None:
        raise NotFound()
    require_revision(repair, revision)
    return request, repair


def live_repair(session: Session, request: LockedRequest) -> LockedRepair | None:
    """The repair of a locked request that is not over."""
    about = {"dealer_id": request.dealer_id, "request_id": request.id}
    row = session.execute(_LIVE, about).one_or_none()
    return value_of(LockedRepair, row) if row else None


def made_repair(session: Session, request: LockedRequest, *, actor: Actor, at: datetime) -> LockedRepair:
    """The repair of a locked request, begun now where there is none.

    Raises Conflict for a request that is none for a repair, or is not open.
    """
    require_open(request)
    found = live_repair(session, request)
    if found:
        return found
    about = {
        "dealer_id": request.dealer_id,
        "request_id": request.id,
        "number": numbering.new_number("RP", at.date()),
        "at": at,
        "label": actor.label,
    }
    return value_of(LockedRepair, session.execute(_MAKE, about).one())


def require_open(request: LockedRequest) -> None:
    """Raise Conflict unless something can still be repaired for a request."""
    if request.kind is not ServiceKind.REPAIR:
        raise Conflict(
            "no_repair",
            N_("This request is not for a repair."),
            fix=N_("Sort it as a repair first."),
        )
    if request.state not in OPEN:
        raise Conflict("request_over", N_("This request is over."), fix=N_("Reopen it, or open a new one."))


def require_revision(repair: LockedRepair, revision: int | None) -> None:
    """Raise Conflict for a repair that was changed since somebody looked at it."""
    if revision is not None and revision != repair.revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed this repair meanwhile."),
            fix=N_("Look at it as it is now, and go on from there."),
        )


def save_repair(session: Session, repair: LockedRepair, *, at: datetime, **changes: Any) -> LockedRepair:
    """Write a locked repair with what has changed of it."""
    new = replace(repair, **changes, revision=repair.revision + 1)
    if new.state in (RepairState.DONE, RepairState.CANCELLED):
        new = replace(new, ended_at=at)
    session.execute(
        _SAVE,
        new.key
        | {
            "revision": new.revision,
            "state": str(new.state),
            "is_warranty": new.is_warranty,
            "quote_version": new.quote_version,
            "warehouse_id": new.warehouse_id,
            "short": new.short,
            "invoice_no": new.invoice_no,
            "ended_at": new.ended_at,
        },
    )
    return new


def tell_timeline(
    session: Session,
    request: LockedRequest,
    action: RepairAction,
    *,
    actor: Actor,
    at: datetime,
    said: str = "",
    files: Sequence[str] = (),
    **details: Any,
) -> None:
    """Write into the request's timeline, and the audit, what happened to its repair; webhooks are told."""
    entry = Entry(EntryKind.REPAIR, action, said, files, {"event": action.event, **details})
    add_entry(session, request, entry, actor=actor, at=at)
    if event := EVENT_OF.get(action):
        told = {name: value for name, value in details.items() if name in TOLD_OF}
        if event is RepairEvent.QUOTE_DECIDED:
            told["state"] = action.event.removeprefix("quote_")
        outbox.add(session, event, dealer_id=request.dealer_id, number=request.number, **told)


def going_on(request: LockedRequest) -> RequestState:
    """The state of an open request in which the dealer is not waited for any more."""
    return RequestState.IN_PROGRESS if request.state is RequestState.WAITING else request.state


_COLUMNS = """
dealer_id, id, number, request_id, revision, state, is_warranty, quote_version, warehouse_id, short,
invoice_no, ended_at
"""
_LIVE = text(
    f"""
    SELECT {_COLUMNS} FROM repair
     WHERE dealer_id = :dealer_id AND request_id = :request_id AND ended_at IS NULL
    """
)
_MAKE = text(
    f"""
    INSERT INTO repair (dealer_id, number, request_id, made_at, made_by_label)
    VALUES (:dealer_id, :number, :request_id, :at, :label)
    RETURNING {_COLUMNS}
    """
)
_SAVE = text(
    """
    UPDATE repair
       SET revision = :revision, state = :state, is_warranty = :is_warranty, quote_version = :quote_version,
           warehouse_id = :warehouse_id, short = :short, invoice_no = :invoice_no, ended_at = :ended_at
     WHERE dealer_id = :dealer_id AND id = :repair_id
    """
)
