"""The names that others use of recalls: rights, acts of the audit, events."""

from __future__ import annotations

from enum import StrEnum


class RecallRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words.

    What quality alone does needs its own right.
    """

    READ = "recalls:read"
    ANSWER = "recalls:write"
    DESK = "hq:recalls"


class RecallAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    DRAFTED = "recall:drafted"
    EDITED = "recall:edited"
    CONFIRMED = "recall:confirmed"
    DECIDED = "recall:decided"
    WIDENED = "recall:widened"
    WITHDRAWN = "recall:withdrawn"
    READ = "recall:read"
    ANSWERED = "recall:answered"
    TELEPHONED = "recall:telephoned"
    CLOSED = "recall:closed"


TO_DECIDE = "recall.to_decide"
"""To quality: a scope waits for the decision of another person."""
DECIDED = "recall.decided"
"""To each holder: units it holds are recalled."""
REMINDED = "recall.reminded"
"""To a silent holder: its time runs out."""
SILENT = "recall.silent"
"""To quality: a holder has not answered in time and is telephoned."""
