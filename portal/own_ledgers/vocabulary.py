"""The names that others use of dealers' own ledgers: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class OwnLedgerRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    COMPARE = "own-ledger:compare"


class OwnLedgerAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    UPLOADED = "own_ledger:uploaded"
    ASKED = "own_ledger:asked"
    MATCHED = "own_ledger:matched"
    FAILED = "own_ledger:failed"
    ANSWERED = "own_ledger:answered"
    SIGNED = "own_ledger:signed"
    SUPERSEDED = "own_ledger:superseded"
    DISCARDED = "own_ledger:discarded"
    DOWNLOADED = "own_ledger:downloaded"


class OwnLedgerTold(StrEnum):
    """What people and systems are told of: topics of the outbox, and the events of the same names."""

    COMPARED = "own_ledger.compared"
    ANSWERED = "own_ledger.answered"
    SIGNED = "own_ledger.signed"


DEALER_SIGNED = "own_ledger.dealer_signed"
"""What headquarters' people are told of instead where a dealer signed."""
