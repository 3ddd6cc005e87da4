"""The names that others use of purchasing: its right and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class PurchasingRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    APPROVE = "orders:approve"


class PurchasingAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    TEMPLATE_KEPT = "order_template:kept"
    TEMPLATE_REMOVED = "order_template:removed"
    DRAFT_MADE = "order_draft:made"
    DRAFT_ASKED = "order_draft:asked"
    DRAFT_PLACED = "order_draft:placed"
    DRAFT_REJECTED = "order_draft:rejected"
    DRAFT_WITHDRAWN = "order_draft:withdrawn"
    DRAFT_TAKEN = "order_draft:taken"
    DRAFT_DISCARDED = "order_draft:discarded"
    LIMIT_SET = "order_limit:set"
    RECURRING_KEPT = "recurring_order:kept"
    RECURRING_PAUSED = "recurring_order:paused"
    RECURRING_REMOVED = "recurring_order:removed"
    RECURRING_RUN = "recurring_order:run"
