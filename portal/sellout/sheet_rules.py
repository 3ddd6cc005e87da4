"""Lines of a report of goods out of a text: pasted, typed, or a file's. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.kernel.errors import N_, Fault, Invalid
from portal.ordersheets.column_rules import folded, head_of
from portal.ordersheets.field_rules import DELIMITERS, lines_of, split
from portal.sellout.decide_rules import LINES_MAX

SIZE_MAX = 2**20
LINE_MAX = 2_000  # characters
_HEADS = {
    "lot": "lot lotno lotnumber batch batchno 批号 生产批号 批次 批次号 批號",
    "serial": "serial serialno serialnumber sn 序列号 序列號 系列号 机身号",
    "day": "day date at soldon 日期 销售日期 出库日期 使用日期",
    "hospital": "hospital customer soldto to 医院 客户 终端 销售对象 购货单位",
    "document": "document documentno invoice deliverynote 单据 单据号 单号 出库单号 发票号",
    "line": "line lineno row 行 行号",
}
_WORDS = {word: member for member, words in _HEADS.items() for word in words.split()}
_USUAL = {"code": 0, "lot": 1, "quantity": 2, "day": 3, "hospital": 4, "serial": 5, "document": 6, "line": 7}


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it stands in the text, nothing read yet. row: its number, from 1."""

    row: int
    code: str
    lot: str = ""
    quantity: str = ""
    day: str = ""
    hospital: str = ""
    serial: str = ""
    document: str = ""
    line: str = ""


def raw_lines(text: str) -> list[RawLine]:
    """The lines of a text: by its head, else SKU, lot, quantity, day, hospital, serial, document, line.

    A line of one field is a scanned code and one unit; of two, a scanned code and its quantity. Raises
    Invalid for more than is read, before anything is.
    """
    check_size(len(text))
    lines = lines_of(text)
    if len(lines) > LINES_MAX + 1:  # with the head
        message, fix = N_("At most %(max)s lines in one report."), N_("Divide it.")
        raise Invalid(faults=[Fault("/lines", "too_many_lines", message, fix, {"max": LINES_MAX})])
    if long := [line.number for line in lines if len(line.text) > LINE_MAX]:
        message, fix = N_("At most %(max)s characters."), N_("Shorten it.")
        faults = [Fault(f"/rows/{one}", "too_long", message, fix, {"max": LINE_MAX}) for one in long[:10]]
        raise Invalid(faults=faults)
    places: Mapping[str, int] | None = None
    found = []
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


def _fields(line: str) -> Sequence[str]:
    """By the first separator that is in the line; without one, by blanks."""
    for delimiter in DELIMITERS:
        fields = split(line, delimiter)
        if len(fields) > 1:
            return fields
    return line.split()


def _head(fields: Sequence[str]) -> Mapping[str, int] | None:
    columns = head_of(fields)
    if columns is None:
        return None
    places = {"code": columns.code, "quantity": columns.quantity}
    for place, field in enumerate(fields):
        if member := _WORDS.get(folded(field)):
            places.setdefault(member, place)
    return places


def _line(number: int, fields: Sequence[str], places: Mapping[str, int] | None) -> RawLine:
    if places is None and len(fields) <= 2:
        return RawLine(number, fields[0], quantity=fields[1] if len(fields) == 2 else "1")
    at = _USUAL if places is None else places
    return RawLine(
        number, **{member: fields[place].strip() for member, place in at.items() if place < len(fields)}
    )
