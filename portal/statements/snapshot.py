"""What a statement shows beside its figures and its lines, kept as it was when the statement was issued.

Pure. The lines are the ledger's, which never change, and the figures are columns; everything else comes from
master data that do change. It is written once, and page, PDF and API read it from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.statements.document import (
    Ageing,
    BankAccount,
    DueItem,
    EntryKind,
    LateCorrection,
    Movement,
    Party,
    StatementDocument,
    running_balances,
)

VERSION = 1  # of the members; a reader of a later version still reads the earlier ones


@dataclass(frozen=True, slots=True)
class Figures:
    """What an issued statement is by its columns."""

    number: str
    period: str
    currency: str
    opening: Decimal
    closing: Decimal
    ageing: Ageing


def freeze(document: StatementDocument) -> dict[str, Any]:
    """The snapshot of a document about to be issued, as JSON: dates ISO, money as text with two places."""
    return {
        "version": VERSION,
        "dealer": asdict(document.dealer),
        "issuer": asdict(document.issuer),
        "bank": asdict(document.bank),
        "terms_days": document.terms_days,
        "payment_reference": document.payment_reference,
        "issued_at": document.issued_at.isoformat(),
        "due": [
            {
                "document_no": item.document_no,
                "date": item.date.isoformat(),
                "due_date": item.due_date.isoformat(),
                "open_amount": str(item.open_amount),
            }
            for item in document.due
        ],
        "statement_version": document.version,
        "verify_url": document.verify_url,
        "audit_root": document.audit_root,
        "corrections": [
            {
                "document_no": one.document_no,
                "date": one.date.isoformat(),
                "kind": str(one.kind),
                "amount": str(one.amount),
                "period": one.period,
            }
            for one in document.corrections
        ],
    }


def thaw(
    snapshot: Mapping[str, Any], figures: Figures, movements: Iterable[Movement], *, locale: str
) -> StatementDocument:
    """The document as it was issued, in any language.

    Raises ValueError for a snapshot of a version not known here.
    """
    if snapshot["version"] != VERSION:
        raise ValueError(f"statement {figures.number} has a snapshot of version {snapshot['version']}")
    return StatementDocument(
        number=figures.number,
        period=figures.period,
        dealer=Party(**snapshot["dealer"]),
        issuer=Party(**snapshot["issuer"]),
        bank=BankAccount(**snapshot["bank"]),
        currency=figures.currency,
        opening=figures.opening,
        lines=running_balances(figures.opening, movements),
        closing=figures.closing,
        ageing=figures.ageing,
        issued_at=datetime.fromisoformat(snapshot["issued_at"]),
        terms_days=snapshot["terms_days"],
        payment_reference=snapshot["payment_reference"],
        due=tuple(_due(item) for item in snapshot["due"]),
        locale=locale,
        version=snapshot.get("statement_version", 1),
        verify_url=snapshot.get("verify_url", ""),  # those of before had none
        audit_root=snapshot.get("audit_root", ""),  # nor this
        corrections=late_corrections(snapshot),
    )


def late_corrections(snapshot: Mapping[str, Any]) -> tuple[LateCorrection, ...]:
    """The later documents that a version counts to its month."""
    return tuple(_correction(one) for one in snapshot.get("corrections", ()))


def _correction(said: Mapping[str, str]) -> LateCorrection:
    return LateCorrection(
        said["document_no"],
        date.fromisoformat(said["date"]),
        EntryKind(said["kind"]),
        Decimal(said["amount"]),
        said["period"],
    )


def _due(item: Mapping[str, str]) -> DueItem:
    days = date.fromisoformat(item["date"]), date.fromisoformat(item["due_date"])
    return DueItem(item["document_no"], *days, Decimal(item["open_amount"]))
