"""Rows of a ledger as lines of documents, with what proves that they were read right. Pure.

Opening, carried and summed rows are no documents: they are what lines are proven by. A line that turns red
stays on its side with a minus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.kernel.cells import YEARS, plain
from portal.kernel.errors import N_, Fault
from portal.kernel.rounded import FIX, is_rounded
from portal.own_ledgers.cell_rules import day_of, fen_of, numbers_in, side_of
from portal.own_ledgers.layout_rules import Field, Layout

FAULTS_MAX = 50
NUMBER_MAX = 64
SUMMARY_MAX = 200
Row = tuple[int, list[str]]
_OPENING = re.compile(
    r"((上|去)?(期初|年初|上期|上年|上月|月初)(余额|结转|结存|数)?|结转上[期年月]|承前页?|余额?结转|年初余额"
    r"|opening(balance)?|broughtforward|balanceb/?f)"
)
_CLOSING = re.compile(
    r"(期末|年末|月末|本期期末)(余额|结存|数)?|结转下[期年月页]|过次页|转下页|closing(balance)?|carriedforward"
)
_SUM = re.compile(
    r"((20[0-9]{2})?[年.\-/]?[0-9]{0,2}月?)?(本|当|全|总)?(日|周|旬|月|期|季|年|页|次)?(度|份)?(前)?(发生额)?(合计|小计|总计|共计|发生额)(金额)?"
    r"([（(].*[)）])?|供应商小计|合计行?|(sub|grand)?total|sum"
)
_RUNNING = re.compile(
    r"((20[0-9]{2})?[年.\-/]?[0-9]{0,2}月?)?(本|当)?(年|期|月|前)?(度)?累计(发生额)?([（(].*[)）])?|yeartodate|ytd"
)
_KINDS = (("opening", _OPENING), ("sum", _SUM), ("running", _RUNNING), ("closing", _CLOSING))
_WORD_MAX = 24  # characters of the name of such a row
_ERROR = re.compile(r"#(REF|VALUE|DIV/0|NUM|NULL|SPILL|CALC|GETTING_DATA|N/A|NAME)[!?]?", re.ASCII)
_BLANKS = re.compile(r"[\s:：]")


@dataclass(frozen=True, slots=True)
class Line:
    """A document in somebody's books. fen: what it raises the debt by, in the view of `Books.THEIRS`.

    number: as it is written, empty where none is said.
    """

    row: int
    day: date
    fen: int
    number: str
    summary: str


@dataclass(slots=True)
class Reading:
    """A ledger as it was read, with every row that could not be, and what was proven."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    skipped: int = 0
    opening: int | None = None
    closing: int | None = None
    debit: int = 0
    credit: int = 0
    proven: int = 0
    wrong: list[int] = field(default_factory=list)
    wrong_count: int = 0

    @property
    def is_proven(self) -> bool:
        """Whether balances and sums were given and all agreed."""
        return self.proven > 0 and not self.wrong_count


_NOT_NEEDED = (Field.SUMMARY, Field.BALANCE, Field.BALANCE_SIDE)
"""Columns without which a line is a line."""


class Reader:
    """Reads the rows of one ledger by its layout, one after the other.

    zone: whose days its moments are of.
    """

    def __init__(self, layout: Layout, zone: ZoneInfo) -> None:
        self.reading = Reading()
        self._zone = zone
        self._columns = layout.columns
        self._layout = layout
        self._year = layout.year
        self._month: int | None = None
        self._proof = _Proof(self.reading)
        amounts = (Field.DEBIT, Field.CREDIT, Field.AMOUNT, Field.BALANCE)
        self._needed = [place for name, place in layout.columns.items() if name not in _NOT_NEEDED]
        self._amount_places = {layout.columns[one] for one in amounts if one in layout.columns}

    def read(self, rows: Iterable[Row]) -> Reading:
        """All of them; rows up to the headings are no lines."""
        last_head = self._layout.head_at + self._layout.head_rows - 1
        for number, texts in rows:
            if number > last_head:
                self._take(number, texts)
        self._proof.finish()
        return self.reading

    def _take(self, number: int, texts: list[str]) -> None:
        amounts, unread = self._amounts(texts)
        if kind := _kind_of(self._words(texts)):
            self.reading.skipped += 1
            self._proof.told(number, kind, amounts, self._balance(texts))
            return
        day = self._day(texts)
        if not any(amounts) and (day is None or not unread):
            self.reading.skipped += 1  # a note beneath the table, or a row that moves nothing
            return
        if broken := self._broken(texts):
            self._fault(number, _broken(number, broken))
            return
        if unread or day is None:
            self._fault(number, _unread(number) if unread else _without_day(number))
            return
        if is_rounded(said := self._text(texts, Field.DOCUMENT)):
            self._fault(number, _rounded(number, said))
            return
        debit, credit = amounts
        line = Line(number, day, credit - debit, self._number(texts), self._summary(texts))
        self.reading.lines.append(line)
        self.reading.debit += debit
        self.reading.credit += credit
        self._proof.moved(number, debit, credit, self._balance(texts))

    def _amounts(self, texts: list[str]) -> tuple[tuple[int, int], bool]:
        """Debit and credit, and whether one of them could not be read."""
        debit, bad_debit = self._fen(texts, Field.DEBIT)
        credit, bad_credit = self._fen(texts, Field.CREDIT)
        if Field.AMOUNT not in self._columns:
            return (debit, credit), bad_debit or bad_credit
        amount, bad = self._fen(texts, Field.AMOUNT)
        side = side_of(self._text(texts, Field.SIDE)) if Field.SIDE in self._columns else -1
        bad = bad or (bool(amount) and not side)  # neither debit nor credit: nobody guesses which
        return ((amount, 0) if side == 1 else (0, amount)), bad

    def _fen(self, texts: list[str], named: Field) -> tuple[int, bool]:
        said = self._text(texts, named)
        if not said or said in ("-", "—", "－", "/"):
            return 0, False
        fen = fen_of(said)
        return (0, True) if fen is None else (fen, False)

    def _balance(self, texts: list[str]) -> int | None:
        """The balance as what the dealer owes in its own view; None where it is not said."""
        said = self._text(texts, Field.BALANCE)
        side = self._text(texts, Field.BALANCE_SIDE)
        if said[:1] in ("借", "贷") and Field.BALANCE_SIDE not in self._columns:
            side, said = said[:1], said[1:]
        if Field.BALANCE not in self._columns:
            return None
        fen = fen_of(said)
        way = side_of(side) if side else None
        if fen is None:
            return 0 if way == 0 and side else None
        return fen if way is None or way == 0 else -way * fen

    def _day(self, texts: list[str]) -> date | None:
        if Field.DAY in self._columns:
            return day_of(self._text(texts, Field.DAY), self._zone)
        year, month = self._text(texts, Field.YEAR), self._text(texts, Field.MONTH)
        if said := _whole(year):
            self._year = said if said > 99 else 2000 + said
        self._month = _whole(month) or self._month
        try:
            day = date(self._year or 0, self._month or 0, _whole(self._text(texts, Field.DAY_OF_MONTH)) or 0)
        except ValueError:
            return None
        return day if day.year in YEARS else None

    def _number(self, texts: list[str]) -> str:
        said = plain(self._text(texts, Field.DOCUMENT))[:NUMBER_MAX]
        if said:
            return said
        found = numbers_in(self._text(texts, Field.SUMMARY))
        return found[0][:NUMBER_MAX] if found else ""

    def _summary(self, texts: list[str]) -> str:
        return plain(self._text(texts, Field.SUMMARY))[:SUMMARY_MAX]

    def _words(self, texts: list[str]) -> Iterator[str]:
        """Where the name of a sum may stand: wherever no amount does."""
        return (text for place, text in enumerate(texts) if text and place not in self._amount_places)

    def _text(self, texts: list[str], named: Field) -> str:
        place = self._columns.get(named)
        return texts[place] if place is not None and place < len(texts) else ""

    def _broken(self, texts: list[str]) -> str:
        """What Excel says in a cell that has to be read and holds an error; empty where none does."""
        for place in self._needed:
            if place < len(texts) and texts[place][:1] == "#" and _ERROR.fullmatch(texts[place]):
                return texts[place]
        return ""

    def _fault(self, number: int, fault: Fault) -> None:
        self.reading.fault_count += 1
        if len(self.reading.faults) < FAULTS_MAX:
            self.reading.faults.append(fault)


def _broken(row: int, said: str) -> Fault:
    message, fix = (
        N_("Row %(row)s: a cell holds the error %(error)s."),
        N_("Mend the formula, or enter the value, and upload the file once more."),
    )
    return Fault(f"/rows/{row}", "cell_error", message, fix, {"row": row, "error": said})


def _unread(row: int) -> Fault:
    message, fix = N_("Row %(row)s: its amount cannot be read."), N_("Write it like 1234.50.")
    return Fault(f"/rows/{row}", "amount_unread", message, fix, {"row": row})


def _rounded(row: int, said: str) -> Fault:
    message = N_("Row %(row)s: Excel has rounded %(code)s; nobody can tell which number it was.")
    return Fault(f"/rows/{row}", "rounded", message, FIX, {"row": row, "code": said[:NUMBER_MAX]})


def _without_day(row: int) -> Fault:
    message, fix = N_("Row %(row)s: it has an amount and no day."), N_("Write the day like 2026-10-31.")
    return Fault(f"/rows/{row}", "day_unread", message, fix, {"row": row})


class _Proof:
    """Follows balance and sums, and notes each row that says something else."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._balance: int | None = None
        self._way = 0  # 1: the balance is what is owed, -1: what was paid ahead; 0: not yet known
        self._since = [0, 0]
        self._all = [0, 0]

    def moved(self, row: int, debit: int, credit: int, balance: int | None) -> None:
        self._since[0] += debit
        self._since[1] += credit
        self._all[0] += debit
        self._all[1] += credit
        change = credit - debit
        if balance is None:
            if self._balance is not None:
                self._balance += (self._way or 1) * change
            return
        if self._balance is not None:
            if not self._way and change and balance - self._balance in (change, -change):
                self._way = 1 if balance - self._balance == change else -1
            self._prove(row, balance == self._balance + (self._way or 1) * change)
        self._balance = balance
        self._reading.closing = balance

    def told(self, row: int, kind: str, amounts: tuple[int, int], balance: int | None) -> None:
        if kind == "opening":
            if self._reading.opening is None and not self._reading.lines:
                self._reading.opening = self._balance = balance
            elif balance is not None and self._balance is not None:
                self._prove(row, balance == self._balance)
        elif kind == "sum" and any(amounts):
            given = list(amounts)
            self._prove(row, given in (self._since, self._all) or _turned(given, self._since, self._all))
            self._since = [0, 0]
        if kind in ("sum", "closing") and balance is not None and self._balance is not None:
            self._prove(row, balance == self._balance)

    def finish(self) -> None:
        """What is owed at the start and the end, whatever side the balance is counted on."""
        if self._way == -1:
            for name in ("opening", "closing"):
                value = getattr(self._reading, name)
                setattr(self._reading, name, None if value is None else -value)

    def _prove(self, row: int, holds: bool) -> None:
        if holds:
            self._reading.proven += 1
            return
        self._reading.wrong_count += 1
        if len(self._reading.wrong) < FAULTS_MAX:
            self._reading.wrong.append(row)


def _turned(given: list[int], *sums: list[int]) -> bool:
    """A column of signed amounts is summed as one figure."""
    return any(given == [0, one[1] - one[0]] for one in sums)


def _kind_of(words: Iterable[str]) -> str:
    """Whether a row opens, sums, runs on or closes, and so is no document; empty for a document."""
    return next(filter(None, map(_kind_of_word, words)), "")


@lru_cache(maxsize=8192)
def _kind_of_word(word: str) -> str:
    if len(word) > _WORD_MAX:
        return ""
    said = _BLANKS.sub("", plain(word)).lower()
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(said)), "")


def _whole(text: str) -> int | None:
    said = plain(text).removesuffix("年").removesuffix("月").removesuffix("日")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 4 else None
