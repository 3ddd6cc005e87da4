"""The names that others use of receiving: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class ReceivingRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    RECEIVE = "hq:receiving"
    ACCEPT = "hq:acceptance"


class ReceivingAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    SUPPLIER_WRITTEN = "supplier:written"
    PURCHASE_RECORDED = "purchase:recorded"
    GOODS_RECEIVED = "goods:received"
    GOODS_INSPECTED = "goods:inspected"
