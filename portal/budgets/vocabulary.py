"""The names that others use of budgets and activities: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class BudgetRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    PLAN = "rebates:activities"
    DECIDE = "hq:activities"
    PROPOSE = "hq:budgets"
    APPROVE = "hq:budgets-approve"


class BudgetAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    PROPOSED = "budget:proposed"
    AMOUNT_PROPOSED = "budget:amount_proposed"
    APPROVED = "budget:approved"
    REJECTED = "budget:rejected"
    PLANNED = "activity:planned"
    EDITED = "activity:edited"
    SUBMITTED = "activity:submitted"
    WITHDRAWN = "activity:withdrawn"
    DECIDED = "activity:decided"
    CLOSED = "activity:closed"
