"""A logger's file as it was uploaded: which form it has is found out from what is in it. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from portal.coldchain.loggers.berlinger import is_berlinger, read_berlinger
from portal.coldchain.loggers.file import DayOrder, LoggerFile, Unit, refusal
from portal.coldchain.loggers.table import read_rows, split_rows
from portal.kernel import spreadsheet
from portal.kernel.errors import N_

CONTENT_MAX = 4 * 2**20  # bytes; a year of readings every five minutes
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_CHINESE = ("温度", "时间", "日期", "湿度")


def read_log(
    content: bytes, *, zone: ZoneInfo, unit: Unit | None = None, order: DayOrder | None = None
) -> LoggerFile:
    """What a logger wrote, in °C.

    zone: of its clock, where the file does not say. unit, order: somebody's answers to what the file leaves
    open. Raises Invalid for what is no logger's file, or leaves open what nobody has answered.
    """
    if not content.strip():
        raise refusal("file_empty", N_("The file is empty."), N_("Choose the logger's file."))
    if len(content) > CONTENT_MAX:
        raise refusal("file_large", N_("The file is larger than a logger's ever is."))
    if content.startswith(_OLD_WORKBOOK):
        raise refusal(
            "old_workbook",
            N_("This is a workbook of an old Excel."),
            N_("Save it as CSV or as an Excel workbook (.xlsx)."),
        )
    if spreadsheet.is_workbook(content):
        return read_rows(_rows_of(content), unit=unit, order=order, zone=zone)
    text = _text_of(content)
    if is_berlinger(text):

        def localized(at: datetime) -> datetime:
            return at.replace(tzinfo=zone)

        return read_berlinger(text, localized, zone)
    return read_rows(split_rows(text), unit=unit, order=order, zone=zone)


def _rows_of(content: bytes) -> list[list[str]]:
    """The rows of a workbook; titles may be merged. Raises Invalid for what nobody measured."""
    table = spreadsheet.read_table(content)
    for fault in table.faults:
        if fault.code != spreadsheet.MERGED:
            message = N_("Cell %(cell)s holds a formula, an error or a long text.")
            raise refusal("cell_no_value", message, cell=fault.pointer.lstrip("/"))
    return [texts for _, texts in table.rows]


def _text_of(content: bytes) -> str:
    """A text in UTF-8, UTF-16, GBK where it speaks Chinese, else Latin-1, whose degree GBK would misread."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise refusal("not_a_log", N_("This file is no table of times and temperatures that could be read."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        chinese = content.decode("gb18030", errors="replace")
        return chinese if any(word in chinese for word in _CHINESE) else content.decode("latin-1")
