"""The names that others use of settlements: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class SettlementRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    SETTLE = "hq:rebates-settle"


class SettlementAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    PROPOSED = "rebate_run:proposed"
    APPROVED = "rebate_run:approved"
    REJECTED = "rebate_run:rejected"
    STOPPED = "rebate_run:stopped"
    DONE = "rebate_run:done"
    SETTLED = "rebate:settled"
    NOTE_DOWNLOADED = "rebate_note:downloaded"
