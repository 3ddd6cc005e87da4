"""Order sheets: read, priced and checked, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.blueprints.api.schemas.order_sheets import OrderSheetBody, OrderSheetShape
from portal.kernel import money
from portal.kernel.errors import N_, Fault
from portal.orders.manifest import CHAPTER
from portal.orders.vocabulary import OrderRight
from portal.ordersheets.check_sheet import CheckedRow, CheckedSheet, check_sheet
from portal.ordersheets.read_file import read_file
from portal.ordersheets.rules import Sheet, read_text
from portal.web.api.buyer import buyer_id
from portal.web.api.operations import operation
from portal.web.api.reading import uploaded_file
from portal.web.order_terms import order_terms
from portal.web.presentation import fix_in_words, in_words
from portal.web.request import current_actor, current_session

ROWS_MAX = 10_000


@operation(
    "POST",
    "/order-sheets",
    tag=CHAPTER,
    rights=(OrderRight.WRITE, OrderRight.DESK),
    body=OrderSheetBody,
    answers=OrderSheetShape,
    takes_file=True,
    summary=N_("Read and check an order sheet"),
    about=N_(
        "Text as it is pasted from Excel, a chat or a mail, or a file. Every row is taken, merged with "
        "another of the same product, or refused with what is wrong and what may be meant. Nothing is "
        "written or reserved: order the accepted rows with POST /orders."
    ),
)
def create(body: OrderSheetBody) -> dict[str, Any]:
    content = uploaded_file()
    sheet = (
        read_text(body.text, rows_max=ROWS_MAX) if content is None else read_file(content, rows_max=ROWS_MAX)
    )
    checked = check_sheet(
        current_session(),
        actor=current_actor(),
        dealer_id=buyer_id(body.dealer),
        sheet=sheet,
        terms=order_terms(),
    )
    return _shown(sheet, checked)


def _shown(sheet: Sheet, checked: CheckedSheet) -> dict[str, Any]:
    guess = sheet.columns
    return {
        "rows": [_row_shown(row) for row in checked.rows],
        "skipped": [{"row": one.row, "text": one.text, "because": one.because} for one in sheet.skipped],
        "columns": guess and {"sku": guess.code + 1, "quantity": guess.quantity + 1},
        "accepted": len(checked.accepted),
        "refused": len(checked.refused),
        "errors": _faults_shown(checked.faults),
        "held_by": _faults_shown(checked.verdict.told_of_holds),
        "warnings": _faults_shown(checked.verdict.warnings),
        "total": money.as_text(checked.total),
    }


def _row_shown(row: CheckedRow) -> dict[str, Any]:
    line = row.line
    return {
        "row": row.row.row,
        "text": row.row.text,
        "sku": row.sku,
        "quantity": row.row.quantity,
        "merged_into": row.merged_into,
        "unit_price": line and money.as_text(line.price.unit_price),
        "amount": None if row.amount is None else money.as_text(row.amount),
        "available": row.available,
        "errors": _faults_shown(row.faults),
        "notes": _faults_shown(row.notes),
        "proposals": _proposals_shown(row),
    }


def _proposals_shown(row: CheckedRow) -> list[dict[str, Any]]:
    """What may be meant, the quantity that fits, then what may be taken instead."""
    meant = [(sku, row.row.quantity) for sku in row.proposals]
    fitting = [(row.sku, row.fitting)] if row.fitting else []
    return [
        {"sku": sku, "quantity": quantity, "available": None, "unit_price": None}
        for sku, quantity in meant + fitting
    ] + [
        {
            "sku": one.sku,
            "quantity": one.quantity,
            "available": one.available,
            "unit_price": money.as_text(one.unit_price),
        }
        for one in row.substitutes
    ]


def _faults_shown(faults: Iterable[Fault]) -> list[dict[str, str]]:
    return [
        {
            "pointer": fault.pointer,
            "code": fault.code,
            "message": in_words(fault),
            "fix": fix_in_words(fault) if fault.fix else "",
        }
        for fault in faults
    ]
