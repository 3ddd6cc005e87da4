"""Lines of a stock report out of a text: pasted, typed, or a file's. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.dealerstock.rules import LINES_MAX
from portal.kernel.errors import N_, Fault, Invalid
from portal.ordersheets.column_rules import folded, head_of
from portal.ordersheets.field_rules import DELIMITERS, Line, lines_of, split

SIZE_MAX = 2**20
LINE_MAX = 2_000  # characters
_LOTS = frozenset(
    ["lot", "lotno", "lotnumber", "batch", "batchno", "批号", "生产批号", "批次", "批次号", "批號"]
)
_DAYS = frozenset(["day", "date", "soldon", "countedon", "日期", "销售日期", "盘点日期", "出库日期"])
_CUSTOMERS = frozenset(["customer", "hospital", "soldto", "客户", "医院", "终端", "销售对象", "购货单位"])


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it stands in the text, nothing read yet. row: its number, from 1."""

    row: int
    code: str
    lot: str = ""
    quantity: str = ""
    day: str = ""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class _Places:
    """Columns from 0."""

    code: int
    lot: int | None
    quantity: int
    day: int | None
    customer: int | None


_USUAL = _Places(0, 1, 2, 3, 4)


def raw_lines(text: str) -> list[RawLine]:
    """The lines of a text: by its head, else SKU, lot, quantity, day, customer.

    A line of one field is a scanned code and one unit; of two, a scanned code and its quantity. Raises
    Invalid for more than is read, before anything is.
    """
    lines = _lines(text)
    places, found = None, []
    for line in lines:
        fields = _fields(line.text)
        if places is None and (head := _head(fields)):
            places = head
            continue
        found.append(_line(line.number, fields, places))
    return found


def check_size(size: int) -> None:
    """Raise Invalid for a text or file of more than is read. size: characters or bytes."""
    if size > SIZE_MAX:
        message, fix = N_("A report has at most 1 MB."), N_("Divide it.")
        raise Invalid(faults=[Fault("/lines", "report_large", message, fix)])


def _lines(text: str) -> list[Line]:
    check_size(len(text))
    lines = lines_of(text)
    if len(lines) > LINES_MAX + 1:  # with the head
        message, fix = N_("At most %(max)s lines in one report."), N_("Divide it.")
        raise Invalid(faults=[Fault("/lines", "too_many_lines", message, fix, {"max": LINES_MAX})])
    message, fix = N_("At most %(max)s characters."), N_("Shorten it.")
    long = [line.number for line in lines if len(line.text) > LINE_MAX]
    if long:
        faults = [Fault(f"/rows/{one}", "too_long", message, fix, {"max": LINE_MAX}) for one in long[:10]]
        raise Invalid(faults=faults)
    return lines


def _fields(line: str) -> Sequence[str]:
    """By the first separator that is in the line; by blanks, of which the last field may have some."""
    for delimiter in DELIMITERS:
        fields = split(line, delimiter)
        if len(fields) > 1:
            return fields
    words = [word for word in line.split(" ") if word]
    last = _USUAL.customer or 0
    return [*words[:last], " ".join(words[last:])] if len(words) > last else words


def _head(fields: Sequence[str]) -> _Places | None:
    columns = head_of(fields)
    if columns is None:
        return None
    words = [folded(field) for field in fields]
    lot, day, customer = (
        next((place for place, word in enumerate(words) if word in known), None)
        for known in (_LOTS, _DAYS, _CUSTOMERS)
    )
    return _Places(columns.code, lot, columns.quantity, day, customer)


def _line(number: int, fields: Sequence[str], places: _Places | None) -> RawLine:
    if places is None and len(fields) == 1:
        return RawLine(number, fields[0], quantity="1")
    if places is None and len(fields) == 2:
        return RawLine(number, fields[0], quantity=fields[1])
    at = places or _USUAL

    def field(place: int | None) -> str:
        return fields[place].strip() if place is not None and place < len(fields) else ""

    return RawLine(
        number, field(at.code), field(at.lot), field(at.quantity), field(at.day), field(at.customer)
    )
