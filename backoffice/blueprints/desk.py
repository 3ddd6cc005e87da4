"""The order desk and the warehouse: holds released, lots picked, parcels shipped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypedDict

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.fields_by_lot import lot_choices, lot_serials
from backoffice.blueprints.region_filter import region_options
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.ledger.queries import position, settlement
from portal.orders import queries as orders
from portal.orders.cancel_order import cancel_order
from portal.orders.hold_queue import proposed_release
from portal.orders.holds_rules import PUT_BY_HAND
from portal.orders.lifecycle import Channel, Status
from portal.orders.release_order import release_order
from portal.orders.severity_rules import HOLD_LABELS
from portal.orders.vocabulary import OrderRight
from portal.returns.queries import return_replaced_by
from portal.shipping import desk
from portal.shipping.desk import DeskOrder
from portal.shipping.outbound import units_to_review
from portal.shipping.pick_list import pick_list
from portal.shipping.pick_order import pick_order
from portal.shipping.queries import shipments_of
from portal.shipping.ship import ship
from portal.shipping.unpick_order import unpick_order
from portal.shipping.vocabulary import ShippingRight
from portal.web.forms import Flag, Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.order_timeline import history, road
from portal.web.parts import part_of
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("desk", __name__, url_prefix="/hq/orders")

ALL = "all"

DESK = Listing(
    "desk",
    N_("Order desk"),
    (
        Column("number", N_("Order"), width="c-18", css="text-nowrap"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("region", N_("Region"), Kind.NAME, shown=False, width="c-10"),
        Column("purchase_order_no", N_("Dealer's PO number"), shown=False, width="c-12"),
        Column("warehouse_code", N_("Warehouse"), Kind.CODE, width="c-10"),
        Column("status", N_("Status"), Kind.STATUS, status="desk order", width="c-12", css="cell-corner"),
        Column("placed_at", N_("Ordered on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("requested_date", N_("Requested for"), Kind.DATE, shown=False, width="c-12"),
        Column("line_count", N_("Lines"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("units_open", N_("Open units"), Kind.QUANTITY, width="c-10"),
        Column("total", N_("Amount"), Kind.MONEY, width="c-12"),
    ),
    sort=str(desk.LONGEST_WAITING_FIRST),
)


class ReasonForm(Form):
    """Why something is done."""

    reason: str


class ReleaseForm(ReasonForm):
    """Why an order is released, and whether what is missing is cancelled."""

    cancel_missing: Flag


class ShippingForm(Form):
    """A parcel and who takes it."""

    shipment: str
    carrier: str
    tracking_no: str


@blueprint.get("")
@requires(OrderRight.DESK, ShippingRight.SHIP)
@takes_columns("column")
def index() -> str | Response:
    """What is to be done, the longest waiting first; or every order of one state."""
    status = request.args.get("status", "")
    query = {"q": request.args.get("q", "").strip(), "region": request.args.get("region", "")}

    statuses, region_id = _statuses(status), typed.own_number(query["region"])
    sought: dict[str, Any] = {"statuses": statuses, "region_id": region_id, "q": query["q"]}
    sort = sort_of_address(DESK)

    def fetch(cursor: str | None, limit: int) -> Page[DeskOrder]:
        return desk.desk_orders(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return desk.count_desk_orders(current_session(), **sought)

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(status), "regions": region_options()}

    template = "backoffice/desk/index.html"
    return show_list(DESK, fetch, template, {"status": status, **query}, page_only=page_only, count=count)


@blueprint.get("/<number>")
@requires(OrderRight.DESK, ShippingRight.SHIP)
def show(number: str) -> str:
    """One order with what stands against it and what may be done next."""
    return render_template("backoffice/desk/show.html", **_order_context(number))


@blueprint.post("/<number>/release")
@requires(OrderRight.DESK)
def release(number: str) -> str | Response:
    """Let an order go that was held, or propose it to a second person."""
    form = read_form(ReleaseForm)

    def act() -> str | None:
        released = release_order(
            current_session(),
            actor=current_actor(),
            number=number,
            reason=form.reason,
            cancel_missing=form.cancel_missing,
            **_now(),
            **_margin(),
        )
        words = gettext("A second person has to agree to: %(numbers)s.", numbers=number)
        return words if released.proposed else None

    return act_on_order(
        number, gettext("Order %(number)s has been released.", number=number), act, dialog="release"
    )


@blueprint.post("/<number>/cancellation")
@requires(OrderRight.DESK)
def cancellation(number: str) -> str | Response:
    """Cancel what has not been shipped."""
    reason = read_form(ReasonForm).reason
    return act_on_order(
        number,
        gettext("Order %(number)s has been cancelled.", number=number),
        lambda: cancel_order(
            current_session(), actor=current_actor(), number=number, reason=reason, at=clock.now()
        ),
        dialog="cancel",
    )


@blueprint.post("/<number>/picking")
@requires(ShippingRight.SHIP)
def picking(number: str) -> str | Response:
    """Take the lots that expire first, or those somebody chose with a reason, into a parcel."""
    return act_on_order(
        number,
        gettext("The lots are allocated: pick them now."),
        lambda: pick_order(
            current_session(),
            actor=current_actor(),
            number=number,
            choices=lot_choices(),
            **_now(),
            **_margin(),
        ),
    )


@blueprint.post("/<number>/unpicking")
@requires(ShippingRight.SHIP)
def unpicking(number: str) -> str | Response:
    """Put the lots of the parcel back."""
    return act_on_order(
        number,
        gettext("The lots are back in stock."),
        lambda: unpick_order(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


@blueprint.post("/<number>/shipping")
@requires(ShippingRight.SHIP)
def shipping(number: str) -> str | Response:
    """Hand the parcel to the carrier; the invoice is posted with it."""
    form = read_form(ShippingForm)
    return act_on_order(
        number,
        gettext("Shipped; the invoice has been posted."),
        lambda: ship(
            current_session(),
            actor=current_actor(),
            shipment_number=form.shipment,
            carrier=form.carrier,
            tracking_no=form.tracking_no,
            serials=lot_serials(),
            review_required=portal().settings.outbound_review,
            **_now(),
            **_margin(),
        ),
    )


def act_on_order(number: str, done: str, act: Callable[[], object], *, dialog: str = "") -> str | Response:
    """Do it and show the order again; a refusal stands on the order's own page with what was typed.

    What the act answers as a text is said in place of `done`. dialog: the one it was asked from, which opens
    again when something in it is wrong.
    """
    try:
        answer = act()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        status = 422 if isinstance(refusal, Invalid) else 409
        return make_response(
            render_template("backoffice/desk/show.html", **_order_context(number, refusal, dialog)), status
        )
    flash(*((answer, "warning") if isinstance(answer, str) else (done, "success")))
    return redirect(url_for("desk.show", number=number), 303)


def _order_context(number: str, refusal: DomainError | None = None, dialog: str = "") -> dict[str, Any]:
    session = current_session()
    order = orders.order(session, number)
    shipments = shipments_of(session, order.dealer_id, order.id)
    to_pick = order.status in ("confirmed", "partially_shipped", "picking") and current_actor().may(
        ShippingRight.SHIP
    )
    parcel = next((one for one in shipments if one.status == "picking"), None)
    return {
        "order": order,
        "replaces_return": _replaces(order),
        "review_required": portal().settings.outbound_review,
        "unreviewed": units_to_review(session, parcel.number) if parcel else 0,
        "part": part_of(order.lines),
        "shipments": shipments,
        "parcel": parcel,
        "pick_list": pick_list(session, number=number, today=_now()["today"], **_margin())
        if to_pick
        else None,
        "credit": _credit(order) if order.status == "on_hold" else None,
        "proposed": proposed_release(session, dealer_id=order.dealer_id, order_id=order.id)
        if order.status == "on_hold"
        else None,
        "me": current_actor().key,
        "road": road(order, shipments),
        "events": history(order, shipments),
        "refusal": refusal,
        "refusal_lines": [(_field_of(fault, dialog), in_words(fault)) for fault in refusal.faults]
        if refusal
        else [],
        "opened": dialog if refusal and any(_is_of_dialog(fault) for fault in refusal.faults) else "",
        "beside": lambda pointer: [
            in_full(fault) for fault in (refusal.faults if refusal else ()) if fault.pointer == pointer
        ],
        "line_faults": _by_line(refusal.faults if refusal else ()),
        "typed": request.form,
        "may_decide": current_actor().may(OrderRight.DESK),
        "hold_kinds": [(str(kind), gettext(HOLD_LABELS[kind])) for kind in PUT_BY_HAND],
        "may_ship": current_actor().may(ShippingRight.SHIP),
    }


def _replaces(order: orders.OrderDetail) -> str | None:
    """The return whose goods it sends once more; only headquarters places such orders."""
    if order.channel != Channel.STAFF:
        return None
    return return_replaced_by(current_session(), dealer_id=order.dealer_id, order_number=order.number)


def _credit(order: orders.OrderDetail) -> dict[str, Any]:
    """What whoever releases a held order has to weigh. The exposure has the order in it."""
    session = current_session()
    overdue = settlement(session, order.dealer_id).overdue(_now()["today"])
    return {"position": position(session, order.dealer_id), "own": order.open_amount, "overdue": overdue}


def _by_line(faults: Any) -> dict[int, list[Fault]]:
    """Faults by order line, from pointers such as ``/lines/3`` or ``/serials/3/LOT``."""
    found: dict[int, list[Fault]] = {}
    for fault in faults:
        parts = fault.pointer.split("/")
        if len(parts) > 2 and parts[2].isdecimal():
            found.setdefault(int(parts[2]), []).append(fault)
    return found


def _is_of_dialog(fault: Fault) -> bool:
    return fault.pointer in ("/reason", "/kind")


def _field_of(fault: Fault, dialog: str) -> str:
    """Id of the field or card a fault is about."""
    name = fault.pointer.strip("/")
    if dialog and _is_of_dialog(fault):
        return f"{dialog}-{name}"
    return (
        f"field-{name}" if name in ("carrier", "tracking_no", "lot_reason") else ("pick" if name else "lines")
    )


def _statuses(status: str) -> tuple[str, ...]:
    if status == ALL:
        return orders.STATUSES
    return (status,) if status in orders.STATUSES else desk.OPEN


def _tabs(status: str) -> list[tuple[str, str, bool, int | None]]:
    counts = desk.desk_counts(current_session())
    here: list[tuple[str, str, int | None]] = [
        ("", gettext("To do"), sum(counts.values())),
        *((name, status_look("desk order", name).label, count) for name, count in counts.items()),
        (Status.BACKORDERED, status_look("desk order", Status.BACKORDERED).label, None),
    ]
    known = [name for name, _, _ in here]
    tabs = [
        (url_for("desk.index", status=name or None), label, name == status, count)
        for name, label, count in here
    ]
    return [*tabs, (url_for("desk.index", status=ALL), gettext("All"), status not in known, None)]


class _Margin(TypedDict):
    margin_days: int


class _Now(TypedDict):
    at: datetime
    today: date


def _margin() -> _Margin:
    return {"margin_days": portal().settings.saleable_days_before_expiry}


def _now() -> _Now:
    at = clock.now()
    return {"at": at, "today": clock.business_date(at, portal().settings.timezone)}
