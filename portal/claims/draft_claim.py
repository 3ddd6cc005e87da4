"""A dealer writes a claim, and changes it until it is submitted, or when it has come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.claims.budget import activity_faults
from portal.claims.entry import ClaimEntry, amount_faults, entry_faults, lost
from portal.claims.evidence import give_files
from portal.claims.life import ClaimAct, ClaimState
from portal.claims.locked import lock_claim, moved
from portal.claims.reckoned import calculated, earned_in
from portal.claims.rules import ClaimKind
from portal.claims.stored import columns_of, write_parts
from portal.claims.vocabulary import ClaimAction, ClaimRight
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.kernel.numbering import new_number

PREFIX = "CL"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that was written, submitted or withdrawn."""

    number: str
    revision: int
    state: ClaimState


def draft_claim(
    session: Session, *, actor: Actor, entry: ClaimEntry, today: date, zone: ZoneInfo, at: datetime
) -> Claimed:
    """A new claim, as a draft.

    Raises Invalid with every fault beside its field, Conflict for a period that is claimed already, Forbidden
    to headquarters.
    """
    dealer_id = require_dealer(actor)
    judged, columns = _judged(session, dealer_id, entry, today, zone)
    _require_unclaimed(session, dealer_id, entry)
    number = new_number(PREFIX, today)
    row = {
        **columns,
        "dealer_id": dealer_id,
        "number": number,
        "actor": actor.key,
        "label": actor.label,
        "at": at,
    }
    claim_id = session.execute(_DRAFT, row).scalar_one()
    write_parts(session, dealer_id, claim_id, judged)
    give_files(session, actor=actor, dealer_id=dealer_id, number=number, files=entry.files)
    _tell(session, actor, ClaimAction.DRAFTED, dealer_id, number, judged)
    return Claimed(number, 1, ClaimState.DRAFT)


def edit_claim(
    session: Session,
    *,
    actor: Actor,
    number: str,
    revision: int | None,
    entry: ClaimEntry,
    today: date,
    zone: ZoneInfo,
) -> Claimed:
    """Write a draft, or a claim that was sent back, anew, as it was read at `revision`.

    Files are added; those it has stay. Raises what `draft_claim` raises, Conflict for one that is neither or
    was overtaken, NotFound.
    """
    dealer_id = require_dealer(actor)
    claim = lock_claim(session, number)
    state = moved(claim, ClaimAct.EDIT, revision)
    judged, columns = _judged(session, dealer_id, entry, today, zone)
    _require_unclaimed(session, dealer_id, entry, but=number)
    written_by = sorted({*claim.written_by, actor.key})
    about = {"dealer_id": dealer_id, "id": claim.id, "written_by": written_by}
    session.execute(_EDIT, columns | about)
    write_parts(session, dealer_id, claim.id, judged)
    give_files(session, actor=actor, dealer_id=dealer_id, number=number, files=entry.files)
    _tell(session, actor, ClaimAction.EDITED, dealer_id, number, judged)
    return Claimed(number, claim.revision + 1, state)


def require_dealer(actor: Actor) -> int:
    """The dealer who claims. Raises Forbidden without the right, and to headquarters."""
    actor.require(ClaimRight.WRITE)
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer claims what is due to it."))
    return actor.own_dealer_id


def _judged(
    session: Session, dealer_id: int, entry: ClaimEntry, today: date, zone: ZoneInfo
) -> tuple[ClaimEntry, dict[str, Any]]:
    """The entry with its days and amount, and its columns. Raises Invalid."""
    faults = entry_faults(entry, today)
    named = entry
    if entry.kind is ClaimKind.PERIOD:
        period = earned_in(session, dealer_id, entry, today) if entry.programme and entry.period else None
        if period is not None and period.terms.usable_share is not None:
            message = N_(
                "What this programme settles is kept as a balance for later invoices, and is not claimed."
            )
            fix = N_("Headquarters settles the period for all of its dealers.")
            faults.append(Fault("/programme", "kept_as_balance", message, fix))
        elif period is not None:
            named = replace(entry, period=period.period, first_day=period.first_day, last_day=period.last_day)
        elif not faults:
            message = N_("You have earned nothing under this programme in such a period.")
            faults.append(Fault("/period", "unknown_period", message, N_("Choose one from the list.")))
    faults += _unknown_products(session, entry)
    if not any(fault.pointer in ("/activity", "/from", "/to") for fault in faults):
        faults += activity_faults(session, dealer_id, entry)
    if faults:
        raise Invalid("claim_refused", N_("The claim cannot be made as it is."), faults=faults)
    worth = calculated(session, dealer_id=dealer_id, entry=named, today=today, zone=zone)
    asked = entry.amount if entry.amount is not None else _prefilled(named, worth)
    return named, columns_of(named) | {"asked": asked, "calculated": worth}


def _prefilled(entry: ClaimEntry, worth: Decimal | None) -> Decimal:
    """What is asked where nobody said it: what was earned, or what the lines come to."""
    amount = lost(entry.lines) if entry.lines else worth or money.ZERO
    if not amount:
        message = N_("Nothing is due for this period.")
        raise Invalid(faults=[Fault("/amount", "nothing_due", message, N_("Enter what you ask for."))])
    if faults := amount_faults(amount):
        raise Invalid("claim_refused", N_("The claim cannot be made as it is."), faults=faults)
    return amount


def _unknown_products(session: Session, entry: ClaimEntry) -> list[Fault]:
    if not entry.lines:
        return []
    skus = sorted({line.sku for line in entry.lines})
    known = set(session.execute(_PRODUCTS, {"skus": skus}).scalars())
    message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
    return [
        Fault(f"/lines/{place}/sku", "unknown_sku", message, fix, {"value": line.sku[:40]})
        for place, line in enumerate(entry.lines)
        if line.sku not in known
    ]


def _require_unclaimed(session: Session, dealer_id: int, entry: ClaimEntry, but: str = "") -> None:
    if entry.kind is not ClaimKind.PERIOD:
        return
    about = {"programme": entry.programme.strip(), "period": entry.period.strip(), "but": but}
    other = session.execute(_OTHER, about | {"dealer_id": dealer_id}).scalar_one_or_none()
    if other is not None:
        raise Conflict(
            "already_claimed",
            N_("This period is claimed already, by %(number)s."),
            fix=N_("Open that claim instead."),
            number=other,
        )


def _tell(
    session: Session, actor: Actor, action: ClaimAction, dealer_id: int, number: str, entry: ClaimEntry
) -> None:
    after: dict[str, Any] = {
        "kind": str(entry.kind),
        "programme": entry.programme or None,
        "period": entry.period or None,
        "activity": entry.activity or None,
        "invoices": _count(entry.invoices),
        "lines": _count(entry.lines),
    }
    told = {name: value for name, value in after.items() if value is not None}
    record(session, action, number, actor=actor, dealer_id=dealer_id, after=told)


def _count(parts: Sequence[object]) -> int | None:
    return len(parts) or None


_PRODUCTS = text("SELECT sku FROM product WHERE sku = ANY (CAST(:skus AS text[]))")
_OTHER = text(
    """
    SELECT number FROM rebate_claim
     WHERE dealer_id = :dealer_id AND kind = 'period' AND programme = :programme AND period = :period
       AND state NOT IN ('rejected', 'withdrawn') AND number <> :but
    """
)
_DRAFT = text(
    """
    INSERT INTO rebate_claim (dealer_id, number, kind, treatment, programme, period, activity, first_day,
                              last_day, hospital, tender_reference, note, asked, calculated, written_by,
                              entered_by_label, entered_at)
    VALUES (:dealer_id, :number, :kind, :treatment, :programme, :period, :activity, :first_day, :last_day,
            :hospital, :tender_reference, :note, :asked, :calculated, ARRAY[:actor], :label, :at)
    RETURNING id
    """
)
_EDIT = text(
    """
    UPDATE rebate_claim
       SET kind = :kind, treatment = :treatment, programme = :programme, period = :period,
           activity = :activity, first_day = :first_day, last_day = :last_day, hospital = :hospital,
           tender_reference = :tender_reference, note = :note, asked = :asked, calculated = :calculated,
           allowed = NULL, written_by = :written_by, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
