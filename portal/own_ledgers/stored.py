"""How layouts, documents and faults are kept as JSON, and read again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from portal.kernel.errors import Fault
from portal.own_ledgers.difference_rules import Doc
from portal.own_ledgers.layout_rules import Books, Field, Layout
from portal.own_ledgers.rules import money_of


def layout_to_json(layout: Layout, sheet: int) -> dict[str, Any]:
    """A layout, and which sheet of the file it is of, from 0."""
    return {
        "columns": {str(name): place for name, place in layout.columns.items()},
        "head_at": layout.head_at,
        "head_rows": layout.head_rows,
        "heads": list(layout.heads),
        "year": layout.year,
        "hint": layout.hint and str(layout.hint),
        "sheet": sheet,
    }


def layout_of_json(kept: Mapping[str, Any], books: str | None = None) -> Layout:
    """A layout as it was kept."""
    return Layout(
        {Field(name): place for name, place in kept["columns"].items()},
        kept["head_at"],
        kept["head_rows"],
        tuple(kept["heads"]),
        kept["year"],
        Books(books) if books else None,
        Books(kept["hint"]) if kept.get("hint") else None,
    )


def faults_to_json(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """What kept a file from being read."""
    return [
        {
            "pointer": one.pointer,
            "code": one.code,
            "message": one.message,
            "fix": one.fix,
            "params": dict(one.params),
        }
        for one in faults
    ]


def faults_of_json(kept: Sequence[Mapping[str, Any]] | None) -> list[Fault]:
    """The same, read again."""
    return [
        Fault(one["pointer"], one["code"], one["message"], one["fix"], one["params"]) for one in kept or ()
    ]


def doc_to_json(doc: Doc, shown: Mapping[str, str]) -> dict[str, Any]:
    """A document of a difference. shown: more of it that is to be seen; `document` as people write it."""
    return {
        "document": doc.number,
        "date": doc.day.isoformat(),
        "amount": str(money_of(doc.fen)),
        "inside": doc.inside,
        "text": doc.text,
        **shown,
    }


def amount_of(kept: Mapping[str, Any]) -> Decimal:
    """The amount of a document that was kept."""
    return Decimal(kept["amount"])


def day_of_doc(kept: Mapping[str, Any]) -> date:
    """The day of a document that was kept."""
    return date.fromisoformat(kept["date"])
