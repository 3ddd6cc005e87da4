"""Stock counts: begun at a desk, counted blind on a phone, and decided on by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from backoffice.blueprints.label import read_label
from backoffice.blueprints.warehouse_options import warehouse_options
from portal.counting import queries
from portal.counting.decide_count import approve_count, reject_count
from portal.counting.enter_count import Found, enter_count
from portal.counting.open_count import Scope, cancel_count, open_count, submit_count
from portal.counting.queries import LATEST_FIRST, LINES_SHOWN, CountRow
from portal.counting.rules import OPEN, CountState, Standing
from portal.counting.vocabulary import CountingRight
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.stock.serial_rules import plain_serials
from portal.web.acting import Answer, acted, refused, serials_typed
from portal.web.forms import DayIfAny, Flag, Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("counting", __name__, url_prefix="/hq/stock-counts")

COUNTS = Listing(
    "stock-counts",
    N_("Stock counts"),
    (
        Column("number", N_("Count"), width="c-18", css="text-nowrap"),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse", width="c-15"),
        Column("warehouse", N_("Warehouse code"), Kind.CODE, shown=False, width="c-10"),
        Column("state", N_("Status"), Kind.STATUS, status="stock count", width="c-12", css="cell-corner"),
        Column("lines", N_("Lots to count"), Kind.QUANTITY, width="c-10"),
        Column("counted", N_("Counted"), Kind.QUANTITY, width="c-10"),
        Column("opened_at", N_("Begun on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("opened_by_label", N_("Begun by"), width="c-12"),
        Column("submitted_at", N_("Handed in on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("decided_at", N_("Decided on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("decided_by_label", N_("Decided by"), shown=False, width="c-12"),
        Column("note", N_("Note"), shown=False, width="c-18"),
    ),
    sort=str(LATEST_FIRST),
)


class ScopeForm(Form):
    """What is to be counted."""

    warehouse: str
    skus: str
    category: Stripped
    location: Stripped
    everything: Flag


class EntryForm(Form):
    """What somebody counted: the label, the area, and how many."""

    data: str
    lot_no: Stripped
    standing: str
    units: str
    found: Flag
    expires_on: DayIfAny


class NoteForm(Form):
    """A remark."""

    note: str


@blueprint.get("")
@requires(CountingRight.COUNT, CountingRight.APPROVE)
@takes_columns("column")
def index() -> Answer:
    """Counts, the latest first, or those in one state."""
    told = request.args.get("status", "")
    state = told if told in list(CountState) else ""
    query = {"q": request.args.get("q", "").strip(), "warehouse": request.args.get("warehouse", "")}
    sought: dict[str, Any] = {"actor": current_actor(), "state": state, **query}
    sort = sort_of_address(COUNTS)

    def fetch(cursor: str | None, limit: int) -> Page[CountRow]:
        return queries.counts(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    return show_list(
        COUNTS,
        fetch,
        "backoffice/counting/index.html",
        {"status": state, **query},
        page_only=lambda: {"tabs": _tabs(state), "warehouses": warehouse_options(gettext("All warehouses"))},
        count=lambda: queries.count_counts(current_session(), **sought),
    )


@blueprint.get("/new")
@requires(CountingRight.COUNT)
def new() -> str:
    """What shall be counted."""
    return _new()


@blueprint.post("/new")
@requires(CountingRight.COUNT)
def begin() -> Answer:
    """Write down what lies there, and let people count."""

    def act() -> str:
        form, at = read_form(ScopeForm), clock.now()
        return open_count(
            current_session(),
            actor=current_actor(),
            warehouse=form.warehouse,
            scope=Scope(form.skus.split(), form.category, form.location, form.everything),
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return acted(
        act,
        shown=_new,
        then=lambda number: Said(
            gettext("Count %(number)s has begun.", number=number), url_for("counting.show", number=number)
        ),
    )


@blueprint.get("/<number>")
@requires(CountingRight.COUNT, CountingRight.APPROVE)
def show(number: str) -> str:
    """One count: what is to be counted, or what differs."""
    return _page(number)


@blueprint.post("/<number>/entries")
@requires(CountingRight.COUNT)
def enter(number: str) -> Answer:
    """Add what was counted of a lot."""

    def act() -> None:
        found = _found(read_form(EntryForm))
        at = clock.now()
        today = clock.business_date(at, portal().settings.timezone)
        enter_count(current_session(), actor=current_actor(), number=number, found=found, today=today, at=at)

    return _acted(number, gettext("Entered."), act)


@blueprint.post("/<number>/submission")
@requires(CountingRight.COUNT)
def submission(number: str) -> Answer:
    """Hand the count in."""
    return _acted(
        number,
        gettext("The count has been handed in."),
        lambda: submit_count(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


@blueprint.post("/<number>/cancellation")
@requires(CountingRight.COUNT)
def cancellation(number: str) -> Answer:
    """Give the count up."""
    return _acted(
        number,
        gettext("The count has been given up."),
        lambda: cancel_count(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


@blueprint.post("/<number>/approval")
@requires(CountingRight.APPROVE)
def approval(number: str) -> Answer:
    """Post the differences."""
    note, at = read_form(NoteForm).note, clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    return _acted(
        number,
        gettext("The differences have been posted."),
        lambda: approve_count(
            current_session(), actor=current_actor(), number=number, note=note, today=today, at=at
        ),
    )


@blueprint.post("/<number>/rejection")
@requires(CountingRight.APPROVE)
def rejection(number: str) -> Answer:
    """Refuse the count."""
    note = read_form(NoteForm).note
    return _acted(
        number,
        gettext("The count has been rejected; nothing was posted."),
        lambda: reject_count(
            current_session(), actor=current_actor(), number=number, note=note, at=clock.now()
        ),
    )


def _acted(number: str, done: str, act: Callable[[], Any]) -> Answer:
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("counting.show", number=number)),
    )


def _found(form: EntryForm) -> Found:
    """What the form says; a serial in the code is one of the units. Raises Invalid with every fault.

    Without a number of units the number of a package counts all that is in one.
    """
    faults: list[Fault] = []
    label = read_label(form.data, lot_no=form.lot_no)
    serials = plain_serials([label.serial, *serials_typed("serials")])
    in_package = label.units if label.units > 1 else ""
    entered = form.units or str(len(serials) or in_package)
    units = typed.field(typed.quantity, entered, "/units", faults)
    if faults:
        raise Invalid(faults=faults)
    standing = form.standing if form.standing in list(Standing) else Standing.SALEABLE
    return Found(
        label.sku,
        label.lot_no,
        Standing(standing),
        units or 0,
        serials,
        form.found,
        label.produced_on,
        label.expires_on or form.expires_on,
    )


def _new(refusal: DomainError | None = None) -> str:
    return render_template(
        "backoffice/counting/new.html",
        warehouses=warehouse_options(gettext("Choose a warehouse")),
        **refused(refusal),
    )


def _page(number: str, refusal: DomainError | None = None) -> str:
    session, actor, at = current_session(), current_actor(), clock.now()
    count = queries.stock_count(session, actor=actor, number=number)
    part = typed.own_number(request.args.get("part")) or 1
    return render_template(
        "backoffice/counting/show.html",
        count=count,
        lines=queries.count_lines(session, actor=actor, count=count, at=at, part=part),
        sums=queries.count_sums(session, actor=actor, count=count, at=at),
        part=part,
        parts=-(-count.lines // LINES_SHOWN),
        is_open=count.state in OPEN,
        may_count=actor.may(CountingRight.COUNT),
        may_decide=actor.may(CountingRight.APPROVE)
        and actor.key not in (count.opened_by, count.submitted_by),
        standings=[(str(one), status_look("standing", one).label) for one in Standing],
        **refused(refusal),
    )


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("counting.index"), gettext("All"), not state, None)
    tabs = [
        (
            url_for("counting.index", status=str(one)),
            status_look("stock count", one).label,
            one == state,
            None,
        )
        for one in CountState
    ]
    return [every, *tabs]
