"""Races run with real threads behind a barrier, never with sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

from sqlalchemy import Connection, text

T = TypeVar("T")

_PATIENCE = 60  # seconds until a deadlock is called one


def together(count: int, act: Callable[[int], T]) -> list[T | Exception]:
    """Run ``act(0) … act(count − 1)`` at the same instant, each in a thread of its own; what each returned or
    raised.

    `act` opens its own session, since a connection belongs to one thread. Raises AssertionError when one
    never ends.
    """
    start = Barrier(count)
    outcomes: list[T | Exception] = [AssertionError("did not end")] * count

    def run(place: int) -> None:
        try:
            start.wait(_PATIENCE)
            outcomes[place] = act(place)
        except Exception as error:
            outcomes[place] = error

    threads = [Thread(target=run, args=(place,), daemon=True) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE)
    stuck = sum(thread.is_alive() for thread in threads)
    assert not stuck, f"{stuck} of {count} never ended: a deadlock?"
    return outcomes


def until_somebody_waits_at_a_gate(owner: Connection) -> None:
    """Return once a session of this database waits for an advisory lock."""
    query = (
        "SELECT count(*) FROM pg_locks"
        " WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    while not owner.execute(text(query)).scalar_one():
        owner.execute(text("SELECT pg_sleep(0.01)"))


def until_somebody_waits_for_a_row(owner: Connection) -> None:
    """Return once a session of this database waits for the end of a transaction that holds a row.

    Raises AssertionError if none ever does.
    """
    query = (
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'transactionid' AND NOT granted AND datname = current_database()"
    )
    deadline = time.monotonic() + _PATIENCE / 6  # less than a session waits for a lock
    while not owner.execute(text(query)).scalar_one():
        assert time.monotonic() < deadline, "nobody waits"
        owner.execute(text("SELECT pg_sleep(0.01)"))


def failures(outcomes: list[T | Exception]) -> list[Exception]:
    """Those that raised."""
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]
