"""A bank's file, whatever it is, as statements: XML, SWIFT, a workbook, or a text with columns.

What a file is, its bytes say. Texts are UTF-8 with or without a mark, UTF-16, or GB 18030, which holds GBK; a
text that breaks off within a letter is told as cut off and not read as another encoding.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.bank.camt_rules import read_camt
from portal.bank.column_rules import Columns
from portal.bank.mt940_rules import is_mt940, read_mt940
from portal.bank.row_rules import Row
from portal.bank.rules import SIZE_MAX, BankFile, refused, require_sound
from portal.bank.table_rules import HEAD_WITHIN, find_heads, read_rows
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.old_workbooks import Damaged, Locked, is_old_workbook, old_workbook_sheets
from portal.kernel.outside_xml import begins_like_xml
from portal.kernel.spreadsheet import MERGED, TOO_LONG, is_workbook, place_of, read_table, text_of

ROWS_MAX = 12_000
COLUMNS_MAX = 60
SHEETS_MAX = 5  # looked at in a workbook
_DELIMITERS = ",\t;|"

Known = Callable[[Sequence[str]], Columns | None]
"""The mapping that somebody set for a table with these headings, if anybody did."""


@dataclass(frozen=True, slots=True)
class BankTable:
    """A table as it stands in a file. columns: as they are recognised, or None."""

    rows: tuple[Row, ...]
    columns: Columns | None


def read_bank_file(
    content: bytes,
    zone: ZoneInfo,
    *,
    columns: Columns | None = None,
    known: Known | None = None,
    account: str = "",
) -> BankFile:
    """The statements of a file. Raises Invalid with every reason and its place.

    zone: where the business is done: a moment with an offset is of a day there. columns: as a person set
    them. known: finds those of an earlier file. account: of a table that names none.
    """
    _require_size(content)
    if begins_like_xml(content):
        return require_sound(read_camt(content, zone))
    if not is_workbook(content) and not is_old_workbook(content):
        text = bank_text(content)
        if is_mt940(text):
            return require_sound(read_mt940(text))
    table = read_bank_table(content)
    chosen = columns or table.columns
    if chosen is None:
        raise _no_heads()
    if columns is None and known is not None:
        chosen = known(chosen.heads) or chosen
        chosen = Columns(chosen.places, table.columns.heads, table.columns.row) if table.columns else chosen
    return require_sound(read_rows(table.rows, chosen, zone, account=account))


def is_table(content: bytes) -> bool:
    """Whether a file has columns, which a person may name."""
    if is_workbook(content) or is_old_workbook(content):
        return True
    return not begins_like_xml(content) and not is_mt940(bank_text(content))


def read_bank_table(content: bytes) -> BankTable:
    """The rows of a table. Raises Invalid for a file that is none."""
    _require_size(content)
    if is_old_workbook(content):
        rows = _of_old_workbook(content)
        return BankTable(tuple(rows), find_heads(rows))
    if is_workbook(content):
        return _of_workbook(content)
    return _of_text(bank_text(content))


def bank_text(content: bytes) -> str:
    """The text of a file. Raises Invalid for what is none, or breaks off within a letter."""
    if not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data" and error.start > 0 and not content.isascii():
                _require_gbk_whole(content, error.start)
    return text_of(content)


def _require_gbk_whole(content: bytes, start: int) -> None:
    """UTF-8 to its end, but for the last letter: cut off. What is not UTF-8 before is another encoding."""
    if any(byte > 0x7F for byte in content[:start]):
        line = content[:start].count(b"\n") + 1
        message = N_("Line %(line)s: the file breaks off in the middle of a letter.")
        raise refused("cut_off", message, N_("Export the statement once more."), line)


def _require_size(content: bytes) -> None:
    if not content:
        raise refused("empty", N_("The file is empty."), N_("Choose the file once more."))
    if len(content) > SIZE_MAX:
        message = N_("The file has more than %(max)s MB.")
        raise refused("too_large", message, N_("Divide it by days."), max=SIZE_MAX // 2**20)


def _no_heads() -> Invalid:
    message = N_("No row of the file names the columns of a bank's statement.")
    return refused("no_heads", message, N_("Say which column is what, or take another form of export."))


def _of_old_workbook(content: bytes) -> list[Row]:
    """The rows of the first sheet that has any."""
    try:
        for sheet in old_workbook_sheets(content, sheets_max=SHEETS_MAX):
            rows: list[Row] = []
            for number, cells in sheet:
                if len(rows) >= ROWS_MAX:
                    raise _too_many()
                del cells[COLUMNS_MAX:]
                while cells and not cells[-1]:
                    cells.pop()
                if cells:
                    rows.append((number, cells))
            if rows:
                return rows
    except Locked:
        message = N_("The workbook is locked with a password.")
        raise refused("password", message, N_("Save it without a password.")) from None
    except Damaged:
        message, fix = N_("This workbook is damaged."), N_("Export it once more, or save it as .xlsx.")
        raise refused("not_a_table", message, fix) from None
    return []


def _too_many() -> Invalid:
    return refused(
        "rows_max", N_("The file has more than %(max)s rows."), N_("Divide it by days."), max=ROWS_MAX
    )


def _of_workbook(content: bytes) -> BankTable:
    table = read_table(content)
    columns = find_heads(table.rows)
    first = columns.row if columns else 0
    bad: list[Fault] = []
    for fault in table.faults:
        place = place_of(fault)
        if fault.code not in (TOO_LONG, MERGED) and place is not None and place[0] > first:
            bad.append(fault)
    if bad:
        raise Invalid("cells", N_("Some cells of the table hold no plain value."), faults=bad[:50])
    return BankTable(tuple(table.rows), columns)


def _of_text(text: str) -> BankTable:
    """Rows line by line: a quote that is never closed spoils its own line and no other."""
    lines = text.splitlines()
    if len(lines) > ROWS_MAX:
        raise _too_many()
    best: BankTable | None = None
    for delimiter in _DELIMITERS:
        head = find_heads(_split(lines[:HEAD_WITHIN], delimiter))
        if head and (best is None or best.columns is None or len(head.places) > len(best.columns.places)):
            best = BankTable(tuple(_split(lines, delimiter)), head)
    if best is None:
        delimiter = max(_DELIMITERS, key=lambda one: sum(line.count(one) for line in lines[:HEAD_WITHIN]))
        best = BankTable(tuple(_split(lines, delimiter)), None)
    return best


def _split(lines: Sequence[str], delimiter: str) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip(" \t\ufeff" + _DELIMITERS):
            continue
        try:
            cells = next(csv.reader([line], delimiter=delimiter))
        except (csv.Error, StopIteration):
            cells = line.split(delimiter)
        rows.append((number, [_bare(cell) for cell in cells[:COLUMNS_MAX]]))
    return rows


def _bare(cell: str) -> str:
    """Without blanks around, and without what keeps Excel from reading a number: ``="123"``, ``'123``."""
    text = cell.strip().strip("\ufeff").strip()
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1]
    return text[1:] if text[:1] == "'" and len(text) > 1 else text
