"""One order of locks, for single verbs and for verbs composed in one transaction.

A transaction takes its locks upwards only: prices → booking → account → statement → order → request →
activity → pot → budget → level → lot → serial → device → books; within a kind by key. Then two transactions
never wait for each other crosswise, whatever they are made of. Whoever takes a lock says so here, and is
refused when something later is held already: a composition that would deadlock some day fails at its first
run instead. To compose such verbs, take the earlier locks before the first of them; what is held already
may be taken again.

The lock on an order guards its lines and shipments too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from sqlalchemy import text
from sqlalchemy.orm import Session, SessionTransaction

GATE = 0x7072696365  # "price"; any constant, the same everywhere
"""Advisory lock of the gate: an order holds it shared until its commit, a publication that orders have to
heed holds it exclusively. So every order is wholly before or wholly after it."""

_HELD = "locks"
_CLOSE = text("SELECT pg_advisory_xact_lock(:gate)")


class Rank(IntEnum):
    """What is locked, in the order in which it is. In brackets the key within a rank."""

    PRICES = 0  # the gate of the prices (none)
    BOOKING = 1  # of the company's bank (booking)
    ACCOUNT = 2  # of a dealer (dealer)
    STATEMENT = 3  # of a dealer, with what was answered to it (dealer, statement)
    ORDER = 4  # (dealer, order)
    REQUEST = 5  # for service (dealer, request); before them all who serves what (0, 0)
    ACTIVITY = 6  # that a dealer plans, with what it holds (dealer, activity)
    POT = 7  # a budget of headquarters (budget)
    BUDGET = 8  # of a promotion, with its lots (promotion)
    LEVEL = 9  # (warehouse, product)
    LOT = 10  # (warehouse, lot)
    SERIAL = 11  # units with a serial number (product, lot)
    DEVICE = 12  # at the dealer who has it (dealer, device)
    BOOKS = 13  # the gate of the books (none)


Key = tuple[int, ...]
_Lock = tuple[Rank, Key]


class OutOfOrder(RuntimeError):
    """A lock is asked for that comes before one the transaction holds.

    A mistake of whoever composed the verbs.
    """


@dataclass(slots=True)
class _Held:
    transaction: SessionTransaction | None
    locks: set[_Lock] = field(default_factory=set)
    highest: _Lock = (Rank.PRICES, ())


def take(session: Session, rank: Rank, keys: Iterable[Key] = ((),)) -> None:
    """Say that locks of a rank are taken now, together and in the order of their keys. Raises OutOfOrder."""
    held = _held(session)
    new = {(rank, key) for key in keys} - held.locks
    if not new:
        return
    if (lowest := min(new)) < held.highest:
        raise OutOfOrder(
            f"{lowest[0].name} {lowest[1]} is locked after {held.highest[0].name} {held.highest[1]}"
        )
    held.locks |= new
    held.highest = max(new)


def made(session: Session, rank: Rank, key: Key) -> None:
    """Say that a row was made in this transaction: nobody else sees it, so nobody waits for it."""
    _held(session).locks.add((rank, key))


def close_gate(session: Session) -> None:
    """Wait for orders in flight, keep new ones waiting until the commit."""
    take(session, Rank.PRICES)
    session.execute(_CLOSE, {"gate": GATE})


def _held(session: Session) -> _Held:
    """What the session's present transaction holds; nothing is left of an earlier one."""
    transaction = session.get_transaction() or session.begin()
    held = session.info.get(_HELD)
    if held is None or held.transaction is not transaction:
        held = session.info[_HELD] = _Held(transaction)
    return held
