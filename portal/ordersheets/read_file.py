"""An order sheet out of a file: a workbook of Excel or a text, whatever wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Set

from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.spreadsheet import COLUMNS_MAX, TOO_LONG, is_workbook, place_of, read_table, text_of
from portal.ordersheets.rules import Sheet, read_cells, read_text

WORKBOOK_MAX = 8 * 2**20  # bytes
TEXT_MAX = 2 * 2**20
"""Bytes of a text: 10,000 lines of an order in UTF-16."""


def read_file(content: bytes, *, rows_max: int) -> Sheet:
    """The rows of an uploaded file. Raises Invalid for what is neither a workbook nor a text."""
    _require_size(content)
    if is_workbook(content):
        table = read_table(content)
        bad = {place: fault for fault in table.faults if (place := place_of(fault)) is not None}
        return read_cells(table.rows, bad, rows_max=rows_max)
    return read_text(text_of(content), rows_max=rows_max)


def as_text(content: bytes) -> str:
    """The file as it would be pasted, each cell without a plain value as the formula that it is.

    Raises Invalid, as `read_file`.
    """
    _require_size(content)
    if not is_workbook(content):
        return text_of(content)
    table = read_table(content)
    wrong: dict[int, set[int]] = {}
    for fault in table.faults:
        if fault.code != TOO_LONG and (place := place_of(fault)) is not None:
            wrong.setdefault(place[0], set()).add(min(place[1], COLUMNS_MAX))
    return "\n".join("\t".join(_fields(texts, wrong.get(number, set()))) for number, texts in table.rows)


def _require_size(content: bytes) -> None:
    most = WORKBOOK_MAX if is_workbook(content) else TEXT_MAX
    if len(content) > most:
        message, fix = N_("The file is larger than %(max)s MB."), N_("Divide it.")
        params = {"max": most // 2**20}
        fault = Fault("/file", "file_large", message, fix, params)
        raise Invalid("file_large", message, fix=fix, faults=[fault], **params)


def _fields(texts: list[str], wrong: Set[int]) -> Iterable[str]:
    """wrong: columns from 0; a formula at the end may have no text."""
    wide = [*texts, *[""] * (max(wrong, default=0) + 1 - len(texts))] if wrong else texts
    return (f"={text}" if column in wrong else text for column, text in enumerate(wide))
