"""From a value of a row to a cell of a file: typed, in words of one language, and never a formula."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Protocol

from portal.kernel import money
from portal.kernel.errors import N_
from portal.web.listing.declaration import Column, Kind

Cell = str | int | Decimal | date | datetime | None
"""A datetime is local and without a zone, as spreadsheets know no other."""

TEXT_MAX = 32_767
"""Characters that a cell of a spreadsheet holds."""

_FORMULA = frozenset("=+-@＝＋－＠")
_SHARE_STEP = Decimal("0.0001")
_NEVER_PRINTED = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0x7F, 0xFEFF, *range(0x200B, 0x2010)])


class Words(Protocol):
    """What cells say, in the language of whoever exports."""

    def say(self, message: str) -> str:
        """A message in that language."""

    def name(self, chinese: str, english: str) -> str:
        """The name to be told of two."""

    def status(self, kind: str, state: str) -> str:
        """The word for a status."""

    def unit(self, word: str) -> str:
        """The word for a unit."""


def cell_of(column: Column, row: Any, words: Words, zone: tzinfo) -> Cell:
    """The cell of a column in a row; moments in local time of `zone`, to the second."""
    value = column.value(row)
    if column.kind is Kind.NAME:
        value = words.name(*(one or "" for one in value)) or None
    if value is None:
        return words.say(column.empty) if column.empty else None
    match column.kind:
        case Kind.MOMENT:
            moment: datetime = value
            return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
        case Kind.SHARE:
            return Decimal(value).quantize(_SHARE_STEP)
        case Kind.QUANTITY | Kind.MONEY | Kind.DATE:
            typed: Cell = value
            return typed
        case Kind.STATUS:
            return _text(words.status(column.status, value))
        case Kind.WORD:
            return _text(words.say(column.words[value]))
        case Kind.WORDS:
            return _text(", ".join(words.say(column.words[one]) for one in value))
        case Kind.UNIT:
            return _text(words.unit(value))
        case Kind.FLAG:
            return words.say(N_("Yes") if value else N_("No"))
    return _text(str(value))


def plain(cell: Cell, kind: Kind) -> str:
    """A cell as CSV has it: ``1234.50``, ``2026-11-21``, ``2026-11-21 14:05:09``.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if looks_like_formula(cell) else cell
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return money.as_text(Decimal(cell)) if kind is Kind.MONEY else f"{Decimal(cell):f}"


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might calculate with a text instead of showing it: by its first character, also
    in full width, also behind blanks.
    """
    return text[:1] in ("\t", "\r", "\n") or text.lstrip()[:1] in _FORMULA


def _text(text: str) -> str:
    """Without what nobody sees, which could hide a formula's first character, and no longer than a cell."""
    return text.translate(_NEVER_PRINTED)[:TEXT_MAX]
