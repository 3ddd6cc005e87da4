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
from portal.recalls.number_ranges import Ends, between

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


class _Mode(StrEnum):
    """What the codes of a stretch of text are."""

    NOTHING = "nothing"
    ARTICLE = "article"
    LOT = "lot"
    SERIAL = "serial"
    EXPIRY = "expiry"
    MADE = "made"
    WITHOUT = "without"


_NO = r"(?:\s*(?:Nos?\.?|Numbers?|Nrs?\.?|#|IDs?|号码|编号|号))?"
# "Exp. Date" before "Lot/Codes": a slash before the label of an expiry is not the lot's.
_LABELS: tuple[tuple[_Mode, str], ...] = (
    (_Mode.EXPIRY, r"/?\s*\b(?:No\s+)?(?:Expir(?:ation|y)|Exp\b\.?|Use\s*By\b)(?:\s*Dates?)?"),
    (_Mode.EXPIRY, r"有效期至|失效日期|有效期(?=[:：\s]*\d)"),
    (_Mode.MADE, r"\b(?:Manufactur(?:ed|ing)|Production)(?:\s+dates?)?(?:\s+(?:from|between))?|生产日期"),
    (_Mode.NOTHING, r"\b(?:Device\s+)?Listing\b" + _NO + r"\s*\S*|\b(?:Quantit(?:y|ies)|Qty)\b|数量"),
    (_Mode.NOTHING, r"\b(?:Registration|510\(k\)|Certificate|PMA)\b" + _NO + r"|注册证(?:编)?号?|备案号"),
    (_Mode.SERIAL, r"\bSerial\b" + _NO + r"s?|\bS/N\b|\bSNs?\b|(?:产品)?序列号"),
    (
        _Mode.LOT,
        r"\b(?:Lots?|Batch(?:es)?)\b(?:\s*/\s*(?:Codes?|Batch(?:es)?|Lots?|Serial))?"
        + _NO
        + r"|\bLot\s*Codes?\b|(?:产品|生产)?批[号次](?:/批次)?",
    ),
    (
        _Mode.ARTICLE,
        r"\b(?:GTINs?|UDI-DI|REF/Catalog(?:ue)?|Catalog(?:ue)?|REF|Items?|Models?|Part(?:/Reorder)?|Reorder"
        r"|Product\s+(?:Code|Number)s?|SKUs?|Article)\b" + _NO,
    ),
    (_Mode.ARTICLE, r"型号规格|规格型号|型号/规格|规格/型号|产品(?:编号|代码)|型号(?=\s*[:：为])|货号"),
    (_Mode.WITHOUT, r"不含|不包括|除外[:：]|\b(?:except(?:\s+for)?|excluding|other\s+than|without)\b"),
)
_LABEL = re.compile(
    "|".join(f"(?P<l{place}>{pattern})" for place, (_, pattern) in enumerate(_LABELS)), re.IGNORECASE
)
_AFTER_LABEL = re.compile(r"\s*(?:[:#.]|为|是)?\s*#?\s*(?:/\s*(?=Expir))?", re.IGNORECASE)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_DATE = re.compile(
    r"(?P<y>(?:19|20)\d\d)\s*年\s*(?P<m>\d{1,2})\s*月(?:\s*(?P<d>\d{1,2})\s*日)?"
    r"|(?P<us_m>\d{1,2})/(?:(?P<us_d>\d{1,2})/)?(?P<us_y>(?:19|20)\d\d)\b"
    r"|(?P<iso_y>(?:19|20)\d\d)[-/.](?P<iso_m>\d{1,2})(?:[-/.](?P<iso_d>\d{1,2}))?(?![\w-])"
    rf"|(?P<name>{_MONTH})\s+(?:\d{{1,2}},\s*)?(?P<name_y>(?:19|20)\d\d)",
    re.IGNORECASE,
)
_SAME_YEAR = re.compile(r"\s*(?:至|到|~|-|–|to)\s*(?P<m>\d{1,2})月(?P<d>\d{1,2})日")
_NEXT_DATE = re.compile(r"\s*(?:至|到|~|–|-|and|to|through)\s*", re.IGNORECASE)
_ENUMERATOR = re.compile(r"\(?\d{1,3}\)\s+|\(\d{1,2}\)(?=\w)")
_COUNT = re.compile(
    r"\d[\d,.]*\s*(?:units?|cases?|kits?|boxes|pieces?|pcs|devices?|套|件|盒|支|台|个|片)(?![A-Za-z\d])",
    re.IGNORECASE,
)
# A slash belongs to a code (CV041020/A), unless a word behind it begins a label (1620888/Expiration Date).
_CODE = re.compile(
    r"[A-Za-z0-9](?:[._-]*[A-Za-z0-9]|/(?!No\s|Exp|Use|Lot|Serial)[A-Za-z0-9])*", re.IGNORECASE
)
_RANGE = re.compile(r"\s*(?:至|到|~|–|—|\bto\b|\bthrough\b|\bthru\b|\s-\s)\s*", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+(?:[''-][A-Za-z]+)*")
_JOINS = frozenset({"and", "or", "number", "numbers", "no", "date", "dates", "the", "s"})
_ALL = re.compile(
    r"\ball\s+(?:lots?|batches|serial|units|product)|所有批|全部批|所有在有效期内|全部产品", re.IGNORECASE
)
_LEVEL = re.compile(
    r"(?P<zh>[一二三123])\s*级\s*召回|\bClass\s+(?P<en>III|II|I)\s+recall|\bLevel\s+(?P<digit>[123])\s+recall",
    re.IGNORECASE,
)
_LEVELS = {"一": 1, "二": 2, "三": 3, "1": 1, "2": 2, "3": 3, "I": 1, "II": 2, "III": 3}
# Where a Chinese text calls a thing by its model without a label: "XR-7 型号产品", "的除颤仪 D600。"
_BEFORE_WORD = re.compile(r"(?P<code>[A-Za-z][A-Za-z0-9-]*\d[A-Za-z0-9-]*)\s*(?:型号|型)")
_BEHIND_NAME = re.compile(r"[一-鿿]\s*(?P<code>[A-Z][A-Za-z0-9-]*\d[A-Za-z0-9-]*)(?=\s*(?:[。;,.]|$))")
_MODEL_LIKE = re.compile(
    r"(?<![\w-])[A-Z]{1,6}-?\d{3,6}[A-Z]{0,3}(?:/[A-Z]{1,6}-?\d{3,6}[A-Z]{0,3})*(?![\w-])"
)


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
        self.mode = _Mode.NOTHING
        self.resumed = _Mode.NOTHING
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
        if found := _LEVEL.search(self.text):
            self.scope.level = _LEVELS[(found["zh"] or found["en"] or found["digit"]).upper()]

    def _articles(self) -> Iterator[re.Match[str]]:
        """What stands right behind a label of an article: it is one wherever it stands again."""
        for label in _LABEL.finditer(self.text):
            if _mode_of(label) is not _Mode.ARTICLE:
                continue
            behind = _AFTER_LABEL.match(self.text, label.end())
            code = _CODE.match(self.text, behind.end() if behind else label.end())
            if code and _has_digit(code[0]):
                yield code

    def _step(self, known: set[str]) -> None:
        rest = self.place
        label = _LABEL.match(self.text, rest)
        if label and label[0].strip():
            self._label(label)
        elif date_found := _DATE.match(self.text, rest):
            self._date(date_found)
        elif skipped := _ENUMERATOR.match(self.text, rest) or _COUNT.match(self.text, rest):
            self.place = skipped.end()
        elif code := _CODE.match(self.text, rest):
            self._code(code, known)
        elif (behind := self.text.find(")", rest)) > 0 and self._is_remark(rest, behind):
            self.place = behind + 1
        else:
            self._mark(self.text[rest])
            self.place += 1

    def _is_remark(self, start: int, end: int) -> bool:
        """Whether a bracket opens that holds words alone."""
        inside = self.text[start + 1 : end]
        return self.text[start] == "(" and not _has_digit(inside) and not _LABEL.search(inside)

    def _mark(self, mark: str) -> None:
        """A mark between; Chinese letters end what the label before began."""
        if mark == "\n" or ("一" <= mark <= "鿿" and mark not in "和及与或号"):
            self.mode = self.resumed = _Mode.NOTHING

    def _label(self, label: re.Match[str]) -> None:
        mode = _mode_of(label)
        behind = _AFTER_LABEL.match(self.text, label.end())
        self.place = behind.end() if behind else label.end()
        if mode in (_Mode.EXPIRY, _Mode.WITHOUT):
            # "No Expiration Date", "Lot Numbers/Expiration Dates:": the list goes on behind it.
            self.resumed = self.mode if self.mode not in (_Mode.EXPIRY, _Mode.WITHOUT) else self.resumed
            says_none = label[0].lstrip("/ ").lower().startswith("no ")
            self.mode = self.resumed if says_none else mode
            if mode is _Mode.EXPIRY and not _DATE.match(self.text, self.place):
                self.mode = self.resumed
            return
        self.mode = self.resumed = mode
        self.is_list_new = mode is _Mode.ARTICLE

    def _date(self, found: re.Match[str]) -> None:
        self.place = found.end()
        if self.mode is _Mode.EXPIRY:
            for item in self.current or [self.waiting]:
                if self.last_lot in item.lots:
                    item.expiry[self.last_lot] = _written(found)
            self.mode = self.resumed
        elif self.mode is _Mode.MADE:
            self._made(found)

    def _made(self, found: re.Match[str]) -> None:
        first = last = _day_of(found)
        if (same := _SAME_YEAR.match(self.text, self.place)) and first:
            self.place, last = same.end(), _day(first.year, int(same["m"]), int(same["d"]))
        elif (joined := _NEXT_DATE.match(self.text, self.place)) and (
            second := _DATE.match(self.text, joined.end())
        ):
            self.place, last = second.end(), _day_of(second)
        if first and last and first <= last:
            self.scope.made = (first, last)
        self.mode = _Mode.NOTHING

    def _code(self, code: re.Match[str], known: set[str]) -> None:
        value, self.place = code[0], code.end()
        if not _has_digit(value):
            word = _WORD.fullmatch(value)
            if word and value.lower() not in _JOINS and not value.isupper():
                self.mode = self.resumed = _Mode.NOTHING
            return
        if (value in known and self.mode is not _Mode.ARTICLE) or self._heads_lots(code):
            self._article(value, code.start(), starts=True)
        elif self.mode is _Mode.ARTICLE:
            self._article(value, code.start(), starts=self.is_list_new)
            self.is_list_new = False
        elif self.mode in (_Mode.LOT, _Mode.SERIAL, _Mode.WITHOUT):
            self._listed(value)

    def _heads_lots(self, code: re.Match[str]) -> bool:
        """``; BBB38NS, Lot Number: …``: what comes behind a semicolon and before a label of lots."""
        before = self.text[: code.start()].rstrip()
        behind = re.compile(r"\s*,?\s*").match(self.text, code.end())
        label = _LABEL.match(self.text, behind.end() if behind else code.end())
        return (
            self.mode is _Mode.LOT
            and before.endswith(";")
            and label is not None
            and _mode_of(label) is _Mode.LOT
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
        if (joined := _RANGE.match(self.text, self.place)) and joined[0].strip():
            if second := _CODE.match(self.text, joined.end()):
                last, self.place = second[0], second.end()
        elif self.mode is _Mode.SERIAL and (tight := _tight_range(value)):
            value, last = tight
            self.scope.questions.add(Question.HYPHEN)
        elif _tight_range(value):
            self.scope.questions.add(Question.HYPHEN)
        for item in self.current or [self.waiting]:
            if self.mode is _Mode.WITHOUT:
                item.without.append(value)
            elif self.mode is _Mode.SERIAL:
                item.serials.append((value, last))
            else:
                self._lots(item, value, last)
        if self.mode is not _Mode.WITHOUT and len(self.current) > 1:
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
        codes = [found["code"] for found in _BEFORE_WORD.finditer(self.text)]
        codes += [found["code"] for found in _BEHIND_NAME.finditer(self.text)]
        if not codes and (found_line := _MODEL_LIKE.search(self.text)):
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
        if any(item.is_all for item in scope.items) or _ALL.search(self.text):
            scope.questions.add(Question.NO_LOT)
        for item in scope.items:
            item.lots = item.lots[:LOTS_MAX]


def _mode_of(label: re.Match[str]) -> _Mode:
    return _LABELS[int((label.lastgroup or "l0")[1:])][0]


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


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _parts(found: re.Match[str]) -> tuple[int, int, int]:
    """Year, month and day, which is 0 where the text names a month."""
    if found["name"]:
        names = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
        return int(found["name_y"]), names.index(found["name"][:3].lower()) + 1, 0
    for year, month, day in (("y", "m", "d"), ("us_y", "us_m", "us_d"), ("iso_y", "iso_m", "iso_d")):
        if found[year]:
            return int(found[year]), int(found[month]), int(found[day] or 0)
    raise AssertionError(found[0])


def _day_of(found: re.Match[str]) -> date | None:
    return _day(*_parts(found))


def _written(found: re.Match[str]) -> str:
    year, month, day = _parts(found)
    return f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}"
