"""What a tax invoice (数电发票) says, and the words for how it stands to our own document. Pure.

Only the tax platform issues tax invoices: what the portal posts is a receivable, and the tax invoice lies
beside it. Amounts are `Decimal` of two places without VAT, as the tax invoice counts them; a red-letter
invoice (红字) and our credit note are negative.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.kernel.money import ZERO

NO_TAX = "no tax"
"""A rate that is a word: 免税 or 不征税."""

_NUMBER = re.compile(r"[0-9]{20}")  # year 2, region 2, channel 1, serial 15; it has no check digit
_CLASS = re.compile(r"^\*[^*]*\*")


class Kind(StrEnum):
    """How a tax invoice differs from our document."""

    ROUNDING = "rounding"
    ROUNDING_TOO_MUCH = "rounding_too_much"
    AMOUNT = "amount"
    TAX = "tax"
    RATE = "rate"
    QUANTITY = "quantity"
    MISSING_LINE = "missing_line"
    EXTRA_LINE = "extra_line"
    MERGED = "merged"
    SPLIT = "split"
    RED_WITHOUT_BLUE = "red_without_blue"
    BLUE_UNKNOWN = "blue_unknown"
    RED_BEYOND_BLUE = "red_beyond_blue"


HARMLESS = frozenset({Kind.ROUNDING, Kind.MERGED, Kind.SPLIT})
"""Nobody has to look at these: the amounts are the same within what may be rounded."""


class Refusal(StrEnum):
    """Why a tax invoice cannot be that of a document, whatever its lines say."""

    NUMBER = "number"
    WRONG_SELLER = "wrong_seller"
    WRONG_BUYER = "wrong_buyer"
    NUMBER_REUSED = "number_reused"
    HEAD = "head_does_not_add_up"


class Verdict(StrEnum):
    """How a tax invoice stands to our document."""

    AGREE = "agree"
    WITH_ROUNDING = "agree_with_rounding"
    DIFFER = "differ"
    REFUSED = "refused"


class State(StrEnum):
    """What became of a tax invoice that was taken in."""

    ATTACHED = "attached"
    DIFFERS = "differs"
    ACCEPTED = "accepted"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A line of a tax invoice. rate: a fraction, or `NO_TAX`. quantity: none on a line of discount."""

    name: str
    spec: str
    unit: str
    quantity: Decimal | None
    rate: Decimal | str
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class TaxInvoice:
    """A tax invoice as its XML says. blue: number of the one that a red-letter invoice takes back."""

    number: str
    issued_on: date
    seller: str
    buyer: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    lines: tuple[TaxLine, ...]
    blue: str = ""
    remark: str = ""

    @property
    def is_red(self) -> bool:
        """Whether it takes back what another one charged."""
        return self.gross < 0


@dataclass(frozen=True, slots=True)
class OurLine:
    """A line of our document, without VAT."""

    line: int
    name: str
    spec: str
    unit: str
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class OurDocument:
    """Our document: who sold, who bought (unified social credit codes), and its lines."""

    seller: str
    buyer: str
    lines: tuple[OurLine, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """By how much amounts may differ by rounding: of a line, and of all lines without their signs."""

    line: Decimal = Decimal("0.06")
    invoice: Decimal = Decimal("1.27")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. lines: of ours. of: what was rounded. ours, theirs: what the two say."""

    kind: Kind
    lines: tuple[int, ...] = ()
    amount: Decimal | None = None
    of: str = ""
    name: str = ""
    ours: str = ""
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict with what led to it."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    because: Refusal | None = None


def is_number(text: str) -> bool:
    """Whether a text is a number of the tax platform."""
    return _NUMBER.fullmatch(text) is not None


def plain_code(code: str) -> str:
    """A taxpayer's number as two of them are compared: narrow, upper case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", code).split()).upper()


def plain_name(name: str) -> str:
    """A name as two are compared: without the tax class between asterisks (``*医疗仪器器械*导丝``)."""
    narrow = unicodedata.normalize("NFKC", name).strip()
    return "".join(_CLASS.sub("", narrow).split()).casefold()


def folded(lines: Sequence[TaxLine]) -> list[TaxLine]:
    """Lines of goods, each with the line of discount that stands directly below it.

    Such a line has no quantity and the opposite sign (国税函〔2010〕56 号: a discount counts in the same
    invoice's amounts only).
    """
    whole: list[TaxLine] = []
    for line in lines:
        above = whole[-1] if whole else None
        if above is not None and line.quantity is None and line.amount * above.amount < 0:
            whole[-1] = TaxLine(
                above.name,
                above.spec,
                above.unit,
                above.quantity,
                above.rate,
                above.amount + line.amount,
                above.tax + line.tax,
            )
        else:
            whole.append(line)
    return whole


def adds_up(invoice: TaxInvoice) -> bool:
    """Whether the head is the sum of its own lines."""
    net = sum((line.amount for line in invoice.lines), ZERO)
    tax = sum((line.tax for line in invoice.lines), ZERO)
    return (net, tax, net + tax) == (invoice.net, invoice.tax, invoice.gross)
