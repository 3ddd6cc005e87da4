"""An order sheet, pasted or uploaded, as rows of code and quantity. Pure.

Every line with something in it is accounted for: it is a row, or it is told as the head of a table or as what
stands above one. What a row says is taken or refused and never guessed: ``1.23E+11`` is no article, a line
with a separator too many has no price for a quantity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.kernel.errors import N_, Fault, Invalid
from portal.ordersheets.column_rules import Columns, guessed, head_of, looks_like_code
from portal.ordersheets.field_rules import (
    DELIMITERS,
    LINE_MAX,
    Line,
    is_endless,
    lines_of,
    split,
    table_delimiter,
    usual_width,
    visible,
)
from portal.ordersheets.free_line_rules import is_scan, pair_of
from portal.ordersheets.quantity_rules import quantity_of

TEXT_MAX = 300  # characters of a line that are shown
CODE_MAX = 200
_HEAD_HINT = re.compile("qty|quantity|units|pcs|count|数|數", re.IGNORECASE)
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE | re.ASCII)

HEAD, ABOVE = "head", "above_the_table"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A line that orders something. row: its number in the sheet, from 1; text: as it stands there.

    typed: the quantity as it is written; quantity: None where that is none. unit: what it is counted in,
    empty where nothing says so. is_scanned: one unit because a barcode reader sent it.
    """

    row: int
    text: str
    code: str
    typed: str
    quantity: int | None = None
    unit: str = ""
    is_scanned: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that orders nothing, and why: `HEAD` or `ABOVE`."""

    row: int
    text: str
    because: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet says. columns: as they were guessed, None where a head or each line says what is what."""

    rows: tuple[SheetRow, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    columns: Columns | None = None


@dataclass
class _Section:
    """Lines below one head, or before any."""

    columns: Columns | None = None
    delimiter: str | None = None
    lines: list[tuple[Line, tuple[str, ...]]] = field(default_factory=list)


def read_text(text: str, *, rows_max: int, columns: tuple[int, int] | None = None) -> Sheet:
    """The rows of a pasted text or a CSV file.

    columns: places of code and quantity, from 0, for a table without a head. Raises Invalid for too many.
    """
    found = lines_of(text)
    _require_fewer(len(found), rows_max)
    endless = [line for line in found if is_endless(line.text)]
    lines = [line for line in found if not is_endless(line.text)] if endless else found
    sections, skipped = [_Section()], []
    for line in lines:
        below = _below(line.text)
        if below is None:
            sections[-1].lines.append((line, ()))
        else:
            sections.append(below)
            skipped.append(Skipped(line.number, _shown(line.text), HEAD))
    rows, guess = _rows_without_head(sections[0], columns)
    for section in sections[1:]:
        rows += _rows_below_head(section)
    if endless:
        rows = sorted([*rows, *map(_endless, endless)], key=lambda row: row.row)
    return _sheet(rows, skipped, guess, sections)


def _endless(line: Line) -> SheetRow:
    """A line that is told and not read."""
    message, fix = (
        N_("This line is longer than %(max)s characters, or has too many fields."),
        N_("Leave the SKU and the quantity in it."),
    )
    fault = Fault("", "line_long", message, fix, {"max": LINE_MAX})
    return SheetRow(line.number, _shown(line.text), "", "", faults=(fault,))


def read_cells(
    cells: Sequence[tuple[int, Sequence[str]]],
    bad: Mapping[tuple[int, int], Fault],
    *,
    rows_max: int,
    columns: tuple[int, int] | None = None,
) -> Sheet:
    """The rows of a workbook, as `read_text`, from its cells by row number and the faults of `bad` ones.

    bad: by row number and by column from 0.
    A bad cell counts if it holds code, quantity or unit.
    """
    _require_fewer(len(cells), rows_max)
    sections, skipped = [_Section()], []
    for number, texts in cells:
        fields = tuple(map(visible, texts))
        line = Line(number, "\t".join(fields))
        head = head_of(fields)
        if head is None:
            sections[-1].lines.append((line, fields))
        else:
            sections.append(_Section(head))
            skipped.append(Skipped(number, _shown(line.text), HEAD))
    first = sections[0]
    guess = _guess([fields for _, fields in first.lines], columns)
    rows = [
        _of_columns(line, fields, guess, bad) if guess else _free(line, bad) for line, fields in first.lines
    ]
    for section in sections[1:]:
        assert section.columns is not None  # a head has them
        rows += [_of_columns(line, fields, section.columns, bad) for line, fields in section.lines]
    return _sheet(rows, skipped, guess, sections)


def row_of(number: int, text: str, code: str, typed: str) -> SheetRow:
    """A row whose fields somebody typed or corrected."""
    return _row(Line(number, text), visible(code), visible(typed))


def _require_fewer(count: int, rows_max: int) -> None:
    if count > rows_max:
        message, fix = N_("The sheet has %(count)s rows; at most %(max)s are read."), N_("Divide it.")
        params = {"count": count, "max": rows_max}
        raise Invalid(
            "rows_max", message, fix=fix, faults=[Fault("/text", "rows_max", message, fix, params)], **params
        )


def _below(text: str) -> _Section | None:
    """The section that begins with this line, None where it is no head."""
    if not _HEAD_HINT.search(text if text.isascii() else unicodedata.normalize("NFKC", text)):
        return None
    for delimiter in DELIMITERS:
        if columns := head_of(split(text, delimiter)):
            return _Section(columns, delimiter)
    columns = head_of(text.split())
    return _Section(columns) if columns else None


def _rows_without_head(
    section: _Section, columns: tuple[int, int] | None
) -> tuple[list[SheetRow], Columns | None]:
    lines = [line for line, _ in section.lines]
    delimiter = table_delimiter(lines)
    if delimiter is None and columns is None:
        return [_free(line) for line in lines], None
    fields = [split(line.text, delimiter or "\t") for line in lines]
    guess = _guess(fields, columns)
    if guess is None:
        return [_free(line) for line in lines], None
    return [_in_table(line, row, guess, guess.width) for line, row in zip(lines, fields, strict=True)], guess


def _guess(rows: Sequence[tuple[str, ...]], columns: tuple[int, int] | None) -> Columns | None:
    width = usual_width(map(len, rows))
    if columns is not None:
        return Columns(*columns, None, width, is_guessed=True)
    return guessed([row for row in rows if len(row) == width], width) if width > 1 else None


def _rows_below_head(section: _Section) -> list[SheetRow]:
    columns, delimiter = section.columns, section.delimiter
    if columns is None or delimiter is None:
        return [_free(line) for line, _ in section.lines]
    fields = [split(line.text, delimiter, columns.width) for line, _ in section.lines]
    width = usual_width(map(len, fields))
    if width <= max(columns.code, columns.quantity):
        width = columns.width
    return [
        _in_table(line, row, columns, width) for (line, _), row in zip(section.lines, fields, strict=True)
    ]


def _in_table(line: Line, fields: tuple[str, ...], columns: Columns, width: int) -> SheetRow:
    """A line of a table: with a separator too many or too few nobody can tell which field is which."""
    row = _of_columns(line, fields, columns, {})
    if len(fields) in (width, columns.width):
        return row
    message, fix = (
        N_("This line has %(fields)s fields, the table has %(columns)s."),
        N_("Check the SKU and the quantity: a separator is missing or too many."),
    )
    params = {"fields": len(fields), "columns": width}
    return replace(row, quantity=None, faults=(Fault("", "shifted", message, fix, params),))


def _of_columns(
    line: Line, fields: Sequence[str], columns: Columns, faults: Mapping[tuple[int, int], Fault]
) -> SheetRow:
    def at(place: int | None) -> str:
        return fields[place] if place is not None and place < len(fields) else ""

    row = _row(line, at(columns.code), at(columns.quantity), at(columns.unit))
    places = (("/sku", columns.code), ("/quantity", columns.quantity), ("/quantity", columns.unit))
    found = tuple(
        replace(fault, pointer=pointer)
        for pointer, place in places
        if place is not None and (fault := faults.get((line.number, place)))
    )
    return replace(row, quantity=None, faults=found) if found else row


def _free(line: Line, faults: Mapping[tuple[int, int], Fault] | None = None) -> SheetRow:
    pair = pair_of(line.text)
    if pair.is_doubtful:
        message, fix = N_("It is not clear which is the SKU and which the quantity."), N_("Enter both.")
        fault = Fault("", "not_clear", message, fix)
        return SheetRow(line.number, _shown(line.text), pair.code[:CODE_MAX], pair.quantity, faults=(fault,))
    row = _row(line, pair.code, pair.quantity)
    of_cells = tuple(
        replace(fault, pointer="") for (number, _), fault in (faults or {}).items() if number == line.number
    )
    return replace(row, quantity=None, faults=of_cells) if of_cells else row


def _row(line: Line, code: str, typed: str, unit: str = "") -> SheetRow:
    scanned = not typed and is_scan(code)
    counted = quantity_of("1" if scanned else typed, "/quantity", unit)
    faults = [fault for fault in (_code_fault(code), _formula("/quantity", typed)) if fault]
    if isinstance(counted, Fault) and not any(fault.pointer == "/quantity" for fault in faults):
        faults.append(counted)
    row = SheetRow(
        line.number, _shown(line.text), code[:CODE_MAX], typed, is_scanned=scanned, faults=tuple(faults)
    )
    return row if isinstance(counted, Fault) else replace(row, quantity=counted.quantity, unit=counted.unit)


def _code_fault(code: str) -> Fault | None:
    if not code:
        return Fault("/sku", "sku_missing", N_("The SKU is missing."), N_("Enter it."))
    if _ROUNDED.fullmatch(code):
        message, fix = (
            N_("Excel has rounded %(code)s; nobody can tell which number it was."),
            N_("Format the column as text, enter the number again, and copy it."),
        )
        return Fault("/sku", "sku_rounded", message, fix, {"code": code})
    return _formula("/sku", code)


def _formula(pointer: str, text: str) -> Fault | None:
    if not text.startswith(("=", "＝")):
        return None
    return Fault(pointer, "formula", N_("This cell holds a formula."), N_("Copy and paste its value."))


def _sheet(
    rows: Sequence[SheetRow], skipped: list[Skipped], guess: Columns | None, sections: Sequence[_Section]
) -> Sheet:
    """Above a table stand titles and notes; what reads like an order there is one all the same."""
    if len(sections) == 1:
        return Sheet(tuple(rows), tuple(skipped), guess)
    above = {line.number for line, _ in sections[0].lines}
    titles = [row for row in rows if row.row in above and (row.faults or not looks_like_code(row.code))]
    skipped += [Skipped(row.row, row.text, ABOVE) for row in titles]
    kept = tuple(row for row in rows if row not in titles)
    return Sheet(kept, tuple(sorted(skipped, key=lambda one: one.row)))


def _shown(text: str) -> str:
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"
