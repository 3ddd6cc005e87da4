"""A dispute on screen: its words, and what a page shows of a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.disputes.rules import EntryKind
from portal.disputes.words import ENTRIES, KINDS, OUTCOMES
from portal.kernel.errors import DomainError, Fault
from portal.web.presentation import in_full, in_words, labels

_ICONS = {
    EntryKind.OPENED: "scale",
    EntryKind.MESSAGE: "mail",
    EntryKind.WITHDRAWN: "x",
    EntryKind.RESOLVED: "circle-check",
}


def words() -> dict[str, Any]:
    """Words of a dispute in the visitor's language."""
    return {
        "kinds": labels(KINDS),
        "outcomes": labels(OUTCOMES),
        "entries": labels(ENTRIES),
        "icons": _ICONS,
    }


def refusal_shown(refusal: DomainError | None) -> dict[str, Any]:
    """What a page shows of a refusal: all of it above, and each fault beside its field or line."""
    faults: Sequence[Fault] = refusal.faults if refusal else ()
    return {
        "summary": [(_field(one.pointer), in_words(one)) for one in faults],
        "said": in_full(refusal) if refusal and not faults else "",
        "errors": lambda pointer: [in_full(one) for one in faults if one.pointer.startswith(pointer)],
        "beside": lambda place: [one for one in faults if one.pointer.startswith(f"/lines/{place}/")],
    }


def _field(pointer: str) -> str:
    parts = pointer.strip("/").split("/")
    if parts[0] == "lines":
        name = parts[2] if len(parts) > 2 and parts[2] in ("document", "amount") else "document"
        return f"{name}-{parts[1]}" if len(parts) > 1 else "lines"
    return {"note": "field-note", "text": "field-text", "files": "field-files"}.get(parts[0], "content")
