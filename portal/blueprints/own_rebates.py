"""The rebate programmes a dealer is in: the ladder, what is earned so far, and every line behind a figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.blueprints.rebate_what_if import what_if_asked
from portal.claims.claimable import claim_of_period, claimable
from portal.claims.vocabulary import ClaimRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.rebates import earned
from portal.rebates.amendments import published_amendments
from portal.rebates.behind_lines import behind
from portal.rebates.earned import Earned
from portal.rebates.vocabulary import RebateRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Kind, Listing
from portal.web.listing.page import show_list
from portal.web.rebate_ladder import ladder_of
from portal.web.rebate_lines import LineRow, columns_of, line_columns, rate_kind, row_of
from portal.web.rebate_versions import versions_of
from portal.web.rebate_words import (
    amended_in_words,
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


LINES = Listing("rebate-lines", N_("Lines of a rebate"), tuple(line_columns(Kind.MONEY, Kind.SHARE)))


@blueprint.get("")
@requires(RebateRight.READ)
def index() -> str:
    """A card a programme, in its current or last period; what ends first first, what is over last."""
    today = _today()
    found = earned.current(current_session(), dealer_id=current_actor().own_dealer_id, today=today)
    found.sort(key=lambda one: _phase(one, today) != "running")
    open_ones = _claimable(today)
    cards = [_card(one, today, open_ones) for one in found]
    return render_template("rebates/index.html", cards=cards, claimable=len(open_ones))


@blueprint.get("/<number>")
@requires(RebateRight.READ)
@takes_columns("column")
def show(number: str) -> str | Response:
    """One period of a programme: its tiers, and the lines that make up the figure."""
    session, dealer_id, today = current_session(), current_actor().own_dealer_id, _today()
    period = request.args.get("period", "")
    found = earned.earned(session, dealer_id=dealer_id, number=number, period=period, today=today)
    rate = rate_kind(found.terms, found.reached_tier)

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
            row_of(
                found.terms,
                rate,
                line,
                told.names.get(line.sku, ("", "")),
                told.shipments.get(line.document),
            )
            for line in page.items
        )
        return Page(rows, page.next_cursor, page.previous_cursor)

    periods = earned.periods(session, dealer_id=dealer_id, number=number)
    return show_list(
        replace(LINES, columns=tuple(columns_of(found.terms, rate))),
        fetch,
        "rebates/show.html",
        {
            **_card(found, today, _claimable(today)),
            "claim": claim_of_period(session, dealer_id=dealer_id, programme=number, period=found.period),
            "words": terms_in_words(found.terms),
            "versions": versions_of(found.terms, published_amendments(session, number=number)),
            "periods": [(name, name) for name in periods],
            "rate_kind": rate.value,
            "asks_what_if": found.first_day <= today <= found.last_day and _phase(found, today) == "running",
            **what_if_asked(found),
        },
    )


def _claimable(today: date) -> set[tuple[str, str]]:
    """Programme and period of what the visitor may claim now."""
    actor = current_actor()
    if not actor.may(ClaimRight.WRITE):
        return set()
    found = claimable(current_session(), dealer_id=actor.own_dealer_id, today=today)
    return {(one.programme, one.period) for one in found}


def _card(one: Earned, today: date, open_ones: set[tuple[str, str]]) -> dict[str, Any]:
    terms = one.terms
    return {
        "earned": one,
        "may_claim": (one.number, one.period) in open_ones,
        "phase": _phase(one, today),
        "pays": pays_in_words(terms),
        "amended": amended_in_words(terms),
        "ladder": ladder_of(one),
        "next_tier": next_tier_in_words(one),
        "unmet": unmet_in_words(one),
        "unearned": _unearned(one),
        "base": None if one.base is None else counted(terms, one.base),
    }


def _unearned(one: Earned) -> str:
    """Why a tier is reached and nothing earned, where no condition says so."""
    if one.accrued or not one.reached_tier or one.unmet:
        return ""
    reasons = []
    if not one.terms.combinable:
        reasons.append(gettext("Goods on which another programme pays already earn there, not here."))
    if one.terms.on_time is not None:
        reasons.append(gettext("Invoices that are not paid in time earn nothing here."))
    return " ".join(reasons)


def _phase(one: Earned, today: date) -> str:
    if one.ended_on is not None and one.ended_on < today:
        return "withdrawn"
    return "over" if one.terms.valid_to is not None and one.terms.valid_to < today else "running"


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
