"""Which row of a ledger names its columns, and which column holds what. Pure.

Accounting software agrees on little: headings stand in one row or in two that are merged, the day in one
column or in three, the two sides in two columns or in one with its side beside it. What is recognised here is
a proposal: a person corrects it, and the correction is remembered for files with the same headings.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.kernel.cells import plain
from portal.own_ledgers.cell_rules import day_of, fen_of

HEAD_WITHIN = 40  # rows from the top in which the headings stand
Row = tuple[int, list[str]]


class Field(StrEnum):
    """What a column may hold."""

    DAY = "day"
    YEAR = "year"
    MONTH = "month"
    DAY_OF_MONTH = "day_of_month"
    DOCUMENT = "document"
    SUMMARY = "summary"
    DEBIT = "debit"
    CREDIT = "credit"
    AMOUNT = "amount"
    SIDE = "side"
    BALANCE = "balance"
    BALANCE_SIDE = "balance_side"


class Books(StrEnum):
    """Whose view the sides are in: in the dealer's books we are a supplier, so its credit is our debit."""

    THEIRS = "theirs"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read.

    columns: the place of each field from 0. head_rows: rows of headings, the first of which stands in row
    `head_at` of the file. year: of days that name none. books: whose view; None where the file has to show
    it. hint: whose view the headings speak of.
    """

    columns: Mapping[Field, int]
    head_at: int
    head_rows: int = 1
    heads: tuple[str, ...] = ()
    year: int | None = None
    books: Books | None = None
    hint: Books | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """The same for files with the same headings: under it a correction is remembered."""
        return hashlib.sha256("\x1f".join(self.heads).encode()).hexdigest()


_SUBHEADS = re.compile(
    r"(本位?币|原币|外币|发生|发生额|已结|未结|金额|数量|单价|余额|借方|贷方|年|月|日|方向|本期|累计|debit|credit)"
)
_YEAR_HEAD = re.compile(r"(20[0-9]{2})年?")
_NOTHING = re.compile(r"已结|未结|原币|外币|数量|单价|汇率|期初|年初|对方科目|优惠|承担")
_NAMES: tuple[tuple[Field, int, re.Pattern[str]], ...] = tuple(
    (field, score, re.compile(pattern))
    for field, score, pattern in (
        (Field.YEAR, 5, r"(.*/)?(年|年度|year)"),
        (Field.MONTH, 5, r"(.*/)?(月|月份|month)"),
        (Field.DAY_OF_MONTH, 5, r"(.*/)?(日|day)"),
        (Field.DAY, 6, r"(业务|单据|发票|开票|票据)日期?|documentdate|invoicedate"),
        (Field.DAY, 5, r"(记账|凭证|制单|交易|入账|发生|过账|登记)?(日期|时间)|(posting)?date"),
        (Field.DOCUMENT, 7, r"(业务|单据)(单)?(号|号码|编号)|documentno\.?|document(number)?"),
        (
            Field.DOCUMENT,
            6,
            r"(发票|票据|单据|对方|供应商|送货|出库)?(单|票|发票)(号|号码|编号)|invoice(no\.?|number)",
        ),
        (Field.DOCUMENT, 5, r"(参考|关联|来源)(号|单号|编号)|ref(erence)?(no\.?)?"),
        (Field.SUMMARY, 6, r"(凭证|业务)?(摘要|说明|内容)|description|memo|narration|particulars"),
        (Field.SUMMARY, 3, r"备注|remarks?|note|(业务)?(类别|类型)"),
        (Field.DEBIT, 7, r"借方?(/(本位?币|发生额?|金额))?(本位?币)?(金额|发生额?)?|debit(amount)?|dr\.?"),
        (Field.CREDIT, 7, r"贷方?(/(本位?币|发生额?|金额))?(本位?币)?(金额|发生额?)?|credit(amount)?|cr\.?"),
        (Field.DEBIT, 6, r"(实际|本期)?(付款|已付|实付)(金额|款)?|本期减少|减少(额|金额)?|payments?|paid"),
        (Field.CREDIT, 6, r"(本期)?应付(金额|账款)?|本期增加|增加(额|金额)?|invoiced|payable"),
        (Field.CREDIT, 4, r"(购货|采购|进货|发票|开票)(金额|额)"),
        (Field.DEBIT, 6, r"(本期)?应收(金额|账款)?|(销售|销货)(金额|额)|receivable"),
        (Field.CREDIT, 6, r"(实际|本期)?(收款|已收|实收|回款)(金额|款)?|received"),
        (Field.AMOUNT, 5, r"(本位?币|发生|交易|往来|含税)?(金额|发生额)|amount|value"),
        (Field.BALANCE_SIDE, 7, r"余额(方向|借贷)|balanceside"),
        (Field.SIDE, 6, r"(借贷|收付)(方向|标志|标识)?|借/贷|d/?c|dr/?cr|side"),
        (Field.SIDE, 5, r"方向|direction"),
        (
            Field.BALANCE,
            7,
            r"(期末|当前|累计|应付款?|应收款?|账户)?(余额|结余)(/(本位?币|金额))?|(running)?balance",
        ),
    )
)
_ANYWHERE = ZoneInfo("UTC")  # whether it is a day at all
_OURS = re.compile(r"应收|销售|销货|收款|已收|实收|回款|receivable|received")


def layout_of(rows: Sequence[Row]) -> Layout | None:
    """The headings among the first rows of a sheet, and what they name; None without any."""
    best: tuple[int, Layout] | None = None
    for at, (number, texts) in enumerate(rows[:HEAD_WITHIN]):
        following = rows[at + 1][1] if at + 1 < len(rows) else []
        for heads, count in _readings(texts, following):
            columns, score = columns_of(heads)
            if is_enough(columns) and (best is None or score > best[0]):
                year = _year_of(rows[:at], heads)
                best = score, Layout(columns, number, count, heads, year, hint=_hint(heads))
    return None if best is None else best[1]


def _readings(texts: Sequence[str], following: Sequence[str]) -> list[tuple[tuple[str, ...], int]]:
    """A row alone, and together with the one below it where that only names parts of it."""
    if any(
        fen_of(text) is not None or day_of(text, _ANYWHERE)
        for text in texts
        if not _YEAR_HEAD.fullmatch(plain(text))
    ):
        return []
    heads = [_folded(text) for text in texts]
    alone = [(tuple(heads), 1)]
    below = [_folded(text) for text in following]
    named = [text for text in below if text]
    if not named or not all(_SUBHEADS.fullmatch(text) for text in named):
        return alone
    wide = max(len(heads), len(below))
    heads += [""] * (wide - len(heads))
    below += [""] * (wide - len(below))
    above, both = "", []
    for head, sub in zip(heads, below, strict=True):
        above = head or (above if sub else "")
        both.append(f"{above}/{sub}" if sub and above else above or sub)
    return [(tuple(both), 2), *alone]


def _folded(text: str) -> str:
    return re.sub(r"[\s:：()（）\[\]【】*]", "", plain(text)).lower().removesuffix("元").removesuffix("rmb")


def columns_of(heads: Sequence[str]) -> tuple[dict[Field, int], int]:
    """The best column of each field by its heading, and how sure that is."""
    found: list[tuple[int, int, Field]] = []
    for place, head in enumerate(heads):
        if head and not _NOTHING.search(head):
            found += [(score, -place, field) for field, score, pattern in _NAMES if pattern.fullmatch(head)]
    columns: dict[Field, int] = {}
    total = 0
    for score, place, named in sorted(found, reverse=True):
        if named not in columns and -place not in columns.values():
            columns[named] = -place
            total += score
    return _settled(columns), total


def _settled(columns: dict[Field, int]) -> dict[Field, int]:
    """One way to say the day, one to say the amount; a lone side belongs to the balance beside it."""
    if Field.DAY in columns:
        for part in (Field.YEAR, Field.MONTH, Field.DAY_OF_MONTH):
            columns.pop(part, None)
    if Field.DEBIT in columns or Field.CREDIT in columns:
        columns.pop(Field.AMOUNT, None)
        side = columns.pop(Field.SIDE, None)
        if side is not None and Field.BALANCE in columns:
            columns.setdefault(Field.BALANCE_SIDE, side)
    return columns


def is_enough(columns: Mapping[Field, int]) -> bool:
    """Whether every line would have a day and an amount."""
    has_day = Field.DAY in columns or {Field.MONTH, Field.DAY_OF_MONTH} <= columns.keys()
    return has_day and bool({Field.DEBIT, Field.CREDIT, Field.AMOUNT} & columns.keys())


def _year_of(above: Sequence[Row], heads: Sequence[str]) -> int | None:
    for head in heads:
        if found := re.match(r"(20[0-9]{2})年?(/|$)", head):
            return int(found[1])
    for _, texts in above:
        for text in texts:
            if found := re.search(r"(20[0-9]{2})\s*[年./-]", plain(text)):
                return int(found[1])
    return None


def _hint(heads: Sequence[str]) -> Books | None:
    return Books.OURS if any(_OURS.search(head) for head in heads) else None
