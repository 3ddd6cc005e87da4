"""Deposits: what is held of each, and for whom a deposit moves in a month."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import NotFound
from portal.kernel.money import ZERO

# What was used or paid back of a deposit and was not reversed. {deposit}: alias of its row.
_SPENT = """
coalesce((SELECT sum(u.amount) FROM account_document u
           WHERE (u.dealer_id, u.source) = ({deposit}.dealer_id, {deposit}.number)
             AND u.kind IN ('deposit_use', 'deposit_return') AND NOT ({reversed})), 0)
"""


def reversed_sql(document: str) -> str:
    """SQL: whether the entry of a row with `dealer_id` and `number` was reversed."""
    return f"""
    EXISTS (SELECT FROM journal_entry e
              JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
             WHERE (e.dealer_id, e.document_no) = ({document}.dealer_id, {document}.number)
               AND e.reverses_id IS NULL)
    """


def left_sql(deposit: str) -> str:
    """SQL: what is held of a row of a deposit; nothing of one that was reversed."""
    spent = _SPENT.format(deposit=deposit, reversed=reversed_sql("u"))
    return f"CASE WHEN {reversed_sql(deposit)} THEN 0 ELSE {deposit}.amount - {spent} END"


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit with what is left of it."""

    dealer_id: int
    number: str
    amount: Decimal
    left: Decimal


_ONE = text(
    f"""
    SELECT d.dealer_id, d.number, d.amount, {left_sql("d")} AS "left"
      FROM account_document d WHERE d.number = :number AND d.kind = 'deposit'
    """
)
_SPENT_OF = text(
    f"""
    SELECT {_SPENT.format(deposit="d", reversed=reversed_sql("u"))} AS spent
      FROM account_document d WHERE d.dealer_id = :dealer_id AND d.number = :number
    """
)
_HELD = text(
    f"""
    SELECT coalesce(sum({left_sql("d")}), 0) FROM account_document d
     WHERE d.dealer_id = :dealer_id AND d.kind = 'deposit'
    """
)
_MOVED = text(
    """
    SELECT e.document_no, e.kind, -l.amount AS amount
      FROM journal_entry e JOIN journal_line l ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)
     WHERE e.dealer_id = :dealer_id AND e.period = :period AND e.receivable = 0
       AND l.account = 'deposits_held'
    """
)


def deposit_of(session: Session, number: str) -> Deposit:
    """A deposit. Raises NotFound when it is not in the session's scope."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return Deposit(**row._mapping)


def spent_of(session: Session, dealer_id: int, number: str) -> Decimal:
    """What was used or paid back of a deposit."""
    found: Decimal | None = session.scalar(_SPENT_OF, {"dealer_id": dealer_id, "number": number})
    return ZERO if found is None else found


def held(session: Session, dealer_id: int) -> Decimal:
    """What is held of a dealer's deposits together."""
    found: Decimal = session.execute(_HELD, {"dealer_id": dealer_id}).scalar_one()
    return found


def moved_in(session: Session, dealer_id: int, period: str) -> dict[tuple[str, str], Decimal]:
    """By how much each entry of a month that moved a deposit alone did so, by its document and kind."""
    keys = {"dealer_id": dealer_id, "period": period}
    return {(row.document_no, row.kind): row.amount for row in session.execute(_MOVED, keys)}
