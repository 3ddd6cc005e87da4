"""A statement as data: the one form that page, API, workbook and every hash of it share. Pure."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from portal.statements.document import (
    DueItem,
    LateCorrection,
    Party,
    StatementDocument,
    StatementLine,
)


def content_of(document: StatementDocument) -> dict[str, Any]:
    """Everything a statement says, in no language: names of members as the API documents them."""
    ageing = document.ageing
    return {
        "number": document.number,
        "period": document.period,
        "dealer": document.dealer.code,
        "currency": document.currency,
        "opening": document.opening,
        "debits": document.total_debit,
        "credits": document.total_credit,
        "closing": document.closing,
        "overdue": ageing.overdue,
        "line_count": len(document.lines),
        "issued_at": document.issued_at,
        "addressee": _party(document.dealer),
        "issuer": _party(document.issuer),
        "terms_days": document.terms_days,
        "payment": {
            "holder": document.bank.holder,
            "bank": document.bank.bank,
            "account": document.bank.number,
            "reference": document.payment_reference,
        },
        "lines": [_line(line) for line in document.lines],
        "ageing": {
            "current_due": ageing.current,
            "days_1_30": ageing.d1_30,
            "days_31_60": ageing.d31_60,
            "days_61_90": ageing.d61_90,
            "days_over_90": ageing.over_90,
            "unallocated": ageing.unallocated,
        },
        "open_items": [_open_item(item, document) for item in document.due],
        **_corrected(document),
    }


def _corrected(document: StatementDocument) -> dict[str, Any]:
    """What only a corrected version says: the first says what it said before there were versions."""
    if document.version == 1:
        return {}
    return {
        "version": document.version,
        "corrections": [correction_content(one) for one in document.corrections],
        "corrected_closing": document.corrected_closing,
    }


def canonical(document: StatementDocument) -> bytes:
    """The same as JSON with sorted members and money as text of two places: equal statements, equal bytes."""
    return orjson.dumps(content_of(document), default=_plain, option=_SORTED)


def fingerprint(document: StatementDocument) -> str:
    """SHA-256 of `canonical`, in hexadecimal: what a confirmation signs."""
    return hashlib.sha256(canonical(document)).hexdigest()


# A moment is written by `_plain`, always with its offset.
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _party(party: Party) -> dict[str, str]:
    return {
        "name_zh": party.name_zh,
        "name_en": party.name_en,
        "credit_code": party.credit_code,
        "address": party.address,
    }


def _line(line: StatementLine) -> dict[str, Any]:
    return {
        "date": line.date,
        "kind": str(line.kind),
        "document_no": line.document_no,
        "reference": line.reference,
        "late": line.late,
        "debit": line.debit,
        "credit": line.credit,
        "balance": line.balance,
    }


def correction_content(one: LateCorrection) -> dict[str, Any]:
    """A later document that belongs to the month."""
    return {
        "document_no": one.document_no,
        "date": one.date,
        "kind": str(one.kind),
        "amount": one.amount,
        "period": one.period,
    }


def _open_item(item: DueItem, document: StatementDocument) -> dict[str, Any]:
    return {
        "document_no": item.document_no,
        "issued_on": item.date,
        "due_on": item.due_date,
        "open_amount": item.open_amount,
        "days_overdue": item.days_overdue(document.period_end),
    }
