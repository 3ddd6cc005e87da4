"""A dealer uploads a ledger out of its own accounting."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.kernel.numbering import new_number
from portal.own_ledgers.layout_rules import is_enough
from portal.own_ledgers.models import OwnLedger
from portal.own_ledgers.peek import Peek, peek
from portal.own_ledgers.rules import FILENAME_MAX, Days, LedgerState, days_of_period
from portal.own_ledgers.stored import layout_of_json, layout_to_json
from portal.own_ledgers.vocabulary import OwnLedgerAction, OwnLedgerRight

TOPIC = "own_ledger.match"
A_DAY_MAX = 100  # files of one dealer


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The ledger as it was taken."""

    number: str
    state: LedgerState


def upload_ledger(
    session: Session,
    *,
    actor: Actor,
    name: str,
    content: bytes,
    period: str | None,
    starts: bool,
    today: date,
    at: datetime,
) -> Uploaded:
    """Keep a file. starts: compare it at once, by the columns as they are recognised.

    Raises Invalid for a file that is no table, or without recognised columns where it is to start at once,
    Conflict for too many, Forbidden.
    """
    actor.require(OwnLedgerRight.COMPARE)
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer uploads its own ledger."))
    faults: list[Fault] = []
    seen = _seen(content, faults)
    days = _days(period, faults)
    if faults:
        raise Invalid(faults=faults)
    dealer_id = actor.own_dealer_id
    _require_room(session, dealer_id, at)
    layout = _layout(session, dealer_id, seen)
    if starts and not is_enough(layout["columns"]):
        raise Invalid(faults=[_unrecognised()])
    state = LedgerState.RUNNING if starts else LedgerState.DRAFT
    number = new_number("OL", today)
    session.execute(
        insert(OwnLedger)
        .inline()
        .values(
            dealer_id=dealer_id,
            number=number,
            state=str(state),
            filename=_filename(name),
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            layout=layout,
            books=layout.get("kept", {}).get("books"),
            first_day=days and days.first,
            last_day=days and days.last,
            result={"rows": seen.rows},
            uploaded_at=at,
            uploaded_by=actor.key,
            uploaded_by_label=actor.label,
            asked_at=at if starts else None,
        )
    )
    told = {"file": _filename(name), "bytes": len(content), "period": period}
    audit.record(session, OwnLedgerAction.UPLOADED, number, actor=actor, dealer_id=dealer_id, after=told)
    if starts:
        outbox.add(session, TOPIC, dealer_id=dealer_id, number=number)
    return Uploaded(number, state)


def _seen(content: bytes, faults: list[Fault]) -> Peek:
    if not content:
        message = N_("There is no file, or it is empty.")
        faults.append(Fault("/file", "no_file", message, N_("Choose the file to upload.")))
        return Peek(0, None, [])
    try:
        return peek(content)
    except Invalid as refusal:
        faults += refusal.faults
        return Peek(0, None, [])


def _days(period: str | None, faults: list[Fault]) -> Days | None:
    try:
        return days_of_period(period) if period else None
    except ValueError:
        message, fix = N_("This is no month."), N_("Write it like 2026-10.")
        faults.append(Fault("/period", "not_a_period", message, fix))
        return None


def _unrecognised() -> Fault:
    message = N_("No row names a column for the day and one for an amount.")
    fix = N_("Upload it on the page “Own ledger”, where the columns can be chosen by hand.")
    return Fault("/file", "columns_unrecognised", message, fix)


def _layout(session: Session, dealer_id: int, seen: Peek) -> dict[str, Any]:
    """As the dealer corrected it for these headings, or as it is recognised."""
    if seen.layout is None:
        nothing = {"columns": {}, "head_at": 0, "head_rows": 1, "heads": [], "year": None, "hint": None}
        return nothing | {"sheet": seen.sheet}
    recognised = layout_to_json(seen.layout, seen.sheet)
    kept = session.execute(_KEPT, {"dealer_id": dealer_id, "heads": seen.layout.key}).scalar_one_or_none()
    return recognised if kept is None else recognised | {"columns": kept["columns"], "kept": kept}


def _require_room(session: Session, dealer_id: int, at: datetime) -> None:
    since = at - timedelta(days=1)
    if session.execute(_LATELY, {"dealer_id": dealer_id, "since": since}).scalar_one() >= A_DAY_MAX:
        raise Conflict(
            "too_many_ledgers",
            N_("%(max)s files were uploaded within a day."),
            fix=N_("Go on tomorrow."),
            max=A_DAY_MAX,
        )


def _filename(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[-FILENAME_MAX:] or "ledger"


def remember_layout(session: Session, *, dealer_id: int, layout: dict[str, Any], at: datetime) -> None:
    """Read the dealer's next file with these headings in the same way."""
    if not layout["heads"]:
        return
    kept = {name: layout[name] for name in ("columns", "books")}
    said = {"dealer_id": dealer_id, "heads": layout_of_json(layout).key, "layout": json.dumps(kept), "at": at}
    session.execute(_KEEP, said)


_KEPT = text("SELECT layout FROM own_ledger_layout WHERE dealer_id = :dealer_id AND heads = :heads")
_KEEP = text(
    """
    INSERT INTO own_ledger_layout (dealer_id, heads, layout, kept_at)
    VALUES (:dealer_id, :heads, CAST(:layout AS jsonb), :at)
    ON CONFLICT (dealer_id, heads) DO UPDATE SET layout = excluded.layout, kept_at = excluded.kept_at
    """
)
_LATELY = text(
    """
    SELECT count(*) FROM (SELECT FROM own_ledger
                           WHERE dealer_id = :dealer_id AND uploaded_at > :since LIMIT 100) met
    """
)
