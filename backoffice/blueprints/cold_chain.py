"""Cold records, for the warehouse that measures and for quality that decides."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.coldchain.add_log import LogUpload, add_log
from portal.coldchain.decide_record import decide_record
from portal.coldchain.loggers.file import DayOrder, Unit
from portal.coldchain.measure import arrive_cold_goods, depart_cold_goods, pack_cold_goods
from portal.coldchain.queries import (
    LATEST_FIRST,
    ColdRow,
    Filter,
    cold_record,
    cold_rows,
    count_cold,
    has_cold_goods,
    log_file,
)
from portal.coldchain.rules import RecordState
from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid, NotFound
from portal.kernel.paging import Page
from portal.shipping.vocabulary import ShippingRight
from portal.web.cold_terms import cold_tolerance, finding_words, transport_words
from portal.web.forms import Celsius, Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.temperature_chart import draw

blueprint = Blueprint("cold_chain", __name__, url_prefix="/hq/cold-chain")

COLD = Listing(
    "cold-chain",
    N_("Cold chain"),
    (
        Column("number", N_("Shipment"), width="c-20", css="text-nowrap"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="cold record", width="c-15", css="cell-corner"),
        Column("packed_by_label", N_("Packed by"), width="c-15"),
        Column("packed_at", N_("Packed at"), Kind.MOMENT, width="c-15"),
        Column("arrived_at", N_("Arrived at"), Kind.MOMENT, width="c-15"),
        Column("picked_at", N_("Picked on"), Kind.MOMENT, shown=False, width="c-15", is_sortable=True),
    ),
    sort=str(LATEST_FIRST),
)


class PackingForm(Form):
    """Into what somebody packs, and how cold it is."""

    transport: Stripped
    box: Stripped
    celsius: Celsius


class CelsiusForm(Form):
    """A temperature that somebody read off."""

    celsius: Celsius


class LogForm(Form):
    """What a logger's file may leave open."""

    unit: Stripped
    day_order: Stripped


class DecisionForm(Form):
    """Why quality decides as it does."""

    reason: str


@blueprint.get("")
@requires(ShippingRight.SHIP, ColdChainRight.DECIDE)
@takes_columns("column")
def index() -> str | Response:
    """Shipments with cold goods: those that wait for quality, under way, or without a record."""
    said = request.args.get("status", "")
    show_only = Filter(said) if said in list(Filter) else Filter.ALL
    q = request.args.get("q", "").strip()
    sort = sort_of_address(COLD)

    def fetch(cursor: str | None, limit: int) -> Page[ColdRow]:
        return cold_rows(current_session(), show=show_only, q=q, cursor=cursor, limit=limit, sort=sort)

    def count() -> int:
        return count_cold(current_session(), show=show_only, q=q)

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(show_only)}

    template, context = "backoffice/coldchain/index.html", {"status": said, "q": q}
    return show_list(COLD, fetch, template, context, page_only=page_only, count=count)


@blueprint.get("/<number>")
@requires(ShippingRight.SHIP, ColdChainRight.DECIDE)
def show(number: str) -> str:
    """The cold record of a shipment."""
    return _page(number)


@blueprint.post("/<number>/packing")
@requires(ShippingRight.SHIP)
def pack(number: str) -> str | Response:
    """Record who packs the goods now, into what, and how cold that is."""

    def act() -> None:
        form = read_form(PackingForm)
        pack_cold_goods(
            current_session(),
            number=number,
            transport=form.transport,
            box=form.box,
            celsius=form.celsius,
            **_acting(),
        )

    return _act(number, act)


@blueprint.post("/<number>/departure")
@requires(ShippingRight.SHIP)
def depart(number: str) -> str | Response:
    """Record that the goods leave now."""
    return _act(
        number,
        lambda: depart_cold_goods(
            current_session(), number=number, celsius=read_form(CelsiusForm).celsius, **_acting()
        ),
    )


@blueprint.post("/<number>/arrival")
@requires(ShippingRight.SHIP)
def arrive(number: str) -> str | Response:
    """Record that the goods are there now."""
    return _act(
        number,
        lambda: arrive_cold_goods(
            current_session(), number=number, celsius=read_form(CelsiusForm).celsius, **_acting()
        ),
    )


@blueprint.post("/<number>/logs")
@requires(ShippingRight.SHIP)
def add(number: str) -> str | Response:
    """Add the file of a logger."""
    return _act(
        number,
        lambda: add_log(
            current_session(),
            number=number,
            upload=log_upload(),
            zone=portal().settings.timezone,
            **_acting(),
        ),
    )


@blueprint.get("/<number>/logs/<int:place>")
@requires(ShippingRight.SHIP, ColdChainRight.DECIDE)
def log(number: str, place: int) -> Response:
    """A logger's file as it came."""
    name, content = log_file(current_session(), number, place)
    return send_file(
        io.BytesIO(content), mimetype="application/octet-stream", as_attachment=True, download_name=name
    )


@blueprint.post("/<number>/decision/<decision>")
@requires(ColdChainRight.DECIDE)
def decide(number: str, decision: str) -> str | Response:
    """Release the goods, or condemn them."""
    return _act(
        number,
        lambda: decide_record(
            current_session(),
            actor=current_actor(),
            number=number,
            is_released=is_release(decision),
            reason=read_form(DecisionForm).reason,
            at=clock.now(),
        ),
    )


def is_release(decision: str) -> bool:
    """Whether a decision is to release. Raises NotFound for a word that is no decision."""
    if decision not in ("release", "condemn"):
        raise NotFound()
    return decision == "release"


def log_upload() -> LogUpload:
    """The file of the form, with the answers beside it. Raises Invalid without one."""
    form, file = read_form(LogForm), request.files.get("file")
    content = file.read() if file else b""
    if not content:
        message, fix = N_("There is no file to be read."), N_("Choose the logger's file.")
        raise Invalid(faults=[Fault("/file", "file_missing", message, fix)])
    return LogUpload(
        (file.filename if file else None) or "",
        content,
        Unit(form.unit) if form.unit in list(Unit) else None,
        DayOrder(form.day_order) if form.day_order in list(DayOrder) else None,
    )


def _acting() -> dict[str, Any]:
    return {"actor": current_actor(), "at": clock.now(), "tolerance": cold_tolerance()}


def _act(number: str, act: Callable[[], object]) -> str | Response:
    try:
        act()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(_page(number, refusal), 422 if isinstance(refusal, Invalid) else 409)
    record = cold_record(current_session(), number)
    if record is not None and record.state == RecordState.WAITING:
        flash(gettext("Saved. The goods are in quarantine: quality decides on them."), "warning")
    else:
        flash(gettext("Saved."), "success")
    return redirect(url_for("cold_chain.show", number=number), 303)


def _page(number: str, refusal: DomainError | None = None) -> str:
    session, actor = current_session(), current_actor()
    is_cold = has_cold_goods(session, number)
    record = cold_record(session, number)
    faults = refusal.faults if refusal else ()
    return render_template(
        "backoffice/coldchain/show.html",
        number=number,
        record=record,
        is_cold=is_cold,
        drawing=draw(record) if record else None,
        transports=transport_words(),
        finding_words=finding_words(),
        may_record=actor.may(ShippingRight.SHIP),
        may_decide=actor.may(ColdChainRight.DECIDE),
        refusal=refusal,
        refusal_lines=[(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        beside=lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
        typed=request.form,
    )


def _tabs(chosen: Filter) -> list[tuple[str, str, bool, int | None]]:
    labels = {
        Filter.ALL: gettext("All"),
        Filter.WAITING: gettext("In quarantine"),
        Filter.OPEN: gettext("In transit"),
        Filter.WITHOUT: gettext("Without a record"),
    }
    return [
        (url_for("cold_chain.index", status=str(one)), label, one is chosen, None)
        for one, label in labels.items()
    ]
