"""A recall as somebody drafts it, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from portal.kernel.errors import N_, Fault
from portal.kernel.lots import lot_faults, lot_key
from portal.recalls.number_rules import lies_between
from portal.recalls.rules import LEVELS, SCOPE_MAX, TEXT_MAX, TITLE_MAX, ScopeKind, text_faults

LOTS_MAX = 5_000
NOTICE_MAX = 20_000


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """What of a product is recalled: so many lots, a range of serial numbers or of days, or all of it."""

    sku: str
    kind: ScopeKind
    lots: tuple[str, ...] = ()
    serial_from: str = ""
    serial_to: str = ""
    without: tuple[str, ...] = ()
    made_from: date | None = None
    made_to: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A recall as it is written. demands: what holders have to do. notice_text: what it was read from."""

    level: int
    title: str
    reason: str
    demands: str
    is_drill: bool
    scope: tuple[ScopeLine, ...]
    notice_text: str = ""


def plain_line(line: ScopeLine) -> ScopeLine:
    """A line as it is kept: lots as they are compared, each once, nothing of another kind."""
    of = line.kind
    return ScopeLine(
        line.sku.strip(),
        of,
        tuple(dict.fromkeys(lot_key(lot) for lot in line.lots if lot.strip()))
        if of is ScopeKind.LOTS
        else (),
        line.serial_from.strip() if of is ScopeKind.SERIALS else "",
        line.serial_to.strip() if of is ScopeKind.SERIALS else "",
        tuple(one.strip() for one in line.without if one.strip()) if of is ScopeKind.SERIALS else (),
        line.made_from if of is ScopeKind.MADE else None,
        line.made_to if of is ScopeKind.MADE else None,
    )


def draft_faults(draft: Draft, known: Collection[str]) -> list[Fault]:
    """What is wrong with a draft; known: the SKUs of it that there are."""
    faults = text_faults("/title", draft.title, TITLE_MAX)
    faults += text_faults("/reason", draft.reason, TEXT_MAX)
    faults += text_faults("/demands", draft.demands, TEXT_MAX)
    faults += text_faults("/notice_text", draft.notice_text, NOTICE_MAX, required=False)
    if draft.level not in LEVELS:
        message, fix = N_("A recall is of level 1, 2 or 3."), N_("Choose how serious it is.")
        faults.append(Fault("/level", "level", message, fix))
    if not 1 <= len(draft.scope) <= SCOPE_MAX:
        message, fix = N_("A scope has 1 to %(max)s lines."), N_("Say what is recalled.")
        faults.append(Fault("/scope", "scope", message, fix, {"max": SCOPE_MAX}))
    for place, line in enumerate(draft.scope):
        faults += _line_faults(f"/scope/{place}", line, known)
    return faults


def _line_faults(pointer: str, line: ScopeLine, known: Collection[str]) -> list[Fault]:
    faults = []
    if line.sku not in known:
        message, fix = N_("There is no product %(sku)s."), N_("Choose one of the catalogue.")
        faults.append(Fault(f"{pointer}/sku", "unknown_sku", message, fix, {"sku": line.sku}))
    if line.kind is ScopeKind.LOTS:
        faults += _lots_faults(pointer, line.lots)
    if line.kind is ScopeKind.SERIALS and not _is_range(line):
        message = N_("First and last serial number are written alike, the first not behind the last.")
        faults.append(
            Fault(f"{pointer}/serial_from", "serial_range", message, N_("Copy both from the notice."))
        )
    made = line.made_from and line.made_to and line.made_from <= line.made_to
    if line.kind is ScopeKind.MADE and not made:
        message = N_("Days of production have a first and a last, the first not behind the last.")
        faults.append(Fault(f"{pointer}/made_from", "made_range", message, N_("Enter both days.")))
    return faults


def _lots_faults(pointer: str, lots: Sequence[str]) -> list[Fault]:
    if not 1 <= len(lots) <= LOTS_MAX:
        message = N_("Name 1 to %(max)s lots.")
        fix = N_("Where all of a product is meant, say so.")
        return [Fault(f"{pointer}/lots", "lots", message, fix, {"max": LOTS_MAX})]
    return [fault for lot in lots for fault in lot_faults(f"{pointer}/lots", lot)][:1]


def _is_range(line: ScopeLine) -> bool:
    ends = line.serial_from, line.serial_to
    return bool(all(ends)) and lies_between(line.serial_from, ends) and lies_between(line.serial_to, ends)
