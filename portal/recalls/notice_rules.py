"""What a notice's text seems to recall: articles with their lots, serial numbers and days. Pure.

It is a proposal, which a person confirms: whatever the text leaves open is asked and never guessed at. Lots
belong to the article they are written under, so that none is recalled of an article that merely stands in the
same text. The text is read once, from left to right, as labels (``Lot Number``, ``批号``) and what follows
each of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from portal.kernel.searching import GTIN_LENGTHS, with_right_check_digit
from portal.recalls.notice_mark_rules import (
    AFTER_LABEL,
    ALL,
    BEFORE_WORD,
    BEHIND_NAME,
    CODE,
    COUNT,
    DATE,
    ENUMERATOR,
    JOINS,
    LABEL,
    LEVEL,
    LEVELS,
    MODEL_LIKE,
    NEXT_DATE,
    RANGE,
    SAME_YEAR,
    WORD,
    Mode,
    day_of,
    day_or_none,
    mode_of,
    written,
)
from portal.recalls.number_rules import Ends, between

TEXT_MAX = 20_000
ITEMS_MAX = 200
LOTS_MAX = 5_000
NAME_MAX = 300


class Question(StrEnum):
    """What a person has to say before the scope may be confirmed."""

    NO_ARTICLE = "no_article"
    NO_LOT = "no_lot"
    LOTS_OF_SEVERAL = "lots_of_several"
    WRONG_CHECK_DIGIT = "wrong_check_digit"
    RANGE_UNREADABLE = "range_unreadable"
    HYPHEN = "hyphen"
    NOT_OURS = "not_ours"


@dataclass(slots=True)
class ProposedItem:
    """An article as the text names it. Without lots and serials all of it seems to be meant.

    name: what stands before its number in that line, for a person who looks for the product.
    """

    article: str
    name: str = ""
    lots: list[str] = field(default_factory=list)
    serials: list[Ends] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    expiry: dict[str, str] = field(default_factory=dict)

    @property
    def is_all(self) -> bool:
        """Whether nothing narrows the article."""
        return not self.lots and not self.serials


@dataclass(slots=True)
class ProposedScope:
    """The scope of a text, and what is to be asked. made: first and last day of production."""

    items: list[ProposedItem] = field(default_factory=list)
    level: int | None = None
    made: tuple[date, date] | None = None
    questions: set[Question] = field(default_factory=set)


def propose(text: str) -> ProposedScope:
    """The scope that a text seems to name. What cannot be told is among the questions."""
    return _Reader(plain_text(text)).read()


def plain_text(text: str) -> str:
    """A notice in one width, without the asterisks that mark what is new; its lines are kept."""
    lines = (unicodedata.normalize("NFKC", line) for line in text[:TEXT_MAX].replace("～", "~").splitlines())
    return "\n".join(lines).replace("*", " ").replace("、", ",").replace("。", ";")


class _Reader:
    """One reading of a text."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.scope = ProposedScope()
        self.items: dict[str, ProposedItem] = {}
        self.mode = Mode.NOTHING
        self.resumed = Mode.NOTHING
        self.current: list[ProposedItem] = []
        self.waiting = ProposedItem("")
        self.last_lot = ""
        self.is_list_new = False

    def read(self) -> ProposedScope:
        """Everything the text says."""
        self._level()
        known = {code[0] for code in self._articles()}
        while self.place < len(self.text):
            self._step(known)
        self._without_label()
        self._close()
        return self.scope

    def _level(self) -> None:
        if found := LEVEL.search(self.text):
            self.scope.level = LEVELS[(found["zh"] or found["en"] or found["digit"]).upper()]

    def _articles(self) -> Iterator[re.Match[str]]:
        """What stands right behind a label of an article: it is one wherever it stands again."""
        for label in LABEL.finditer(self.text):
            if mode_of(label) is not Mode.ARTICLE:
                continue
            behind = AFTER_LABEL.match(self.text, label.end())
            code = CODE.match(self.text, behind.end() if behind else label.end())
            if code and _has_digit(code[0]):
                yield code

    def _step(self, known: set[str]) -> None:
        rest = self.place
        label = LABEL.match(self.text, rest)
        if label and label[0].strip():
            self._label(label)
        elif date_found := DATE.match(self.text, rest):
            self._date(date_found)
        elif skipped := ENUMERATOR.match(self.text, rest) or COUNT.match(self.text, rest):
            self.place = skipped.end()
        elif code := CODE.match(self.text, rest):
            self._code(code, known)
        elif (behind := self.text.find(")", rest)) > 0 and self._is_remark(rest, behind):
            self.place = behind + 1
        else:
            self._mark(self.text[rest])
            self.place += 1

    def _is_remark(self, start: int, end: int) -> bool:
        """Whether a bracket opens that holds words alone."""
        inside = self.text[start + 1 : end]
        return self.text[start] == "(" and not _has_digit(inside) and not LABEL.search(inside)

    def _mark(self, mark: str) -> None:
        """A mark between; Chinese letters end what the label before began."""
        if mark == "\n" or ("一" <= mark <= "鿿" and mark not in "和及与或号"):
            self.mode = self.resumed = Mode.NOTHING

    def _label(self, label: re.Match[str]) -> None:
        mode = mode_of(label)
        behind = AFTER_LABEL.match(self.text, label.end())
        self.place = behind.end() if behind else label.end()
        if mode in (Mode.EXPIRY, Mode.WITHOUT):
            # "No Expiration Date", "Lot Numbers/Expiration Dates:": the list goes on behind it.
            self.resumed = self.mode if self.mode not in (Mode.EXPIRY, Mode.WITHOUT) else self.resumed
            says_none = label[0].lstrip("/ ").lower().startswith("no ")
            self.mode = self.resumed if says_none else mode
            if mode is Mode.EXPIRY and not DATE.match(self.text, self.place):
                self.mode = self.resumed
            return
        self.mode = self.resumed = mode
        self.is_list_new = mode is Mode.ARTICLE

    def _date(self, found: re.Match[str]) -> None:
        self.place = found.end()
        if self.mode is Mode.EXPIRY:
            for item in self.current or [self.waiting]:
                if self.last_lot in item.lots:
                    item.expiry[self.last_lot] = written(found)
            self.mode = self.resumed
        elif self.mode is Mode.MADE:
            self._made(found)

    def _made(self, found: re.Match[str]) -> None:
        first = last = day_of(found)
        if (same := SAME_YEAR.match(self.text, self.place)) and first:
            self.place, last = same.end(), day_or_none(first.year, int(same["m"]), int(same["d"]))
        elif (joined := NEXT_DATE.match(self.text, self.place)) and (
            second := DATE.match(self.text, joined.end())
        ):
            self.place, last = second.end(), day_of(second)
        if first and last and first <= last:
            self.scope.made = (first, last)
        self.mode = Mode.NOTHING

    def _code(self, code: re.Match[str], known: set[str]) -> None:
        value, self.place = code[0], code.end()
        if not _has_digit(value):
            word = WORD.fullmatch(value)
            if word and value.lower() not in JOINS and not value.isupper():
                self.mode = self.resumed = Mode.NOTHING
            return
        if (value in known and self.mode is not Mode.ARTICLE) or self._heads_lots(code):
            self._article(value, code.start(), starts=True)
        elif self.mode is Mode.ARTICLE:
            self._article(value, code.start(), starts=self.is_list_new)
            self.is_list_new = False
        elif self.mode in (Mode.LOT, Mode.SERIAL, Mode.WITHOUT):
            self._listed(value)

    def _heads_lots(self, code: re.Match[str]) -> bool:
        """``; BBB38NS, Lot Number: …``: what comes behind a semicolon and before a label of lots."""
        before = self.text[: code.start()].rstrip()
        behind = re.compile(r"\s*,?\s*").match(self.text, code.end())
        label = LABEL.match(self.text, behind.end() if behind else code.end())
        return (
            self.mode is Mode.LOT
            and before.endswith(";")
            and label is not None
            and mode_of(label) is Mode.LOT
        )

    def _article(self, value: str, at: int, *, starts: bool) -> None:
        item = self.items.get(value)
        if item is None:
            line = self.text[self.text.rfind("\n", 0, at) + 1 : at]
            item = self.items[value] = ProposedItem(value, " ".join(line.split())[:NAME_MAX])
            if _is_wrong_gtin(value):
                self.scope.questions.add(Question.WRONG_CHECK_DIGIT)
        if starts:
            self.current = []
        if item not in self.current:
            self.current.append(item)

    def _listed(self, value: str) -> None:
        last = value
        if (joined := RANGE.match(self.text, self.place)) and joined[0].strip():
            if second := CODE.match(self.text, joined.end()):
                last, self.place = second[0], second.end()
        elif self.mode is Mode.SERIAL and (tight := _tight_range(value)):
            value, last = tight
            self.scope.questions.add(Question.HYPHEN)
        elif _tight_range(value):
            self.scope.questions.add(Question.HYPHEN)
        for item in self.current or [self.waiting]:
            if self.mode is Mode.WITHOUT:
                item.without.append(value)
            elif self.mode is Mode.SERIAL:
                item.serials.append((value, last))
            else:
                self._lots(item, value, last)
        if self.mode is not Mode.WITHOUT and len(self.current) > 1:
            self.scope.questions.add(Question.LOTS_OF_SEVERAL)

    def _lots(self, item: ProposedItem, first: str, last: str) -> None:
        lots = [first] if first == last else between(first, last)
        if lots is None:
            self.scope.questions.add(Question.RANGE_UNREADABLE)
            lots = [first, last]
        item.lots += [lot for lot in lots if lot not in item.lots]
        self.last_lot = lots[-1]

    def _without_label(self) -> None:
        """Where no label names an article: by the words around it, else by how models look."""
        if self.items:
            return
        codes = [found["code"] for found in BEFORE_WORD.finditer(self.text)]
        codes += [found["code"] for found in BEHIND_NAME.finditer(self.text)]
        if not codes and (found_line := MODEL_LIKE.search(self.text)):
            codes = found_line[0].split("/")
        taken = {*self.waiting.lots, *(end for ends in self.waiting.serials for end in ends)}
        for code in codes:
            if code not in taken and not code.upper().startswith("COVID"):
                self._article(code, self.text.find(code), starts=False)

    def _close(self) -> None:
        """What was listed before any article belongs to all that the text names."""
        scope, waiting = self.scope, self.waiting
        scope.items = list(self.items.values())[:ITEMS_MAX]
        for item in scope.items if not waiting.is_all else ():
            item.lots += [lot for lot in waiting.lots if lot not in item.lots]
            item.serials += waiting.serials
            item.without += waiting.without
            item.expiry |= waiting.expiry
        if not waiting.is_all and len(scope.items) > 1:
            scope.questions.add(Question.LOTS_OF_SEVERAL)
        if not scope.items:
            scope.questions.add(Question.NO_ARTICLE)
            if not waiting.is_all:
                scope.items.append(waiting)
        if any(item.is_all for item in scope.items) or ALL.search(self.text):
            scope.questions.add(Question.NO_LOT)
        for item in scope.items:
            item.lots = item.lots[:LOTS_MAX]


def _has_digit(value: str) -> bool:
    return any(letter.isdigit() for letter in value)


def _tight_range(value: str) -> Ends | None:
    """``100234-100299``: two numbers of one pattern, which may be a range or one code."""
    first, hyphen, last = value.partition("-")
    if not hyphen or len(first) != len(last) or len(first) < 4:
        return None
    return (first, last) if between(first, last) else None


def _is_wrong_gtin(value: str) -> bool:
    return value.isdigit() and len(value) in GTIN_LENGTHS and with_right_check_digit(value) != value
