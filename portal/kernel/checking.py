"""Do two ways to reckon one figure agree?

A check is one statement, so that it sees one moment and what is in flight wholly or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """name: ``ledger/accounts``. about: what has to be true (a message).

    sql: the rows for which it is not, as ``subject``, ``kept`` (what is written) and ``counted`` (what it
    should be). It groups each big table once; how many rows are told is the caller's business.
    """

    name: str
    about: str
    sql: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures that should be one. `subject` names the row as people know it: a number, a code."""

    subject: str
    kept: str
    counted: str
