"""The lines behind a rebate as a list: what counts is ¥ or pieces, the rate per cent or ¥ a piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from portal.kernel.errors import N_
from portal.rebates.earned import EarnedLine
from portal.rebates.rules import Basis
from portal.rebates.terms import Terms, TierTerms
from portal.rebates.words import LINE_KINDS
from portal.web.listing.declaration import Column, Kind


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as the list has it. rate: a share of one where tiers pay per cent, else ¥ a piece.

    dealer_zh, dealer_en, code: whose it is, where lines of several are listed.
    """

    line: EarnedLine
    product_zh: str
    product_en: str
    shipment: str | None
    qualifier: Decimal | int
    cumulative: Decimal | int
    rate: Decimal | None
    dealer_zh: str = ""
    dealer_en: str = ""
    code: str = ""


def line_columns(counts: Kind, rate: Kind) -> Iterator[Column]:
    """The columns of the list."""
    yield Column("document", N_("Document"), Kind.CODE, path="line.document", width="c-18")
    yield Column("on_day", N_("Date"), Kind.DATE, path="line.on_day", width="c-10")
    yield Column("line_no", N_("Line"), Kind.QUANTITY, path="line.line_no", shown=False)
    yield Column("kind", N_("Kind"), Kind.WORD, path="line.kind", words=LINE_KINDS, shown=False)
    yield Column("product", N_("Product"), Kind.NAME)
    yield Column("sku", N_("SKU"), Kind.CODE, path="line.sku", shown=False)
    yield Column("quantity", N_("Quantity"), Kind.QUANTITY, path="line.quantity", shown=False)
    yield Column("qualifier", N_("Counts"), counts, width="c-12")
    yield Column("cumulative", N_("Cumulative"), counts, width="c-12")
    yield Column("rate", N_("Rate"), rate, width="c-8")
    yield Column("amount", N_("Rebate"), Kind.MONEY, path="line.amount", width="c-12")


def columns_of(terms: Terms, rate: Kind) -> Iterator[Column]:
    """The same for a programme."""
    return line_columns(Kind.QUANTITY if terms.basis is Basis.QUANTITY else Kind.MONEY, rate)


def row_of(
    terms: Terms, rate: Kind, line: EarnedLine, names: tuple[str, str], shipment: str | None, *whose: str
) -> LineRow:
    """A line of a programme. whose: names and code of the dealer, where lines of several are listed."""
    in_pieces = terms.basis is Basis.QUANTITY
    return LineRow(
        line,
        *names,
        shipment,
        int(line.qualifier) if in_pieces else line.qualifier,
        int(line.cumulative) if in_pieces else line.cumulative,
        line.rate / 100 if line.rate is not None and rate is Kind.SHARE else line.rate,
        *whose,
    )


def rate_kind(terms: Terms, reached_tier: int | None) -> Kind:
    """What rates of lines are: per cent or ¥ a piece, the reached tier's where tiers differ.

    A plain number where tiers that differ were amended too, or dealers reached several: no one tier speaks
    for every line.
    """
    tables = (terms.tiers_of, *(one.tiers_of for one in terms.amendments))
    kinds = {_kind_of(tier) for tiers in tables for tier in tiers if tier.fixed is None}
    if len(kinds) == 1:
        return kinds.pop()
    if terms.amendments or reached_tier is None:
        return Kind.TEXT
    return _kind_of(terms.tiers_of[max(reached_tier, 1) - 1])


def _kind_of(tier: TierTerms) -> Kind:
    return Kind.MONEY if tier.percent is None else Kind.SHARE
