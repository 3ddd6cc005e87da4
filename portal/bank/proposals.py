"""What bookings may have paid, by what the books say now: a few statements for any number of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.books_rules import (
    Books,
    Incoming,
    Open,
    Payer,
    Posted,
    Proposal,
    invoice_numbers,
    statement_numbers,
)
from portal.bank.match_rules import proposals_for
from portal.bank.name_rules import folded_name
from portal.bank.reference import codes_in, key_of

BY_AMOUNT_MAX = 300  # dealers that are looked at because somebody owes such an amount
TOGETHER_OF = 500  # other bookings that wait, of the same names
DAYS = 6


def propose(session: Session, *, booking_ids: Sequence[int], tolerance: Decimal) -> dict[int, list[Proposal]]:
    """For each booking what it may have paid, the surest first."""
    bookings = _bookings(session, _BOOKINGS, {"ids": list(booking_ids)})
    if not bookings:
        return {}
    payers = [
        Payer(row.id, row.code, key_of(row.code), (row.name_zh, row.name_en), row.balance)
        for row in session.execute(_PAYERS)
    ]
    accounts = _accounts(session, bookings)
    first = Books(payers, (), (), accounts)
    dealers = _who(session, bookings, first)
    books = Books(payers, _open(session, dealers), _payments(session, bookings, dealers), accounts, tolerance)
    waiting = _bookings(
        session, _WAITING_OF, {"parties": [one.party for one in bookings if one.party], "most": TOGETHER_OF}
    )
    alike: dict[str, list[Incoming]] = {}
    for one in waiting:
        alike.setdefault(folded_name(one.party), []).append(one)
    return {
        one.id: _named(books, proposals_for(one, books, alike.get(folded_name(one.party), ())))
        for one in bookings
    }


def _named(books: Books, found: list[Proposal]) -> list[Proposal]:
    """The proposals with the names of their dealers."""
    return [
        replace(one, names=payer.names) for one in found if (payer := books.payer(one.dealer_id)) is not None
    ]


def _bookings(session: Session, statement: Any, parameters: Mapping[str, object]) -> list[Incoming]:
    rows = session.execute(statement, parameters).all()
    named = {row.id: statement_numbers(f"{row.remittance} {row.reference}") for row in rows}
    numbers = [number for some in named.values() for number in some]
    owners: dict[str, int] = {}
    if numbers:
        owners = {row.number: row.dealer_id for row in session.execute(_OF_STATEMENTS, {"numbers": numbers})}
    return [
        Incoming(
            row.id,
            row.booked_on,
            row.amount,
            row.remittance,
            row.reference,
            row.party,
            row.party_account,
            row.is_reversal,
            frozenset(codes_in(f"{row.remittance} {row.reference}")),
            frozenset(owners[number] for number in named[row.id] if number in owners),
            row.is_twin,
        )
        for row in rows
    ]


def _accounts(session: Session, bookings: Iterable[Incoming]) -> dict[str, int]:
    """Whose the accounts are from which money came before, if only one dealer's."""
    numbers = [one.party_account for one in bookings if one.party_account]
    if not numbers:
        return {}
    return {
        row.party_account: row.dealer_id for row in session.execute(_KNOWN_ACCOUNTS, {"numbers": numbers})
    }


def _who(session: Session, bookings: Sequence[Incoming], books: Books) -> set[int]:
    """Dealers that may have paid any of them: by reference, name, account, number or amount."""
    found: set[int] = set(books.accounts.values())
    unknown: list[Decimal] = []
    numbers: list[str] = []
    for one in bookings:
        named = books.by_reference(one) | (books.by_name(one.party)[0] if one.party else set())
        found |= named
        numbers += invoice_numbers(one.said)
        if not named and one.amount > 0 and one.party_account not in books.accounts:
            unknown.append(one.amount)
    if numbers:
        found |= set(session.execute(_OF_INVOICES, {"numbers": numbers}).scalars())
    if unknown:
        parameters = {"amounts": unknown, "most": BY_AMOUNT_MAX}
        found |= set(session.execute(_OF_AMOUNTS, parameters).scalars())
    return found


def _open(session: Session, dealers: Collection[int]) -> list[Open]:
    if not dealers:
        return []
    rows = session.execute(_OPEN, {"dealers": list(dealers)})
    return [Open(row.dealer_id, row.document_no, row.due_on, row.amount) for row in rows]


def _payments(session: Session, bookings: Sequence[Incoming], dealers: Collection[int]) -> list[Posted]:
    """Payments that may be theirs already, and those that a reversal may take back."""
    back = [-one.amount for one in bookings if one.is_reversal and one.amount < 0]
    days = [one.on for one in bookings]
    rows = session.execute(
        _PAYMENTS,
        {
            "dealers": list(dealers),
            "first": min(days) - timedelta(days=DAYS),
            "last": max(days) + timedelta(days=DAYS),
            "back": back,
            "amounts": [one.amount for one in bookings],
        },
    )
    return [
        Posted(
            row.dealer_id,
            row.number,
            row.received_on,
            row.amount,
            row.is_linked,
            row.is_reversed,
            row.party_account or "",
            row.party or "",
            row.reference or "",
        )
        for row in rows
    ]


_COLUMNS = """
b.id, b.account_id, b.booked_on, b.amount, b.remittance, b.reference, b.party, b.party_account, b.is_reversal
"""
# A twin has one of its day and amount that another file told of in other words. Counted by windows: amounts
# are no condition of an index under row-level security, and of a day there may be ten thousand.
_TOLD = """
, told AS MATERIALIZED (
  SELECT t.id,
         count(*) OVER alike - count(*) OVER (PARTITION BY t.account_id, t.booked_on, t.amount, t.digest)
           - count(*) OVER (PARTITION BY t.account_id, t.booked_on, t.amount, k.file_id)
           + count(*) OVER (PARTITION BY t.account_id, t.booked_on, t.amount, t.digest, k.file_id) AS others
    FROM (SELECT DISTINCT account_id, booked_on FROM b) d
    JOIN bank_booking t ON (t.account_id, t.booked_on) = (d.account_id, d.booked_on)
    JOIN bank_line k ON k.booking_id = t.id AND k.is_new
  WINDOW alike AS (PARTITION BY t.account_id, t.booked_on, t.amount)
)
SELECT b.*, b.id IN (SELECT id FROM told WHERE others > 0) AS is_twin FROM b
"""
_BOOKINGS = text(
    f"""
    WITH b AS MATERIALIZED (SELECT {_COLUMNS} FROM bank_booking b WHERE b.id = ANY(:ids))
    {_TOLD} ORDER BY b.id
    """
)
_WAITING_OF = text(
    f"""
    WITH b AS MATERIALIZED (
      SELECT {_COLUMNS} FROM bank_booking b
       WHERE b.state = 'waiting' AND b.party = ANY(CAST(:parties AS text[]))
       ORDER BY b.booked_on, b.id LIMIT :most
    )
    {_TOLD} ORDER BY b.booked_on, b.id
    """
)
_PAYERS = text(
    """
    SELECT d.id, d.code, d.name_zh, d.name_en, a.balance
      FROM dealer d JOIN dealer_account a ON a.dealer_id = d.id
    """
)
_KNOWN_ACCOUNTS = text(
    """
    SELECT b.party_account, min(m.dealer_id) AS dealer_id
      FROM bank_booking b JOIN bank_match m ON m.booking_id = b.id AND m.undone_at IS NULL
     WHERE b.party_account = ANY(:numbers) AND b.state = 'matched'
     GROUP BY b.party_account HAVING count(DISTINCT m.dealer_id) = 1
    """
)
_OF_INVOICES = text(
    """
    SELECT dealer_id FROM invoice WHERE number = ANY(:numbers)
    UNION SELECT dealer_id FROM service_invoice WHERE number = ANY(:numbers)
    """
)
_OF_STATEMENTS = text("SELECT number, dealer_id FROM statement WHERE number = ANY(:numbers)")
_OF_AMOUNTS = text(
    """
    SELECT dealer_id FROM dealer_account WHERE balance = ANY(:amounts)
    UNION
    (SELECT i.dealer_id FROM invoice i JOIN dealer_account a ON a.dealer_id = i.dealer_id AND a.balance > 0
      WHERE i.gross = ANY(:amounts) AND i.kind = 'invoice' LIMIT :most)
    """
)
_OPEN = text(
    """
    WITH settled AS (
      SELECT a.dealer_id, a.debit_id, sum(a.amount) AS amount FROM allocation a
       WHERE a.dealer_id = ANY(:dealers) GROUP BY a.dealer_id, a.debit_id)
    SELECT e.dealer_id, e.document_no, coalesce(e.due_on, e.occurred_on) AS due_on,
           e.receivable - coalesce(s.amount, 0) AS amount
      FROM journal_entry e
      JOIN dealer_account d ON d.dealer_id = e.dealer_id AND d.balance > 0
      LEFT JOIN settled s ON (s.dealer_id, s.debit_id) = (e.dealer_id, e.id)
     WHERE e.dealer_id = ANY(:dealers) AND e.receivable > coalesce(s.amount, 0)
    """
)
_PAYMENTS = text(
    """
    SELECT p.dealer_id, p.number, p.received_on, p.amount, p.reference, m.id IS NOT NULL AS is_linked,
           r.id IS NOT NULL AS is_reversed, b.party_account, b.party
      FROM payment p
      JOIN journal_entry e ON e.dealer_id = p.dealer_id AND e.document_no = p.number AND e.reverses_id IS NULL
      LEFT JOIN journal_entry r ON r.dealer_id = e.dealer_id AND r.reverses_id = e.id
      LEFT JOIN bank_match m ON m.dealer_id = p.dealer_id AND m.payment_no = p.number AND m.undone_at IS NULL
                            AND m.kind <> 'reversed'
      LEFT JOIN bank_booking b ON b.id = m.booking_id
     WHERE (p.dealer_id = ANY(:dealers) AND p.received_on BETWEEN :first AND :last
            AND p.amount = ANY(:amounts))
        OR p.id IN (SELECT q.id FROM bank_booking t
                      JOIN bank_match n ON n.booking_id = t.id AND n.undone_at IS NULL
                      JOIN payment q ON q.dealer_id = n.dealer_id AND q.number = n.payment_no
                     WHERE t.amount = ANY(CAST(:back AS numeric[])) AND t.state = 'matched')
    """
)
