"""The names that others use of returns: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class ReturnRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    HANDLE = "hq:returns"
    INSPECT = "hq:return-inspection"


class ReturnAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    REQUESTED = "return:requested"
    WITHDRAWN = "return:withdrawn"
    APPROVED = "return:approved"
    REJECTED = "return:rejected"
    RECEIVED = "return:received"
    INSPECTED = "return:inspected"
    TEMPERATURES_ACCEPTED = "return:temperatures_accepted"
