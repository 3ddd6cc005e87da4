"""The names that others use of statements: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class StatementRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "statements:read"
    CONFIRM = "statements:confirm"
    CLOSE = "hq:finance-close"


class StatementAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    PERIOD_CLOSING = "period:closing"
    PERIOD_RETRIED = "period:retried"
    PERIOD_CLOSED = "period:closed"
    STATEMENT_ISSUED = "statement:issued"
    STATEMENT_DOWNLOADED = "statement:downloaded"
    STATEMENT_CONFIRMED = "statement:confirmed"
    CORRECTION_PROPOSED = "statement:correction-proposed"
    CORRECTION_APPROVED = "statement:corrected"
    CORRECTION_REJECTED = "statement:correction-rejected"
    CLAUSE_SET = "confirmation_clause:set"
    PERIOD_PAUSED = "period:paused"
    PERIOD_RESUMED = "period:resumed"
    INVOICE_DOWNLOADED = "invoice:downloaded"
    ADJUSTMENT_DOWNLOADED = "adjustment_note:downloaded"
