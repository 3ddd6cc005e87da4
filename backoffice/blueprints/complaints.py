"""Complaints: the queue of quality, triage, what was found and done, the closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.complaints import queries
from portal.complaints.handle_complaint import close_complaint, handle_complaint
from portal.complaints.queries import LATEST_FIRST, STATES, ComplaintRow
from portal.complaints.rules import ComplaintState, HandlingEntry, TriageEntry
from portal.complaints.trend import of_lot
from portal.complaints.triage import triage
from portal.complaints.vocabulary import PROPOSERS, READERS
from portal.complaints.words import ANSWERS, CATEGORIES, FIELDS, GRADES, HARMS
from portal.files.attach import files_of
from portal.files.rules import Owner
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.formats import date_time
from portal.kernel.paging import Page
from portal.nonconforming.vocabulary import QualityRight
from portal.service.entries import OWNER_KIND
from portal.service.vocabulary import ServiceRight
from portal.service.words import SEVERITIES
from portal.web import language
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Flag, Form, OwnNumber, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.service_page import options

blueprint = Blueprint("complaints", __name__, url_prefix="/hq/complaints")

COMPLAINTS = Listing(
    "complaints",
    N_("Complaints"),
    (
        Column("number", N_("Complaint"), Kind.CODE, width="c-16", css="text-nowrap"),
        Column("state", N_("Status"), Kind.STATUS, status="complaint", width="c-12", css="cell-corner"),
        Column(
            "event",
            N_("Adverse event"),
            Kind.STATUS,
            status="adverse event",
            path="event_state",
            width="c-15",
        ),
        Column("subject", N_("Subject")),
        Column("dealer", N_("Dealer"), Kind.NAME, width="c-10"),
        Column("product", N_("Product"), Kind.NAME, width="c-12"),
        Column("sku", N_("SKU"), Kind.CODE, shown=False),
        Column("lot_no", N_("Lot"), Kind.CODE, width="c-10"),
        Column("category", N_("Category"), Kind.WORD, words=CATEGORIES, shown=False),
        Column("grade", N_("Severity of the complaint"), Kind.WORD, words=GRADES, shown=False),
        Column("severity", N_("Severity"), Kind.WORD, words=SEVERITIES, shown=False),
        Column("asked_at", N_("Asked at"), Kind.MOMENT, width="c-15", is_sortable=True),
    ),
    sort=str(LATEST_FIRST),
)


class TriageForm(Form):
    """What somebody makes of a complaint."""

    revision: OwnNumber
    category: str
    grade: str
    possible_event: str
    event_reason: str
    harm: str
    is_group: Flag
    aware_at: Stripped
    product: Stripped
    lot: Stripped
    serials: str
    stop_use: str


class HandlingForm(Form):
    """What quality found and did."""

    revision: OwnNumber
    cause: str
    measure: str
    answer: str
    follow_up: str
    told_how: str
    told_at: Stripped
    act: str


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> Answer:
    """Complaints, the latest first."""
    said = request.args.get("status", "")
    state, q = said if said in STATES else "", request.args.get("q", "").strip()
    about: dict[str, Any] = {"actor": current_actor(), "state": state, "q": q}
    sort = sort_of_address(COMPLAINTS)

    def fetch(cursor: str | None, limit: int) -> Page[ComplaintRow]:
        return queries.complaints(current_session(), cursor=cursor, limit=limit, sort=sort, **about)

    return show_list(
        COMPLAINTS,
        fetch,
        "backoffice/complaints/index.html",
        {"status": state, "q": q},
        page_only=lambda: {"tabs": _tabs(state)},
        count=lambda: queries.count_complaints(current_session(), **about),
    )


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One complaint with what may be done next."""
    return _page(number)


@blueprint.post("/<number>/triage")
@requires(*PROPOSERS)
def triaging(number: str) -> Answer:
    """Say what it is about."""

    def act() -> ComplaintState:
        form, faults = read_form(TriageForm), list[Fault]()
        aware_at = _moment(form.aware_at, "/aware_at", faults)
        if faults:
            raise Invalid(faults=faults)
        said = form.model_dump(exclude={"revision", "possible_event", "aware_at"})
        return triage(
            current_session(),
            actor=current_actor(),
            number=number,
            entry=TriageEntry(
                **said,
                possible_event={"yes": True, "no": False}.get(form.possible_event),
                aware_at=aware_at,
            ),
            revision=form.revision,
            zone=portal().settings.timezone,
            at=clock.now(),
        )

    done = {
        ComplaintState.PROPOSED: gettext("Your triage waits for quality."),
        ComplaintState.TRIAGED: gettext("The complaint has been triaged."),
    }
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda state: Said(done[state], url_for("complaints.show", number=number)),
    )


@blueprint.post("/<number>/handling")
@requires(QualityRight.DECIDE)
def handling(number: str) -> Answer:
    """Write down what was found and done, or close it with that."""
    closes = request.form.get("act") == "close"

    def act() -> None:
        form, faults = read_form(HandlingForm), list[Fault]()
        told_at = _moment(form.told_at, "/told_at", faults)
        if faults:
            raise Invalid(faults=faults)
        about: dict[str, Any] = {"actor": current_actor(), "number": number, "at": clock.now()}
        said = form.model_dump(exclude={"revision", "told_at", "act"})
        handle_complaint(
            current_session(),
            entry=HandlingEntry(**said, told_at=told_at),
            revision=form.revision,
            **about,
        )
        if closes:
            close_complaint(current_session(), **about)

    done = gettext("What you wrote has been kept.")
    if closes:
        done = gettext("The complaint is closed and its request resolved.")
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("complaints.show", number=number)),
    )


def _moment(said: str, pointer: str, faults: list[Fault]) -> Any:
    zone = portal().settings.timezone
    return typed.field(lambda value: typed.moment(value, zone), said, pointer, faults) if said else None


def _page(number: str, refusal: DomainError | None = None) -> str:
    actor, at, zone = current_actor(), clock.now(), portal().settings.timezone
    found = queries.complaint(current_session(), actor=actor, number=number)
    today = clock.business_date(at, zone)
    is_open, is_quality = found.is_held, actor.may(QualityRight.DECIDE)
    is_triaged = found.state is ComplaintState.TRIAGED
    view = (request.endpoint or "").rpartition(".")[2] if refusal else ""
    return render_template(
        "backoffice/complaints/show.html",
        found=found,
        of_lot=of_lot(current_session(), actor=actor, sku=found.sku, lot_no=found.lot_no, today=today, at=at)
        if found.lot_no
        else None,
        next_to_triage=queries.next_to_triage(current_session(), actor=actor, but=number)
        if found.decided_at
        else None,
        files=_sent_with(number),
        state=found.state,
        may_triage=is_open and (is_quality or (actor.may(ServiceRight.DESK) and not is_triaged)),
        may_handle=is_open and is_quality and is_triaged,
        kept_until=found.kept_until(zone, at),
        local=lambda moment: f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" if moment else "",
        typed_at=lambda of, name, kept: request.form.get(name, "") if view == of else kept,
        category_options=options(CATEGORIES),
        grade_options=options(GRADES),
        harm_options=options(HARMS, first=gettext("Choose")),
        answer_options=options(ANSWERS),
        categories=labels(CATEGORIES),
        grades=labels(GRADES),
        fields=labels(FIELDS),
        value_of=_value,
        **refused(refusal),
    )


def _sent_with(number: str) -> tuple[Any, ...]:
    """The photos and files of the complaint and its conversation."""
    return tuple(files_of(current_session(), Owner(OWNER_KIND, number)))


def _value(field: str, value: str) -> str:
    """A field of the history in words."""
    if field == "told_at" and value:
        zone = portal().settings.timezone
        return date_time(datetime.fromisoformat(value), timezone=zone, locale=language.current())
    words: dict[str, dict[Any, str]] = {
        "category": dict(CATEGORIES),
        "grade": dict(GRADES),
        "possible_event": dict(ANSWERS),
    }
    word = words.get(field, {}).get(value)
    return gettext(word) if word else value


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    words = {"triage": N_("To triage"), "open": N_("Still open"), "closed": N_("Closed")}
    every = (url_for("complaints.index"), gettext("All"), not state, None)
    tabs = [
        (url_for("complaints.index", status=one), gettext(words[one]), one == state, None) for one in STATES
    ]
    return [*tabs, every]
