"""A dealer says how its ledger is to be read and has it compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.workbooks import COLUMNS_MAX
from portal.own_ledgers.layout_rules import HEAD_WITHIN, Books, Field, is_enough
from portal.own_ledgers.locked import LockedLedger, changed_meanwhile, lock_ledger, require_current
from portal.own_ledgers.rules import LedgerState, days_faults
from portal.own_ledgers.upload_ledger import TOPIC
from portal.own_ledgers.vocabulary import OwnLedgerAction, OwnLedgerRight


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read. columns: the place of each field from 0. books: None to find it out.

    head_at: the row of the headings, None for the one that was recognised. skip_unread: leave rows out that
    cannot be read.
    """

    columns: Mapping[Field, int] = field(default_factory=dict)
    books: Books | None = None
    first_day: date | None = None
    last_day: date | None = None
    head_at: int | None = None
    skip_unread: bool = False


def ask_match(
    session: Session, *, actor: Actor, number: str, reading: Reading, revision: int, at: datetime
) -> None:
    """Compare an uploaded ledger, anew if it was compared before and nobody has answered yet.

    Raises Invalid with every fault, Conflict for one that was answered or changed meanwhile, NotFound,
    Forbidden.
    """
    actor.require(OwnLedgerRight.COMPARE)
    ledger = lock_ledger(session, number)
    if faults := reading_faults(reading):
        raise Invalid(faults=faults)
    _require_open(ledger, revision)
    layout = _layout(ledger, reading)
    session.execute(FORGET, {"dealer_id": ledger.dealer_id, "id": ledger.id})
    session.execute(
        _ASK,
        {
            "dealer_id": ledger.dealer_id,
            "id": ledger.id,
            "layout": json.dumps(layout),
            "books": reading.books and str(reading.books),
            "first_day": reading.first_day,
            "last_day": reading.last_day,
            "skip_unread": reading.skip_unread,
            "at": at,
        },
    )
    told = {"columns": layout["columns"], "books": layout["books"], "skip_unread": reading.skip_unread}
    audit.record(session, OwnLedgerAction.ASKED, number, actor=actor, dealer_id=ledger.dealer_id, after=told)
    outbox.add(session, TOPIC, dealer_id=ledger.dealer_id, number=number)


def reading_faults(reading: Reading) -> list[Fault]:
    """What is wrong with how a file is to be read."""
    faults = days_faults(reading.first_day, reading.last_day)
    if not is_enough(reading.columns):
        message = N_("Choose a column for the day, and one for an amount or for debit and credit.")
        faults.append(Fault("/columns", "columns_missing", message))
    taken: dict[int, Field] = {}
    for name, place in reading.columns.items():
        if not 0 <= place < COLUMNS_MAX or place in taken:
            message, fix = N_("This column is chosen twice, or does not exist."), N_("Choose another one.")
            faults.append(Fault(f"/columns/{name}", "column_twice", message, fix))
        taken[place] = name
    if reading.head_at is not None and not 0 <= reading.head_at <= 10 * HEAD_WITHIN:
        message, fix = N_("The headings stand further up."), N_("Enter the number of their row.")
        faults.append(Fault("/head_at", "head_far", message, fix))
    return faults


def _require_open(ledger: LockedLedger, revision: int) -> None:
    if ledger.state == LedgerState.RUNNING:
        raise Conflict("being_compared", N_("This ledger is being compared."), fix=N_("Wait for the result."))
    require_current(ledger)
    if ledger.is_answered:
        raise Conflict(
            "answered",
            N_("Its differences have been answered already."),
            fix=N_("Upload the ledger once more to compare it anew."),
        )
    if ledger.revision != revision:
        raise changed_meanwhile()


def _layout(ledger: LockedLedger, reading: Reading) -> dict[str, Any]:
    layout = {name: value for name, value in ledger.layout.items() if name != "kept"}
    layout["columns"] = {str(name): place for name, place in reading.columns.items()}
    layout |= {"books": reading.books and str(reading.books), "is_said": True}
    if reading.head_at is not None and reading.head_at != layout["head_at"]:
        layout |= {"head_at": reading.head_at, "head_rows": 1, "heads": []}
    return layout


FORGET = text("DELETE FROM own_ledger_difference WHERE dealer_id = :dealer_id AND ledger_id = :id")
"""What an earlier comparison came to."""
_ASK = text(
    """
    UPDATE own_ledger
       SET revision = revision + 1, state = 'running', layout = CAST(:layout AS jsonb), books = :books,
           first_day = :first_day, last_day = :last_day, skip_unread = :skip_unread, asked_at = :at,
           attempts = 0, tried_at = NULL, finished_at = NULL, error = NULL, line_count = 0, matched = 0,
           difference_count = 0, ours_sum = 0, theirs_sum = 0
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
