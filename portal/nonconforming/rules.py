"""The life of a report of non-conforming goods. Pure.

`TRANSITIONS` is the law; docs/non-conforming.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault

REASON_MAX = 500
QUANTITY_MAX = 1_000_000


class ReportState(StrEnum):
    """Where a report stands. to_destroy: it is decided, and nobody has seen it happen yet."""

    REPORTED = "reported"
    RELEASED = "released"
    SENT_BACK = "sent_back"
    TO_DESTROY = "to_destroy"
    DESTROYED = "destroyed"


class Source(StrEnum):
    """Where goods were found not to conform."""

    INSPECTION = "inspection"
    RETURN = "return"
    COLD_CHAIN = "cold_chain"
    TRANSFER = "transfer"
    COUNT = "count"
    EXPIRY = "expiry"
    BY_HAND = "by_hand"


class Decision(StrEnum):
    """What becomes of the units: sold after all, sent back to the supplier, destroyed."""

    RELEASE = "release"
    SEND_BACK = "send_back"
    DESTROY = "destroy"


ENDS: Mapping[Decision, ReportState] = {
    Decision.RELEASE: ReportState.RELEASED,
    Decision.SEND_BACK: ReportState.SENT_BACK,
    Decision.DESTROY: ReportState.TO_DESTROY,
}
"""Where a decision leads."""

TRANSITIONS = frozenset(
    {(ReportState.REPORTED, end) for end in ENDS.values()} | {(ReportState.TO_DESTROY, ReportState.DESTROYED)}
)
"""Every (from, to) that is possible."""

OPEN = (ReportState.REPORTED, ReportState.TO_DESTROY)
"""States in which the units still lie in quarantine."""


def require_state(now: ReportState, needed: ReportState) -> None:
    """Raise Conflict unless the report stands where the act is possible."""
    if now is not needed:
        raise Conflict(
            "report_state",
            N_("The report has moved on: this is not possible any more, or not yet."),
            fix=N_("Load it again and look at its status."),
        )


def reason_faults(pointer: str, reason: str) -> list[Fault]:
    """What is wrong with a plain reason."""
    if not reason:
        return [Fault(pointer, "reason_missing", N_("A reason is needed."), N_("Say why in a few words."))]
    if len(reason) > REASON_MAX:
        message = N_("At most %(max)s characters.")
        return [Fault(pointer, "reason_long", message, N_("Shorten it."), {"max": REASON_MAX})]
    return []


def quantity_faults(pointer: str, quantity: int, there: int) -> list[Fault]:
    """What is wrong with a number of units of which so many are there to be reported."""
    if not 1 <= quantity <= QUANTITY_MAX:
        message, fix = N_("Between 1 and %(max)s units can be reported."), N_("Correct the quantity.")
        return [Fault(pointer, "quantity_out_of_range", message, fix, {"max": QUANTITY_MAX})]
    if quantity > there:
        message = N_("Only %(there)s units of this lot are there and in no other report.")
        fix = N_("Correct the quantity, or set saleable units apart first.")
        return [Fault(pointer, "not_so_many", message, fix, {"there": there})]
    return []
