"""The rebate programmes a dealer is in: the ladder, what is earned so far, and every line behind a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.claims.vocabulary import ClaimRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.rebates import earned
from portal.rebates.behind_lines import behind
from portal.rebates.earned import Earned, EarnedLine
from portal.rebates.rules import Basis
from portal.rebates.terms import TierTerms
from portal.rebates.vocabulary import RebateRight
from portal.rebates.words import LINE_KINDS
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.rebate_ladder import ladder_of
from portal.web.rebate_words import (
    counted,
    next_tier_in_words,
    pays_in_words,
    terms_in_words,
    unmet_in_words,
)
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("own_rebates", __name__, url_prefix="/rebates")
blueprint.context_processor(dealer_frame)


def _columns(counts: Kind, rate: Kind) -> Iterator[Column]:
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


LINES = Listing("rebate-lines", N_("Lines of a rebate"), tuple(_columns(Kind.MONEY, Kind.SHARE)))


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as the list has it. rate: a share of one where tiers pay per cent, else ¥ a piece."""

    line: EarnedLine
    product_zh: str
    product_en: str
    shipment: str | None
    qualifier: Decimal | int
    cumulative: Decimal | int
    rate: Decimal | None


@blueprint.get("")
@requires(RebateRight.READ)
def index() -> str:
    """A card a programme, in its current or last period; what ends first first, what is over last."""
    today = _today()
    found = earned.current(current_session(), dealer_id=current_actor().own_dealer_id, today=today)
    found.sort(key=lambda one: _phase(one, today) != "running")
    may_claim = current_actor().may(ClaimRight.WRITE)
    cards = [_card(one, today) for one in found]
    return render_template("rebates/index.html", cards=cards, today=today, may_claim=may_claim)


@blueprint.get("/<number>")
@requires(RebateRight.READ)
@takes_columns("column")
def show(number: str) -> str | Response:
    """One period of a programme: its tiers, and the lines that make up the figure."""
    session, dealer_id, today = current_session(), current_actor().own_dealer_id, _today()
    period = request.args.get("period", "")
    found = earned.earned(session, dealer_id=dealer_id, number=number, period=period, today=today)

    def fetch(cursor: str | None, limit: int) -> Page[LineRow]:
        page = earned.lines(
            session,
            dealer_id=dealer_id,
            number=number,
            first_day=found.first_day,
            limit=limit,
            cursor=cursor,
        )
        told = behind(session, dealer_id=dealer_id, lines=page.items)
        rows = tuple(
            _row(found, line, told.names.get(line.sku, ("", "")), told.shipments.get(line.document))
            for line in page.items
        )
        return Page(rows, page.next_cursor, page.previous_cursor)

    periods = earned.periods(session, dealer_id=dealer_id, number=number)
    return show_list(
        _listing(found),
        fetch,
        "rebates/show.html",
        {
            **_card(found, today),
            "words": terms_in_words(found.terms),
            "periods": [(name, name) for name in periods],
            "rate_kind": _rate_kind(found).value,
        },
    )


def _card(one: Earned, today: date) -> dict[str, Any]:
    terms = one.terms
    return {
        "earned": one,
        "today": today,
        "may_claim": current_actor().may(ClaimRight.WRITE),
        "phase": _phase(one, today),
        "pays": pays_in_words(terms),
        "ladder": ladder_of(one),
        "next_tier": next_tier_in_words(one),
        "unmet": unmet_in_words(one),
        "base": None if one.base is None else counted(terms, one.base),
    }


def _phase(one: Earned, today: date) -> str:
    if one.ended_on is not None and one.ended_on < today:
        return "withdrawn"
    return "over" if one.terms.valid_to is not None and one.terms.valid_to < today else "running"


def _row(found: Earned, line: EarnedLine, names: tuple[str, str], shipment: str | None) -> LineRow:
    in_pieces = found.terms.basis is Basis.QUANTITY
    return LineRow(
        line,
        *names,
        shipment,
        int(line.qualifier) if in_pieces else line.qualifier,
        int(line.cumulative) if in_pieces else line.cumulative,
        line.rate / 100 if line.rate is not None and _rate_kind(found) is Kind.SHARE else line.rate,
    )


def _listing(found: Earned) -> Listing:
    """The list of a period's lines: what counts is ¥ or pieces, the rate per cent or ¥ a piece."""
    counts = Kind.QUANTITY if found.terms.basis is Basis.QUANTITY else Kind.MONEY
    return replace(LINES, columns=tuple(_columns(counts, _rate_kind(found))))


def _rate_kind(found: Earned) -> Kind:
    """What rates of lines are: per cent or ¥ a piece, the reached tier's where tiers differ.

    A plain number where tiers that differ were amended too, and no one of them speaks for every line.
    """
    tables = (found.terms.tiers_of, *(one.tiers_of for one in found.terms.amendments))
    kinds = {_kind_of(tier) for tiers in tables for tier in tiers if tier.fixed is None}
    if len(kinds) == 1:
        return kinds.pop()
    if found.terms.amendments:
        return Kind.TEXT
    return _kind_of(found.terms.tiers_of[max(found.reached_tier, 1) - 1])


def _kind_of(tier: TierTerms) -> Kind:
    return Kind.MONEY if tier.percent is None else Kind.SHARE


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
