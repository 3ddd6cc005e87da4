"""A draft over past orders: asked for, watched, read as figures and charts, taken away as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, Invalid
from portal.kernel.formats import percent
from portal.kernel.money import ZERO
from portal.kernel.paging import Page
from portal.pricing import policies
from portal.pricing.vocabulary import PriceRight
from portal.rehearsals.ask_rehearsal import ask_rehearsal
from portal.rehearsals.queries import RehearsalShown, rehearsal, rehearsals
from portal.rehearsals.rules import STEPS
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full, in_language
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("rehearsals", __name__, url_prefix="/hq/policies/<int:policy_id>/rehearsals")

DEALERS = Listing(
    "rehearsed-dealers",
    N_("Effect by dealer"),
    (
        Column("name", N_("Dealer"), Kind.NAME),
        Column("code", N_("Dealer code"), Kind.CODE, width="c-12"),
        Column("lines", N_("Number of lines"), Kind.QUANTITY, width="c-8"),
        Column("then", N_("Revenue then"), Kind.MONEY, width="c-12"),
        Column("under_draft", N_("Under the draft"), Kind.MONEY, width="c-12"),
        Column("change", N_("Change in ¥"), Kind.MONEY, width="c-12"),
        Column("share", N_("Change in %"), Kind.SHARE, width="c-8"),
    ),
)
WATERFALL_MAX = 8
SIDES = (("gain", N_("Pay less")), ("loss", N_("Pay more")))


@dataclass(frozen=True, slots=True)
class Changed:
    """Revenue of a dealer, region, tier or product then and under the draft."""

    code: str
    name_zh: str
    name_en: str
    lines: int
    then: Decimal
    under_draft: Decimal

    @property
    def change(self) -> Decimal:
        """¥ more, or less, under the draft."""
        return self.under_draft - self.then

    @property
    def share(self) -> Decimal | None:
        """Change as a fraction of then."""
        return self.change / self.then if self.then else None


class MonthsForm(Form):
    """Over how many months to rehearse."""

    months: Stripped


@blueprint.post("")
@requires(PriceRight.POLICIES)
def create(policy_id: int) -> Response:
    """Have the draft rehearsed."""
    session, actor = current_session(), current_actor()
    try:
        ask_rehearsal(
            session,
            actor=actor,
            policy_id=policy_id,
            months=read_form(MonthsForm).months or "12",
            at=clock.now(),
        )
    except (Invalid, Conflict) as refusal:
        session.rollback()
        flash(" ".join(in_full(one) for one in (refusal.faults or [refusal])), "error")
        return redirect(url_for("policies.show", policy_id=policy_id), 303)
    place = rehearsals(session, actor=actor, policy_id=policy_id)[0].place
    return redirect(url_for("rehearsals.show", policy_id=policy_id, place=place), 303)


@blueprint.get("/<int:place>")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
@takes_columns("column")
def show(policy_id: int, place: int) -> str | Response:
    """How far it is, and what it found."""
    session, actor = current_session(), current_actor()
    found = rehearsal(session, actor=actor, policy_id=policy_id, place=place)
    if request.htmx and request.htmx.target == "progress":
        return _progress(found)
    result = found.result or {}
    side = request.args.get("side", "")
    dealers = _changed(result.get("dealers", ()))

    def fetch(cursor: str | None, limit: int) -> Page[Changed]:
        at = typed.own_number(cursor) or 0
        rows = [one for one in dealers if _is_on(one, side)]
        following = str(at + limit) if len(rows) > at + limit else None
        previous = str(max(0, at - limit)) if at else None
        return Page(tuple(rows[at : at + limit]), following, previous)

    def page_only() -> dict[str, Any]:
        policy = policies.policy(session, actor=actor, policy_id=policy_id, at=clock.now())
        return {"policy": policy, **(_pictures(result) if result else {})}

    sides = [(key, gettext(words)) for key, words in SIDES]
    context = {"rehearsal": found, "policy_id": policy_id, "side": side, "side_options": sides}
    return show_list(DEALERS, fetch, "backoffice/rehearsals/show.html", context, page_only=page_only)


def _progress(found: RehearsalShown) -> str | Response:
    """The bar alone while it moves; the whole page once it is done."""
    answer = Response(render_block("backoffice/rehearsals/show.html", "progress", rehearsal=found))
    if not found.is_under_way:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _is_on(one: Changed, side: str) -> bool:
    return {"gain": one.change < 0, "loss": one.change > 0}.get(side, True)


def _changed(rows: Sequence[dict[str, Any]]) -> list[Changed]:
    return [
        Changed(
            row["code"],
            row.get("name_zh", row["code"]),
            row.get("name_en", row["code"]),
            row["lines"],
            Decimal(row["then"]),
            Decimal(row["under_draft"]),
        )
        for row in rows
    ]


def _pictures(result: dict[str, Any]) -> dict[str, Any]:
    """Figures of the whole, and what the charts show."""
    products = _changed(result["products"])
    whole = Changed(
        "",
        "",
        "",
        result["order_lines"],
        Decimal(result["revenue_then"]),
        Decimal(result["revenue_under_draft"]),
    )
    return {
        "whole": whole,
        "floor_hits": result["floor_hits"],
        "regions": _changed(result["regions"]),
        "tiers": _changed(result["tiers"]),
        "products": [one for one in products if one.change][:20],
        "waterfall": _waterfall(whole, _changed(result["regions"])),
        "distribution": _distribution(result["distribution"]),
    }


def _waterfall(whole: Changed, regions: Sequence[Changed]) -> dict[str, Any]:
    """From the revenue then, region by region, to the revenue under the draft."""
    named = [one for one in regions if one.change][:WATERFALL_MAX]
    rest = whole.change - sum((one.change for one in named), ZERO)
    steps = [(in_language(one.name_zh, one.name_en), one.change) for one in named]
    if rest:
        steps.append((gettext("Others"), rest))
    return {
        "kind": "waterfall",
        "format": "money",
        "categories": [gettext("Revenue then"), *(name for name, _ in steps), gettext("Under the draft")],
        "series": [
            {
                "name": gettext("Revenue"),
                "values": [whole.then, *(change for _, change in steps), whole.under_draft],
            }
        ],
        "totals": [0, len(steps) + 1],
    }


def _distribution(counts: Sequence[int]) -> dict[str, Any]:
    """How many dealers change by how much."""
    bounds = [percent(step) for step in STEPS]
    between = [f"{low} … {high}" for low, high in pairwise(bounds)]
    return {
        "kind": "bar",
        "format": "quantity",
        "categories": [f"< {bounds[0]}", *between, f"≥ {bounds[-1]}"],
        "series": [{"name": gettext("Dealers"), "values": list(counts)}],
    }
