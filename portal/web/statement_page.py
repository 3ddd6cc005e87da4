"""A statement on screen.

The kinds of its documents in words, and what a page shows of it beside the document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _

from portal.kernel import typed
from portal.kernel.errors import Fault
from portal.statements.document import EntryKind, StatementDocument
from portal.statements.line_filter_rules import LineFilter, filtered
from portal.statements.pdf.capitals import in_capitals
from portal.web import language
from portal.web.presentation import in_full
from portal.web.request import request

T = TypeVar("T")

KINDS = {
    EntryKind.OPENING: _("Opening entry"),
    EntryKind.INVOICE: _("Invoice"),
    EntryKind.CREDIT_NOTE: _("Credit note"),
    EntryKind.PAYMENT: _("Payment"),
    EntryKind.REFUND: _("Refund"),
    EntryKind.REVERSAL: _("Reversal"),
    EntryKind.REBATE: _("Rebate"),
    EntryKind.SERVICE: _("Service invoice"),
    EntryKind.DEPOSIT: _("Deposit"),
    EntryKind.DEPOSIT_USE: _("Deposit applied"),
    EntryKind.DEPOSIT_RETURN: _("Deposit paid back"),
    EntryKind.WRITE_OFF: _("Write-off"),
    EntryKind.INTEREST: _("Interest"),
}


@dataclass(frozen=True, slots=True)
class AskedLines:
    """What the address looks for among the lines. said: as it was typed. errors: by field."""

    wanted: LineFilter
    said: dict[str, str]
    errors: dict[str, list[str]]


def shown(document: StatementDocument) -> dict[str, Any]:
    """Context of `statements/_document.html`."""
    in_words = document.closing > 0 and document.currency == "CNY" and language.current() == "zh"
    asked, met = _asked(), {line.kind for line in document.lines}
    return {
        "document": document,
        "kinds": KINDS,
        "in_capitals": in_capitals(document.closing) if in_words else "",
        "asked": asked,
        "found": filtered(document.lines, asked.wanted),
        "kinds_met": [(str(kind), word) for kind, word in KINDS.items() if kind in met],
    }


def _asked() -> AskedLines:
    names = ("kind", "q", "from", "to", "least", "most")
    said = {name: request.args.get(name, "").strip()[:100] for name in names}
    faults: list[Fault] = []

    def read(reader: Callable[[Any], T], name: str) -> T | None:
        return typed.field(reader, said[name], f"/{name}", faults) if said[name] else None

    wanted = LineFilter(
        said["kind"] if said["kind"] in list(EntryKind) else "",
        said["q"],
        read(typed.day, "from"),
        read(typed.day, "to"),
        read(typed.money, "least"),
        read(typed.money, "most"),
    )
    errors: dict[str, list[str]] = {}
    for fault in faults:
        errors.setdefault(fault.pointer.removeprefix("/"), []).append(in_full(fault))
    return AskedLines(wanted, said, errors)
