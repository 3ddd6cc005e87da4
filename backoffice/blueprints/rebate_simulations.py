"""A programme over the past, before it is released: asked for, watched, read as tables, chart and file."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from backoffice.blueprints import rebate_page
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Invalid
from portal.kernel.paging import Page
from portal.rebates.ask_simulation import ask_simulation
from portal.rebates.documents import programme_id_of
from portal.rebates.queries import ManagedProgramme
from portal.rebates.rules import Basis
from portal.rebates.simulations import (
    MOST_EARNED,
    Outcome,
    SimulatedDealer,
    Simulation,
    outcome,
    simulated_dealers,
    simulation,
    simulations,
)
from portal.rebates.vocabulary import RebateRight
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full
from portal.web.rebate_words import counted
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell

blueprint = Blueprint("rebate_simulations", __name__, url_prefix="/hq/rebates/<number>/simulations")

BOTH = (RebateRight.PROPOSE, RebateRight.APPROVE)
DEALERS = Listing(
    "simulated-dealers",
    N_("Cost of a programme by dealer"),
    (
        Column("name", N_("Dealer"), Kind.NAME, path="of.name"),
        Column("code", N_("Dealer code"), Kind.CODE, path="of.code", width="c-12", is_sortable=True),
        Column("region", N_("Region"), Kind.NAME, path="of.region", width="c-12"),
        Column("sold", N_("Sold then"), Kind.MONEY, path="of.sold", width="c-15", is_sortable=True),
        Column("qualified", N_("Counts"), width="c-12", shown=False),
        Column(
            "reached_tier",
            N_("Highest tier"),
            Kind.QUANTITY,
            path="of.reached_tier",
            width="c-10",
            is_sortable=True,
        ),
        Column("accrued", N_("Rebate"), Kind.MONEY, path="of.accrued", width="c-12", is_sortable=True),
        Column("share", N_("Of what was sold"), Kind.SHARE, width="c-12"),
    ),
    sort=str(MOST_EARNED),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A dealer of a simulation. qualified: in words, ¥ or pieces."""

    of: SimulatedDealer
    qualified: str

    @property
    def share(self) -> Decimal | None:
        """What it would have earned, of what was sold to it."""
        return self.of.accrued / self.of.sold if self.of.sold > 0 else None


class DaysForm(Form):
    """Which days of the past; both empty: the programme's own, a year ago."""

    first: Stripped
    last: Stripped


@blueprint.post("")
@requires(*BOTH)
def create(number: str) -> Response:
    """Have the programme run over the past."""
    session, actor, typed = current_session(), current_actor(), read_form(DaysForm)

    def act() -> Said:
        key = programme_id_of(session, number)
        ask_simulation(
            session,
            actor=actor,
            programme_id=key,
            first=typed.first,
            last=typed.last,
            zone=portal().settings.timezone,
            at=clock.now(),
        )
        place = simulations(session, actor=actor, programme=rebate_page.programme(number))[0].place
        return Said("", url_for("rebate_simulations.show", number=number, place=place))

    try:
        said = sent_once(act)
    except (Invalid, Conflict) as refusal:
        session.rollback()
        flash(" ".join(in_full(one) for one in (refusal.faults or [refusal])), "error")
        back = url_for("rebates.show", number=number, first=typed.first[:40], last=typed.last[:40])
        return redirect(f"{back}#simulation", 303)
    return tell(said)


@blueprint.get("/<int(max=999999999):place>")
@requires(*BOTH)
@takes_columns("column")
def show(number: str, place: int) -> str | Response:
    """How far it is, and what it came to."""
    session = current_session()
    programme = rebate_page.programme(number)
    found = simulation(session, actor=current_actor(), programme=programme, place=place)
    if request.htmx and request.htmx.target == "progress":
        return _progress(number, found)
    in_pieces, sort = programme.terms.basis is Basis.QUANTITY, sort_of_address(DEALERS)

    def fetch(cursor: str | None, limit: int) -> Page[Row]:
        page = simulated_dealers(session, simulation_id=found.id, limit=limit, cursor=cursor, sort=sort)
        rows = tuple(Row(one, counted(programme.terms, one.qualified)) for one in page.items)
        return Page(rows, page.next_cursor, page.previous_cursor)

    def page_only() -> dict[str, Any]:
        told = outcome(session, simulation_id=found.id) if found.state == "done" else None
        return {
            "programme": programme,
            "outcome": told,
            "chart": _chart(told) if told else None,
            "budget": _budget(programme),
            "in_pieces": in_pieces,
        }

    context = {"simulation": found, "number": number}
    return show_list(DEALERS, fetch, "backoffice/rebates/simulation.html", context, page_only=page_only)


def _progress(number: str, found: Simulation) -> Response:
    """The bar alone while it moves; the whole page once it is done."""
    part = render_block("backoffice/rebates/simulation.html", "progress", simulation=found, number=number)
    answer = Response(part)
    if not found.is_under_way:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _budget(programme: ManagedProgramme) -> Decimal | None:
    """The budget, for who sees every dealer of the programme: against a part of them it says nothing."""
    return programme.terms.budget if programme.answerable else None


def _chart(told: Outcome) -> dict[str, Any]:
    """What it would have cost, month by month."""
    return {
        "kind": "bar",
        "format": "money",
        "categories": [one.code for one in told.months],
        "series": [{"name": gettext("Rebate"), "values": [one.accrued for one in told.months]}],
    }
