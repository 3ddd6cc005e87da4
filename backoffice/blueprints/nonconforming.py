"""Non-conforming goods: reports, the decision of quality, the witness of a destruction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from backoffice.blueprints.warehouse_options import warehouse_options
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.nonconforming import queries
from portal.nonconforming.decide_report import decide_report, witness_destruction
from portal.nonconforming.queries import LATEST_FIRST, ReportRow
from portal.nonconforming.report_goods import Goods, report_goods, set_apart
from portal.nonconforming.rules import Decision, ReportState, Source
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight
from portal.nonconforming.words import DECISION_LABELS, SOURCE_LABELS
from portal.returns.vocabulary import ReturnRight
from portal.stock.serial_rules import plain_serials
from portal.web.acting import Answer, acted, refused, serials_typed
from portal.web.forms import Flag, Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("nonconforming", __name__, url_prefix="/hq/non-conforming")

REPORTS = Listing(
    "non-conforming",
    N_("Non-conforming goods"),
    (
        Column("number", N_("Report no."), width="c-16", css="text-nowrap"),
        Column("product", N_("Product"), Kind.NAME, path="name", css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, width="c-12"),
        Column("lot_no", N_("Lot"), Kind.CODE, width="c-10"),
        Column("expires_on", N_("Expires on"), Kind.DATE, shown=False, width="c-12"),
        Column("quantity", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("state", N_("Status"), Kind.STATUS, status="non-conforming", width="c-12", css="cell-corner"),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse", width="c-12"),
        Column("warehouse", N_("Warehouse code"), Kind.CODE, shown=False, width="c-10"),
        Column("source", N_("Found in"), Kind.WORD, words=SOURCE_LABELS, width="c-12", shown=False),
        Column("reason", N_("Reason"), shown=False, width="c-18"),
        Column("reported_at", N_("Reported on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("reported_by_label", N_("Reported by"), shown=False, width="c-12"),
        Column("decided_at", N_("Decided on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("decided_by_label", N_("Decided by"), shown=False, width="c-12"),
        Column("decision_note", N_("Decision"), shown=False, width="c-18"),
        Column("witnessed_at", N_("Destroyed on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("witnessed_by_label", N_("Witness"), shown=False, width="c-12"),
    ),
    sort=str(LATEST_FIRST),
)


class ReportForm(Form):
    """Units that may not be sold, and why."""

    warehouse: str
    sku: Stripped
    lot_no: Stripped
    quantity: str
    source: str
    reason: str
    set_apart: Flag


class DecisionForm(Form):
    """What becomes of them, and why."""

    decision: str
    note: str


@blueprint.get("")
@requires(NonconformingRight.REPORT, QualityRight.DECIDE)
@takes_columns("column")
def index() -> Answer:
    """Reports, the latest first, or those in one state."""
    told = request.args.get("status", "")
    state = told if told in list(ReportState) else ""
    query = {"q": request.args.get("q", "").strip(), "warehouse": request.args.get("warehouse", "")}
    sought: dict[str, Any] = {"actor": current_actor(), "state": state, **query}
    sort = sort_of_address(REPORTS)

    def fetch(cursor: str | None, limit: int) -> Page[ReportRow]:
        return queries.reports(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    return show_list(
        REPORTS,
        fetch,
        "backoffice/nonconforming/index.html",
        {"status": state, **query},
        page_only=lambda: {"tabs": _tabs(state), "warehouses": warehouse_options(gettext("All warehouses"))},
        count=lambda: queries.count_reports(current_session(), **sought),
    )


@blueprint.get("/new")
@requires(NonconformingRight.REPORT, QualityRight.DECIDE)
def new() -> str:
    """A form, filled for the lot that the address names, and what lies in quarantine without a report."""
    return _new(values=request.args)


@blueprint.post("/new")
@requires(NonconformingRight.REPORT, QualityRight.DECIDE)
def report() -> Answer:
    """Report units in quarantine, or set saleable ones apart."""

    def act() -> str:
        form, at, faults = read_form(ReportForm), clock.now(), list[Fault]()
        units = typed.field(typed.quantity, form.quantity, "/quantity", faults)
        if faults:
            raise Invalid(faults=faults)
        serials = plain_serials(serials_typed("serials"))
        return (set_apart if form.set_apart else report_goods)(
            current_session(),
            actor=current_actor(),
            goods=Goods(form.warehouse, form.sku, form.lot_no, units or 0, serials),
            source=Source(form.source) if form.source in list(Source) else Source.BY_HAND,
            reason=form.reason,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return acted(
        act,
        shown=lambda refusal: _new(refusal, request.form),
        then=lambda number: Said(
            gettext("Report %(number)s has been written.", number=number),
            url_for("nonconforming.show", number=number),
        ),
    )


@blueprint.get("/<number>")
@requires(NonconformingRight.REPORT, QualityRight.DECIDE)
def show(number: str) -> str:
    """One report with what may be done next."""
    return _page(number)


@blueprint.post("/<number>/decision")
@requires(QualityRight.DECIDE)
def decision(number: str) -> Answer:
    """Quality decides."""

    def act() -> None:
        form, at = read_form(DecisionForm), clock.now()
        if form.decision not in list(Decision):
            message, fix = N_("Nothing is decided yet."), N_("Choose what becomes of the units.")
            raise Invalid(faults=[Fault("/decision", "decision_missing", message, fix)])
        decide_report(
            current_session(),
            actor=current_actor(),
            number=number,
            decision=Decision(form.decision),
            note=form.note,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return _acted(number, gettext("The decision has been written."), act)


@blueprint.post("/<number>/witness")
@requires(NonconformingRight.REPORT, QualityRight.DECIDE)
def witness(number: str) -> Answer:
    """A second person has seen the units destroyed."""
    return _acted(
        number,
        gettext("The destruction has been witnessed; the units have left the stock."),
        lambda: witness_destruction(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


def _acted(number: str, done: str, act: Callable[[], Any]) -> Answer:
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("nonconforming.show", number=number)),
    )


def _new(refusal: DomainError | None = None, values: Any = None) -> str:
    return render_template(
        "backoffice/nonconforming/new.html",
        values=values,
        warehouses=warehouse_options(gettext("Choose a warehouse")),
        sources=[(str(one), gettext(label)) for one, label in SOURCE_LABELS.items()],
        unreported=queries.unreported(current_session(), actor=current_actor()),
        **refused(refusal),
    )


def _page(number: str, refusal: DomainError | None = None) -> str:
    actor = current_actor()
    found = queries.report(current_session(), actor=actor, number=number)
    return render_template(
        "backoffice/nonconforming/show.html",
        found=found,
        source=gettext(SOURCE_LABELS[Source(found.source)]),
        decisions=[(str(one), gettext(label)) for one, label in DECISION_LABELS.items()],
        may_decide=actor.may(QualityRight.DECIDE) and actor.key != found.reported_by,
        may_see_return=actor.may(ReturnRight.HANDLE) or actor.may(ReturnRight.INSPECT),
        may_witness=actor.is_person and actor.key != found.decided_by,
        **refused(refusal),
    )


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("nonconforming.index"), gettext("All"), not state, None)
    tabs = [
        (
            url_for("nonconforming.index", status=str(one)),
            status_look("non-conforming", one).label,
            one == state,
            None,
        )
        for one in ReportState
    ]
    return [every, *tabs]
