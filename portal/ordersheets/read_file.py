"""An order sheet out of a file: a workbook of Excel or a text, whatever wrote it."""

from __future__ import annotations

from portal.kernel.spreadsheet import is_workbook, read_table, text_of
from portal.ordersheets.rules import Sheet, read_cells, read_text


def read_file(content: bytes, *, rows_max: int) -> Sheet:
    """The rows of an uploaded file. Raises Invalid for what is neither a workbook nor a text."""
    if is_workbook(content):
        table = read_table(content)
        return read_cells(table.rows, table.faults, rows_max=rows_max)
    return read_text(text_of(content), rows_max=rows_max)


def as_text(content: bytes) -> str:
    """The file as it would be pasted. Raises Invalid, as `read_file`."""
    if is_workbook(content):
        return "\n".join("\t".join(texts) for _, texts in read_table(content).rows)
    return text_of(content)
