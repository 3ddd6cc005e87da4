"""What each warehouse should have of each product and why; what is bought or brought from another one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from pydantic import BeforeValidator

from backoffice.blueprints.warehouse_options import warehouse_options
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, NotFound
from portal.kernel.paging import Page
from portal.orders.vocabulary import OrderRight
from portal.planning.advice_list import (
    SHORTEST_FIRST,
    Advice,
    Show,
    SoughtAdvice,
    advice,
    advice_on,
    count_advice,
    lots_to_spare,
)
from portal.planning.advice_rules import TermsChange, default_terms
from portal.planning.terms import set_terms, terms_set
from portal.planning.vocabulary import PlanningRight
from portal.transfers.make_transfer import make_transfer
from portal.transfers.rules import Moved
from portal.transfers.vocabulary import TransferRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("planning", __name__, url_prefix="/hq/replenishment")

REPLENISHMENT = Listing(
    "replenishment",
    N_("Replenishment"),
    (
        Column("product", N_("Product"), Kind.NAME, path="name", css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, shown=False, width="c-12"),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse", width="c-10"),
        Column("warehouse", N_("Warehouse code"), Kind.CODE, shown=False, width="c-10"),
        Column("a_week", N_("A week"), Kind.QUANTITY, width="c-12"),
        Column("free", N_("Available"), Kind.QUANTITY, width="c-8"),
        Column("on_hand", N_("On hand"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("reserved", N_("Reserved"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("waiting", N_("Units waiting"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("coming", N_("Coming"), Kind.QUANTITY, width="c-8"),
        Column("cover_days", N_("Days of cover"), Kind.QUANTITY, width="c-8", is_sortable=True),
        Column("safety_stock", N_("Safety stock"), Kind.QUANTITY, width="c-8"),
        Column("reorder_point", N_("Reorder point"), Kind.QUANTITY, width="c-8"),
        Column("order_up_to", N_("Order up to"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("quantity", N_("To bring"), Kind.QUANTITY, width="c-8", is_sortable=True),
        Column("surplus", N_("To spare"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("unit", N_("Unit"), Kind.UNIT, shown=False),
        Column("method", N_("Forecast"), Kind.STATUS, status="forecast", shown=False, width="c-10"),
        Column("lead_days", N_("Lead time, days"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("review_days", N_("Review every, days"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("service_level", N_("Service level"), Kind.SHARE, shown=False, width="c-8"),
        Column("advised_at", N_("As of"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(SHORTEST_FIRST),
)

_SHOWN = {
    Show.PROPOSED: N_("To bring"),
    Show.SURPLUS: N_("To spare"),
    Show.ASKED: N_("With demand"),
    Show.ALL: N_("All"),
}

DaysIfAny = Annotated[
    int | None, BeforeValidator(lambda entered: typed.quantity(entered) if entered.strip() else None)
]
ShareIfAny = Annotated[
    Decimal | None, BeforeValidator(lambda entered: typed.percent(entered) / 100 if entered.strip() else None)
]


class TermsForm(Form):
    """What is set; empty fields count as elsewhere. sku: empty for the whole warehouse."""

    warehouse: Stripped
    sku: Stripped
    lead_days: DaysIfAny
    review_days: DaysIfAny
    service_level: ShareIfAny


class TransferForm(Form):
    """From which warehouse goods are to come."""

    origin: Stripped


@blueprint.get("")
@requires(OrderRight.DESK)
@takes_columns("column")
def index() -> Answer:
    """What is to be brought, what runs out first; or what there is too much of, or everything."""
    told = request.args.get("show", "")
    query = {name: request.args.get(name, "").strip() for name in ("q", "warehouse")}
    show = Show(told) if told in list(Show) else Show.PROPOSED
    sought = SoughtAdvice(query["warehouse"], query["q"], show)
    sort = sort_of_address(REPLENISHMENT)

    def fetch(cursor: str | None, limit: int) -> Page[Advice]:
        return advice(
            current_session(), actor=current_actor(), sought=sought, limit=limit, cursor=cursor, sort=sort
        )

    return show_list(
        REPLENISHMENT,
        fetch,
        "backoffice/planning/index.html",
        {"show": str(show), **query},
        page_only=lambda: {
            "tabs": _tabs(show, query),
            "warehouses": warehouse_options(gettext("All warehouses")),
        },
        count=lambda: count_advice(current_session(), actor=current_actor(), sought=sought),
    )


@blueprint.get("/terms")
@requires(OrderRight.DESK)
def terms() -> str:
    """On which terms each warehouse, and which product in it, is replenished."""
    return _terms()


@blueprint.post("/terms")
@requires(PlanningRight.SET)
def keep_terms() -> Answer:
    """Set the terms of a warehouse or of a product in it."""
    return acted(
        _set_terms,
        shown=_terms,
        then=lambda _: Said(gettext("Saved. The next advice heeds it."), url_for("planning.terms")),
    )


@blueprint.get("/<warehouse>/<sku>")
@requires(OrderRight.DESK)
def show(warehouse: str, sku: str) -> str:
    """Why a warehouse is advised so, and who could spare what it lacks."""
    return _page(warehouse, sku)


@blueprint.post("/<warehouse>/<sku>/terms")
@requires(PlanningRight.SET)
def keep_product_terms(warehouse: str, sku: str) -> Answer:
    """Set the terms of this product here."""
    return _acted(warehouse, sku, _set_terms, lambda _: gettext("Saved. The next advice heeds it."))


@blueprint.post("/<warehouse>/<sku>/transfer")
@requires(TransferRight.TRANSFER)
def transfer(warehouse: str, sku: str) -> Answer:
    """Make a draft of a transfer of what another warehouse can spare."""

    def act() -> str:
        session, actor, at = current_session(), current_actor(), clock.now()
        origin = read_form(TransferForm).origin
        settings = portal().settings
        today = clock.business_date(at, settings.timezone)
        lots = lots_to_spare(
            session,
            actor=actor,
            warehouse=origin,
            sku=sku,
            units=_one(advice_on(session, actor=actor, sku=sku), warehouse).quantity,
            today=today,
            margin_days=settings.saleable_days_before_expiry,
        )
        return make_transfer(
            session,
            actor=actor,
            origin=origin,
            destination=warehouse,
            lines=[
                Moved(sku, lot.lot_no, lot.units, (), f"/lines/{place}") for place, lot in enumerate(lots)
            ],
            note=gettext("Replenishment"),
            today=today,
            at=at,
        )

    return acted(
        act,
        shown=lambda refusal: _page(warehouse, sku, refusal),
        then=lambda number: Said(
            gettext("Transfer %(number)s has been made.", number=number),
            url_for("transfers.show", number=number),
        ),
    )


def _acted(warehouse: str, sku: str, act: Callable[[], None], done: Callable[[None], str]) -> Answer:
    return acted(
        act,
        shown=lambda refusal: _page(warehouse, sku, refusal),
        then=lambda _: Said(done(None), url_for("planning.show", warehouse=warehouse, sku=sku)),
    )


def _set_terms() -> None:
    form = read_form(TermsForm)
    set_terms(
        current_session(),
        actor=current_actor(),
        warehouse=form.warehouse,
        sku=form.sku,
        change=TermsChange(form.lead_days, form.review_days, form.service_level),
        at=clock.now(),
    )


def _terms(refusal: DomainError | None = None) -> str:
    return render_template(
        "backoffice/planning/terms.html",
        rows=terms_set(current_session(), actor=current_actor()),
        defaults=default_terms(portal().settings.replenishment_days),
        warehouses=warehouse_options(gettext("Choose a warehouse")),
        nothing_set=TermsChange(),
        may_set=current_actor().may(PlanningRight.SET),
        **refused(refusal),
    )


def _page(warehouse: str, sku: str, refusal: DomainError | None = None) -> str:
    everywhere = advice_on(current_session(), actor=current_actor(), sku=sku)
    one = _one(everywhere, warehouse)
    return render_template(
        "backoffice/planning/show.html",
        one=one,
        others=[other for other in everywhere if other.warehouse != warehouse],
        chart=_chart(one),
        may_set=current_actor().may(PlanningRight.SET),
        may_transfer=current_actor().may(TransferRight.TRANSFER),
        set_here=_set_here(warehouse, sku),
        **refused(refusal),
    )


def _one(everywhere: list[Advice], warehouse: str) -> Advice:
    for one in everywhere:
        if one.warehouse == warehouse:
            return one
    raise NotFound()


def _set_here(warehouse: str, sku: str) -> TermsChange:
    for one in terms_set(current_session(), actor=current_actor()):
        if (one.warehouse, one.sku) == (warehouse, sku):
            return TermsChange(one.lead_days, one.review_days, one.service_level)
    return TermsChange()


def _chart(one: Advice) -> dict[str, Any]:
    """Demand by week as the macro `chart` draws it."""
    ago = len(one.weeks)
    return {
        "kind": "bar",
        "format": "quantity",
        "categories": [f"−{ago - place}" for place in range(ago)],
        "series": [{"name": gettext("Units ordered"), "values": one.weeks}],
    }


def _tabs(now: Show, query: dict[str, str]) -> list[tuple[str, str, bool, int | None]]:
    about: dict[str, Any] = {name: value for name, value in query.items() if value}
    return [
        (
            url_for("planning.index", **about | ({"show": str(one)} if one else {})),
            gettext(label),
            one is now,
            None,
        )
        for one, label in _SHOWN.items()
    ]
