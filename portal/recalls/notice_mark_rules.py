"""The marks of a notice's text: labels and what they begin, days, enumerations, quantities, models. Pure."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum


class Mode(StrEnum):
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
_LABELS: tuple[tuple[Mode, str], ...] = (
    (Mode.EXPIRY, r"/?\s*\b(?:No\s+)?(?:Expir(?:ation|y)|Exp\b\.?|Use\s*By\b)(?:\s*Dates?)?"),
    (Mode.EXPIRY, r"有效期至|失效日期|有效期(?=[:：\s]*\d)"),
    (Mode.MADE, r"\b(?:Manufactur(?:ed|ing)|Production)(?:\s+dates?)?(?:\s+(?:from|between))?|生产日期"),
    (Mode.NOTHING, r"\b(?:Device\s+)?Listing\b" + _NO + r"\s*\S*|\b(?:Quantit(?:y|ies)|Qty)\b|数量"),
    (Mode.NOTHING, r"\b(?:Registration|510\(k\)|Certificate|PMA)\b" + _NO + r"|注册证(?:编)?号?|备案号"),
    (Mode.SERIAL, r"\bSerial\b" + _NO + r"s?|\bS/N\b|\bSNs?\b|(?:产品)?序列号"),
    (
        Mode.LOT,
        r"\b(?:Lots?|Batch(?:es)?)\b(?!-\w)(?:\s*/\s*(?:Codes?|Batch(?:es)?|Lots?|Serial))?"
        + _NO
        + r"|\bLot\s*Codes?\b|(?:产品|生产)?批[号次](?:/批次)?",
    ),
    (
        Mode.ARTICLE,
        r"\b(?:GTINs?|UDI-DI|REF/Catalog(?:ue)?|Catalog(?:ue)?|REF|Items?|Models?|Part(?:/Reorder)?|Reorder"
        r"|Product\s+(?:Code|Number)s?|SKUs?|Article)\b(?!-\w)" + _NO,
    ),
    (Mode.ARTICLE, r"型号规格|规格型号|型号/规格|规格/型号|产品(?:编号|代码)|型号(?=\s*[:：为])|货号"),
    (Mode.WITHOUT, r"不含|不包括|除外[:：]|\b(?:except(?:\s+for)?|excluding|other\s+than|without)\b"),
)
LABEL = re.compile(
    "|".join(f"(?P<l{place}>{pattern})" for place, (_, pattern) in enumerate(_LABELS)), re.IGNORECASE
)
AFTER_LABEL = re.compile(r"\s*(?:[:#.]|为|是)?\s*#?\s*(?:/\s*(?=Expir))?", re.IGNORECASE)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
DATE = re.compile(
    r"(?P<y>(?:19|20)\d\d)\s*年\s*(?P<m>\d{1,2})\s*月(?:\s*(?P<d>\d{1,2})\s*日)?"
    r"|(?P<us_m>\d{1,2})/(?:(?P<us_d>\d{1,2})/)?(?P<us_y>(?:19|20)\d\d)\b"
    r"|(?P<iso_y>(?:19|20)\d\d)[-/.](?P<iso_m>\d{1,2})(?:[-/.](?P<iso_d>\d{1,2}))?(?![\w-])"
    rf"|(?P<name>{_MONTH})\s+(?:\d{{1,2}},\s*)?(?P<name_y>(?:19|20)\d\d)",
    re.IGNORECASE,
)
SAME_YEAR = re.compile(r"\s*(?:至|到|~|-|–|to)\s*(?P<m>\d{1,2})月(?P<d>\d{1,2})日")
NEXT_DATE = re.compile(r"\s*(?:至|到|~|–|-|and|to|through)\s*", re.IGNORECASE)
ENUMERATOR = re.compile(r"\(?\d{1,3}\)\s+|\(\d{1,2}\)(?=\w)")
COUNT = re.compile(
    r"\d[\d,.]*\s*(?:units?|cases?|kits?|boxes|pieces?|pcs|devices?|套|件|盒|支|台|个|片)(?![A-Za-z\d])",
    re.IGNORECASE,
)
# A slash belongs to a code (CV041020/A), unless a word behind it begins a label (1620888/Expiration Date).
CODE = re.compile(r"[A-Za-z0-9](?:[._-]*[A-Za-z0-9]|/(?!No\s|Exp|Use|Lot|Serial)[A-Za-z0-9])*", re.IGNORECASE)
RANGE = re.compile(r"\s*(?:至|到|~|–|—|\bto\b|\bthrough\b|\bthru\b|\s-\s)\s*", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z]+(?:[''-][A-Za-z]+)*")
JOINS = frozenset({"and", "or", "number", "numbers", "no", "date", "dates", "the", "s"})
ALL = re.compile(
    r"\ball\s+(?:lots?|batches|serial|units|product)|所有批|全部批|所有在有效期内|全部产品", re.IGNORECASE
)
LEVEL = re.compile(
    r"(?P<zh>[一二三123])\s*级\s*召回|\bClass\s+(?P<en>III|II|I)\s+recall|\bLevel\s+(?P<digit>[123])\s+recall",
    re.IGNORECASE,
)
LEVELS = {"一": 1, "二": 2, "三": 3, "1": 1, "2": 2, "3": 3, "I": 1, "II": 2, "III": 3}
# Where a Chinese text calls a thing by its model without a label: "XR-7 型号产品", "的除颤仪 D600。"
BEFORE_WORD = re.compile(r"(?P<code>[A-Za-z][A-Za-z0-9-]*\d[A-Za-z0-9-]*)\s*(?:型号|型)")
BEHIND_NAME = re.compile(r"[一-鿿]\s*(?P<code>[A-Z][A-Za-z0-9-]*\d[A-Za-z0-9-]*)(?=\s*(?:[。;,.]|$))")
MODEL_LIKE = re.compile(
    r"(?<![\w-])[A-Z]{1,6}-?\d{3,6}[A-Z]{0,3}(?:/[A-Z]{1,6}-?\d{3,6}[A-Z]{0,3})*(?![\w-])"
)


def mode_of(label: re.Match[str]) -> Mode:
    """What a label begins."""
    return _LABELS[int((label.lastgroup or "l0")[1:])][0]


def day_or_none(year: int, month: int, day: int) -> date | None:
    """A day of the calendar; None where there is no such day."""
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


def day_of(found: re.Match[str]) -> date | None:
    """The day that a match of `DATE` names; None for a month."""
    return day_or_none(*_parts(found))


def written(found: re.Match[str]) -> str:
    """The day or month of a match of `DATE`, as it is written in files."""
    year, month, day = _parts(found)
    return f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}"
