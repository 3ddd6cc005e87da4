"""What a bank's file says, written: accounts, layouts, statements, and each booking once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.bank.books_rules import BookingState
from portal.bank.column_rules import heads_key, remembered
from portal.bank.read_file import read_bank_table
from portal.bank.rules import BankFile, BankStatement, Booking, numbered, plain_account
from portal.bank.vocabulary import BankAction
from portal.kernel.actor import Actor


def keep_accounts(
    session: Session, statements: Sequence[BankStatement], actor: Actor, at: datetime
) -> list[int]:
    """The account of each statement, made where it is new, and locked: files of one account come in turn."""
    keys = sorted({(plain_account(one.account), one.currency, one.account) for one in statements})
    ids: dict[tuple[str, str], int] = {}
    for key, currency, number in keys:
        row = {"number": number, "key": key, "currency": currency, "label": actor.label, "at": at}
        if session.execute(_ADD_ACCOUNT, row).one_or_none():
            after = {"currency": currency}
            audit.record(session, BankAction.ACCOUNT_ADDED, number, actor=actor, dealer_id=None, after=after)
        ids[key, currency] = session.execute(_FIND_ACCOUNT, row).scalar_one()
    session.execute(_TURN, {"ids": sorted(ids.values())})
    return [ids[plain_account(one.account), one.currency] for one in statements]


def keep_layout(
    session: Session,
    actor: Actor,
    file_id: int,
    account_id: int,
    columns: Mapping[str, Sequence[int]],
    at: datetime,
) -> None:
    """Remember which column is what in tables of an account with these headings."""
    content = session.execute(_CONTENT, {"id": file_id}).scalar_one()
    table = read_bank_table(bytes(content))
    if table.columns is None:
        return  # without headings nothing would tell the layout again
    named = remembered(columns, table.columns.heads, 0).named
    row = {
        "account_id": account_id,
        "heads_key": heads_key(table.columns.heads),
        "heads": orjson.dumps(list(table.columns.heads)).decode(),
        "columns": orjson.dumps(named).decode(),
        "label": actor.label,
        "at": at,
    }
    session.execute(_KEEP_LAYOUT, row)
    audit.record(
        session, BankAction.LAYOUT_SET, str(account_id), actor=actor, dealer_id=None, after={"columns": named}
    )


def keep_bookings(session: Session, file_id: int, file: BankFile, accounts: Sequence[int]) -> list[int]:
    """Write statements, bookings and lines; ids of the bookings that no file told of before."""
    lines: list[dict[str, Any]] = []
    for place, (statement, account_id) in enumerate(zip(file.statements, accounts, strict=True), start=1):
        session.execute(_ADD_STATEMENT, _statement_row(file_id, place, statement, account_id))
        lines += [
            {"account_id": account_id, "statement_no": place, "digest": digest_of(one), "booking": one}
            for one in statement.bookings
        ]
    counts = numbered([f"{one['account_id']} {one['digest']}" for one in lines])
    rows = [
        _booking_row(line["booking"], line["account_id"], line["digest"], nth)
        for line, nth in zip(lines, counts, strict=True)
    ]
    written = orjson.dumps(rows).decode()
    new = {row.id for row in session.execute(_ADD_BOOKINGS, {"rows": written})}
    found = session.execute(_FIND_BOOKINGS, {"rows": written})
    ids = {(row.account_id, row.digest, row.nth): row.id for row in found}
    kept = [
        _line_row(line, line_no, ids[row["account_id"], row["digest"], row["nth"]], new)
        for line_no, (line, row) in enumerate(zip(lines, rows, strict=True), start=1)
    ]
    session.execute(_ADD_LINES, {"file_id": file_id, "rows": orjson.dumps(kept).decode()})
    return sorted(new)


def _line_row(line: dict[str, Any], line_no: int, booking_id: int, new: set[int]) -> dict[str, Any]:
    booking: Booking = line["booking"]
    return {
        "line_no": line_no,
        "statement_no": line["statement_no"],
        "booking_id": booking_id,
        "place": booking.place,
        "balance": None if booking.balance is None else str(booking.balance),
        "is_new": booking_id in new,
    }


def digest_of(booking: Booking) -> str:
    """What tells one booking from another, whatever file it stands in."""
    said = [
        booking.booked_on.isoformat(),
        f"{booking.amount:.2f}",
        booking.bank_reference,
        booking.reference,
        booking.party,
        plain_account(booking.party_account),
        "".join(booking.text.split()),
    ]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


def _statement_row(file_id: int, place: int, one: BankStatement, account_id: int) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "statement_no": place,
        "account_id": account_id,
        "opening": one.opening,
        "closing": one.closing,
        "first_on": one.first_on,
        "last_on": one.last_on,
    }


def _booking_row(one: Booking, account_id: int, digest: str, nth: int) -> dict[str, Any]:
    waits = one.amount > 0 or one.is_reversal
    return {
        "account_id": account_id,
        "digest": digest,
        "nth": nth,
        "booked_on": one.booked_on,
        "value_on": one.value_on,
        "amount": str(one.amount),
        "is_reversal": one.is_reversal,
        "remittance": one.text,
        "reference": one.reference,
        "bank_reference": one.bank_reference,
        "party": one.party,
        "party_account": one.party_account,
        "state": BookingState.WAITING if waits else BookingState.NOT_OURS,
    }


_ADD_ACCOUNT = text(
    """
    INSERT INTO bank_account (number, number_key, currency, added_by_label, added_at)
    VALUES (:number, :key, :currency, :label, :at) ON CONFLICT DO NOTHING RETURNING id
    """
)
_FIND_ACCOUNT = text("SELECT id FROM bank_account WHERE number_key = :key AND currency = :currency")
_TURN = text(
    """
    SELECT pg_advisory_xact_lock(hashtextextended('bank account ' || s.id, 0))
      FROM (SELECT unnest(CAST(:ids AS bigint[])) AS id ORDER BY 1) s
    """
)
_KEEP_LAYOUT = text(
    """
    INSERT INTO bank_layout (account_id, heads_key, heads, columns, set_by_label, set_at)
    VALUES (:account_id, :heads_key, CAST(:heads AS jsonb), CAST(:columns AS jsonb), :label, :at)
    ON CONFLICT (account_id, heads_key)
    DO UPDATE SET columns = EXCLUDED.columns, set_by_label = EXCLUDED.set_by_label, set_at = EXCLUDED.set_at
    """
)
_ADD_STATEMENT = text(
    """
    INSERT INTO bank_statement (file_id, statement_no, account_id, opening, closing, first_on, last_on)
    VALUES (:file_id, :statement_no, :account_id, :opening, :closing, :first_on, :last_on)
    """
)
_ADD_BOOKINGS = text(
    """
    INSERT INTO bank_booking (account_id, digest, nth, booked_on, value_on, amount, is_reversal, remittance,
                              reference, bank_reference, party, party_account, state)
    SELECT r.account_id, r.digest, r.nth, r.booked_on, r.value_on, r.amount, r.is_reversal, r.remittance,
           r.reference, r.bank_reference, r.party, r.party_account, r.state
      FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(account_id bigint, digest text, nth integer, booked_on date, value_on date, amount numeric,
             is_reversal boolean, remittance text, reference text, bank_reference text, party text,
             party_account text, state text)
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_FIND_BOOKINGS = text(
    """
    SELECT b.id, b.account_id, b.digest, b.nth
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(account_id bigint, digest text, nth integer)
      JOIN bank_booking b ON (b.account_id, b.digest, b.nth) = (r.account_id, r.digest, r.nth)
    """
)
_ADD_LINES = text(
    """
    INSERT INTO bank_line (file_id, line_no, statement_no, booking_id, place, balance, is_new)
    SELECT :file_id, r.line_no, r.statement_no, r.booking_id, r.place, r.balance, r.is_new
      FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(line_no integer, statement_no smallint, booking_id bigint, place integer, balance numeric,
             is_new boolean)
    """
)
_CONTENT = text("SELECT content FROM bank_file WHERE id = :id")
