"""An order sheet out of a file: a workbook of Excel or a text, whatever wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Set

from portal.kernel.spreadsheet import COLUMNS_MAX, TOO_LONG, is_workbook, place_of, read_table, text_of
from portal.ordersheets.rules import Sheet, read_cells, read_text


def read_file(content: bytes, *, rows_max: int) -> Sheet:
    """The rows of an uploaded file. Raises Invalid for what is neither a workbook nor a text."""
    if is_workbook(content):
        table = read_table(content)
        bad = {place: fault for fault in table.faults if (place := place_of(fault)) is not None}
        return read_cells(table.rows, bad, rows_max=rows_max)
    return read_text(text_of(content), rows_max=rows_max)


def as_text(content: bytes) -> str:
    """The file as it would be pasted, each cell without a plain value as the formula that it is.

    Raises Invalid, as `read_file`.
    """
    if not is_workbook(content):
        return text_of(content)
    table = read_table(content)
    wrong: dict[int, set[int]] = {}
    for fault in table.faults:
        if fault.code != TOO_LONG and (place := place_of(fault)) is not None:
            wrong.setdefault(place[0], set()).add(min(place[1], COLUMNS_MAX))
    return "\n".join("\t".join(_fields(texts, wrong.get(number, set()))) for number, texts in table.rows)


def _fields(texts: list[str], wrong: Set[int]) -> Iterable[str]:
    """wrong: columns from 0; a formula at the end may have no text."""
    wide = [*texts, *[""] * (max(wrong, default=0) + 1 - len(texts))] if wrong else texts
    return (f"={text}" if column in wrong else text for column, text in enumerate(wide))
