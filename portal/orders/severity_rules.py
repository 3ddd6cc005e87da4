"""How grave each fault of an order is: what refuses it, what holds it, and what is only told. Pure.

Headquarters decides it by fault code (`fault_severity`), within the bounds that stand here: what cannot be
understood or priced is always an error, and what the law forbids is never less than a hold. A held order is
proven again when it is picked and shipped, where every fault of compliance refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.kernel.errors import N_, Fault

BY_HAND = "by_hand"
"""Code of what an employee has against an order."""

RELEASED = "released"
"""What is written in the place of its severity about a fault that held an order until somebody let it go."""


class Severity(StrEnum):
    """What a fault does to an order."""

    ERROR = "error"
    HOLD = "hold"
    WARNING = "warning"


class Hold(StrEnum):
    """Why an order waits for headquarters."""

    CREDIT = "credit"
    OVERDUE = "overdue"
    STOPPED = "stopped"
    COMPLIANCE = "compliance"
    TERMS = "terms"
    PRICE = "price"
    STOCK = "stock"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a fault may be, and what it is until somebody decides otherwise.

    hold: the kind of hold it makes. label: English, what the fault is about.
    """

    usual: Severity
    may_be: tuple[Severity, ...]
    hold: Hold
    label: str


_ANY = tuple(Severity)
_LAW = (Severity.ERROR, Severity.HOLD)

BOUNDS: dict[str, Bounds] = {
    "credit": Bounds(Severity.HOLD, _LAW, Hold.CREDIT, N_("Credit limit exceeded")),
    "overdue": Bounds(Severity.HOLD, _ANY, Hold.OVERDUE, N_("Overdue debt")),
    "stopped": Bounds(Severity.HOLD, _LAW, Hold.STOPPED, N_("Dealer on the stop list")),
    "licence": Bounds(Severity.ERROR, _LAW, Hold.COMPLIANCE, N_("No licence in force")),
    "registration": Bounds(Severity.ERROR, _LAW, Hold.COMPLIANCE, N_("Registration not in force")),
    "region_not_authorised": Bounds(Severity.ERROR, _LAW, Hold.COMPLIANCE, N_("Region not authorised")),
    "line_not_authorised": Bounds(Severity.ERROR, _LAW, Hold.COMPLIANCE, N_("Product line not authorised")),
    "hospital_not_authorised": Bounds(Severity.ERROR, _LAW, Hold.COMPLIANCE, N_("Hospital not authorised")),
    "acknowledge_first": Bounds(Severity.ERROR, _ANY, Hold.COMPLIANCE, N_("Notice not acknowledged")),
    "min_amount": Bounds(Severity.ERROR, _ANY, Hold.TERMS, N_("Order below the minimum amount")),
    "min_quantity": Bounds(Severity.ERROR, _ANY, Hold.TERMS, N_("Quantity below the minimum")),
    "max_quantity": Bounds(Severity.ERROR, _ANY, Hold.TERMS, N_("Quantity above the maximum")),
    "quota": Bounds(Severity.ERROR, _ANY, Hold.TERMS, N_("Quota exceeded")),
    "shelf_life": Bounds(Severity.WARNING, _ANY, Hold.TERMS, N_("Remaining shelf life too short")),
}
"""Every fault whose severity can be decided; all others are errors."""

HOLD_LABELS: dict[Hold, str] = {
    Hold.CREDIT: N_("Credit limit"),
    Hold.OVERDUE: N_("Overdue debt"),
    Hold.STOPPED: N_("Stop list"),
    Hold.COMPLIANCE: N_("Compliance"),
    Hold.TERMS: N_("Order terms"),
    Hold.PRICE: N_("Price"),
    Hold.STOCK: N_("Stock"),
    Hold.MANUAL: N_("By hand"),
}

SEVERITY_LABELS: dict[Severity, str] = {
    Severity.ERROR: N_("Refuses the order"),
    Severity.HOLD: N_("Holds the order"),
    Severity.WARNING: N_("Warns only"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """All faults of an order, by what they do. released: what held it until somebody let it go."""

    errors: tuple[Fault, ...] = ()
    held: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    released: tuple[Fault, ...] = ()

    @property
    def holds(self) -> tuple[str, ...]:
        """The kinds of hold, each once, in the order of `Hold`."""
        kinds = {hold_of(fault) for fault in self.held}
        return tuple(str(kind) for kind in Hold if kind in kinds)

    @property
    def told_of_holds(self) -> tuple[Fault, ...]:
        """What a dealer is told of them: the words of an employee are for headquarters."""
        return tuple(fault for fault in self.held if fault.code != BY_HAND)


def judge(faults: Iterable[Fault], configured: Mapping[str, str]) -> Verdict:
    """Sort faults by their severity; what is configured beyond its bounds does not count."""
    sorted_by: dict[Severity, list[Fault]] = {severity: [] for severity in Severity}
    for fault in faults:
        sorted_by[severity_of(fault.code, configured)].append(fault)
    return Verdict(*(tuple(sorted_by[severity]) for severity in Severity))


def severity_of(code: str, configured: Mapping[str, str]) -> Severity:
    """What a fault does now."""
    bounds = BOUNDS.get(code)
    if bounds is None:
        return Severity.ERROR
    decided = configured.get(code)
    return Severity(decided) if decided in bounds.may_be else bounds.usual


def hold_of(fault: Fault) -> Hold:
    """The kind of hold that a fault makes."""
    return Hold(str(fault.params["kind"])) if fault.code == BY_HAND else BOUNDS[fault.code].hold


def by_hand(kind: Hold, who: str, why: str, at: datetime) -> Fault:
    """What an employee has against an order, as a fault."""
    params = {"kind": str(kind), "who": who, "why": why, "at": at.isoformat()}
    return Fault("", BY_HAND, N_("Held by %(who)s: %(why)s"), "", params)


def taking_the_place_of(before: Verdict, now: Verdict, *, widened: bool) -> Verdict:
    """The verdict on a changed order, `now` by the rules alone, with what employees had against the old one.

    They keep holding it, and what one of them released holds it again when it was widened. Everything else
    has been judged anew.
    """
    still = [fault for fault in before.held if fault.code == BY_HAND]
    let_go = tuple(fault for fault in before.released if fault.code == BY_HAND)
    return replace(
        now, held=(*now.held, *still, *(let_go if widened else ())), released=() if widened else let_go
    )


def severity_faults(code: str, severity: str) -> list[Fault]:
    """Why a fault may not be of a severity."""
    bounds = BOUNDS.get(code)
    if bounds is None:
        fix = N_("Choose one of the faults of this list.")
        return [Fault("/code", "fixed_severity", N_("This fault always refuses an order."), fix)]
    if severity not in list(Severity):
        fix = N_("Choose error, hold or warning.")
        return [Fault("/severity", "unknown_severity", N_("There is no such severity."), fix)]
    if severity not in bounds.may_be:
        message = N_("The law or the books ask for more here: an order with this fault is never let go.")
        return [Fault("/severity", "severity_too_low", message, N_("Choose error or hold."))]
    return []


def kept(verdict: Verdict) -> list[dict[str, Any]]:
    """What an order keeps of its verdict: values of JSON, with messages to be translated when shown."""
    return [
        {
            "severity": severity,
            "pointer": fault.pointer,
            "code": fault.code,
            "message": fault.message,
            "fix": fault.fix,
            "params": {name: _plain(value) for name, value in fault.params.items()},
        }
        for severity, faults in _by_word(verdict).items()
        for fault in faults
    ]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def recalled(entries: Sequence[Mapping[str, Any]]) -> Verdict:
    """The verdict that `kept` gave."""
    faults: dict[str, list[Fault]] = {word: [] for word in _by_word(Verdict())}
    for entry in entries:
        faults[entry["severity"]].append(
            Fault(entry["pointer"], entry["code"], entry["message"], entry["fix"], entry["params"])
        )
    return Verdict((), *(tuple(faults[word]) for word in faults))


def _by_word(verdict: Verdict) -> dict[str, tuple[Fault, ...]]:
    """What is kept of a verdict, in the order of its fields, by the word that stands for it."""
    return {
        str(Severity.HOLD): verdict.held,
        str(Severity.WARNING): verdict.warnings,
        RELEASED: verdict.released,
    }
