"""A claim as a dealer types it: read into an entry, and shown again as it was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from portal.claims.entry import (
    ClaimEntry,
    EvidenceInvoice,
    ProtectedLine,
    entry_faults,
    lost,
)
from portal.claims.queries import ClaimDetail
from portal.claims.rules import REDUCES_PRICES, ClaimKind, Treatment
from portal.kernel import typed
from portal.kernel.errors import Fault, Invalid
from portal.web.forms import rows_of_form
from portal.web.request import request

T = TypeVar("T")
INVOICE_ROW = ("issuer", "invoice_no", "invoice_date", "invoice_amount")
LINE_ROW = ("sku", "quantity", "old_price", "new_price")
COLUMNS = (*INVOICE_ROW, *LINE_ROW, "file_id")
FIELDS = (
    *("kind", "programme", "period", "activity", "hospital", "tender_reference", "note", "treatment"),
    *("from", "to", "cut_on", "amount"),
)
SPARE_ROWS = 2
ROWS_LEAST = 3
MORE_ROWS = 5
_POINTERS = {"invoice_no": "number", "invoice_date": "date", "invoice_amount": "amount"}

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TypedClaim:
    """What stands in the fields."""

    fields: dict[str, str] = field(default_factory=dict)
    invoices: Rows = ()
    lines: Rows = ()

    @property
    def kind(self) -> ClaimKind | None:
        """The kind that was chosen."""
        said = self.fields.get("kind", "")
        return ClaimKind(said) if said in list(ClaimKind) else None


def typed_claim() -> TypedClaim:
    """The fields of the request, rows without anything left out."""
    return TypedClaim(
        {name: request.form.get(name, "") for name in FIELDS},
        _filled(rows_of_form(*INVOICE_ROW)),
        _filled(rows_of_form(*LINE_ROW)),
    )


def typed_of(found: ClaimDetail) -> TypedClaim:
    """A claim that is to be completed, as it would be typed."""
    entry = found.entry
    cut = entry.kind is ClaimKind.PRICE_PROTECTION
    days = {"from": entry.first_day, "to": entry.last_day} if not cut else {"cut_on": entry.last_day}
    fields = {
        "kind": str(entry.kind),
        **{name: getattr(entry, name) for name in FIELDS[1:7]},
        "treatment": str(entry.treatment or ""),
        "amount": str(found.asked),
        **{name: day.isoformat() if day else "" for name, day in days.items()},
    }
    return TypedClaim(
        fields,
        tuple((one.issuer, one.number, one.on.isoformat(), str(one.amount)) for one in entry.invoices),
        tuple((one.sku, str(one.quantity), str(one.old_price), str(one.new_price)) for one in entry.lines),
    )


def with_spare(rows: Rows, width: int, more: int = 0) -> list[tuple[str, ...]]:
    """The rows, and empty ones below them."""
    count = max(ROWS_LEAST, len(rows) + SPARE_ROWS) + more
    return [*rows, *(("",) * width for _ in range(count - len(rows)))]


def entry_of(typed_one: TypedClaim, files: Sequence[str], today: date) -> ClaimEntry:
    """The entry. Raises Invalid with everything that cannot be read or is wrong by itself."""
    kind, said = typed_one.kind, typed_one.fields
    if kind is None:
        raise ValueError("a form of no kind")
    faults: list[Fault] = []
    cut = kind is ClaimKind.PRICE_PROTECTION
    amount = _if_any(typed.money, said["amount"], "/amount", faults)
    first, last = (
        _if_any(typed.day, said[name], f"/{name}", faults)
        for name in (("cut_on", "cut_on") if cut else ("from", "to"))
    )
    entry = ClaimEntry(
        kind=kind,
        amount=amount,
        treatment=_treatment(kind, said["treatment"]),
        first_day=first,
        last_day=last,
        invoices=_invoices(typed_one.invoices, today, faults),
        lines=_lines(typed_one.lines, faults),
        files=tuple(files),
        **{name: said[name].strip() for name in FIELDS[1:7]},
    )
    if faults:
        raise Invalid("claim_refused", faults=_merged(faults, entry, today))
    return entry


def _merged(misread: list[Fault], entry: ClaimEntry, today: date) -> list[Fault]:
    """What could not be read, and what is wrong besides; sums of what could not be read say nothing."""
    unread = {one.pointer for one in misread}
    found = replace(entry, amount=entry.amount or lost(entry.lines) or Decimal(1))
    others = [
        one
        for one in entry_faults(found, today)
        if one.pointer not in unread and one.code not in ("not_covered", "not_cut", "quantity")
    ]
    return [*misread, *others]


def _filled(rows: Sequence[tuple[str, ...]]) -> Rows:
    return tuple(row for row in rows if any(cell.strip() for cell in row))


def _treatment(kind: ClaimKind, said: str) -> Treatment | None:
    if kind in REDUCES_PRICES or said not in list(Treatment):
        return None
    return Treatment(said)


def _if_any(read: Callable[[str], T], said: str, pointer: str, faults: list[Fault]) -> T | None:
    return typed.field(read, said, pointer, faults) if said.strip() else None


def _invoices(rows: Rows, today: date, faults: list[Fault]) -> tuple[EvidenceInvoice, ...]:
    found = []
    for place, (issuer, number, day, amount) in enumerate(rows):
        at = f"/invoices/{place}"
        on = typed.field(typed.day, day, f"{at}/date", faults)
        sum_of = typed.field(typed.money, amount, f"{at}/amount", faults)
        found.append(EvidenceInvoice(issuer, number, on or today, sum_of or Decimal(1)))
    return tuple(found)


def _lines(rows: Rows, faults: list[Fault]) -> tuple[ProtectedLine, ...]:
    found = []
    for place, (sku, quantity, old, new) in enumerate(rows):
        at = f"/lines/{place}"
        units = typed.field(typed.quantity, quantity, f"{at}/quantity", faults)
        before = typed.field(typed.money, old, f"{at}/old_price", faults)
        after = typed.field(typed.money, new, f"{at}/new_price", faults)
        found.append(ProtectedLine(sku.strip(), units or 1, before or Decimal(2), after or Decimal(0)))
    return tuple(found)


def field_of(pointer: str) -> str:
    """The id of the field that a fault belongs to."""
    parts = pointer.strip("/").split("/")
    if parts[0] in ("invoices", "lines") and len(parts) > 1:
        return f"{parts[0]}-{parts[1]}"
    return "field-files" if parts[0] in ("evidence", "files", "file") else f"field-{parts[0]}"
