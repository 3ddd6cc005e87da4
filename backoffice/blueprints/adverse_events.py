"""Adverse events: the clocks, the report form, its submission by another person, its paper."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.complaints import event_queries, events
from portal.complaints.event_queries import WHICH, EventDetail, EventRow
from portal.complaints.keep_paper import keep_paper
from portal.complaints.report_event import submit_report, write_report
from portal.complaints.report_rules import NAMES, Kind
from portal.complaints.rules import EventState
from portal.complaints.vocabulary import READERS
from portal.complaints.words import HARMS, REPORT_KINDS, SOURCES
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.nonconforming.vocabulary import QualityRight
from portal.web import language
from portal.web.acting import Answer, acted, refused
from portal.web.adverse_event_page import EVENTS, light_cell, parts, tabs
from portal.web.forms import Flag, Form, OwnNumber, Stripped, read_form, takes_columns
from portal.web.listing.page import show_list
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.sent_once import Said
from portal.web.service_page import options

blueprint = Blueprint("adverse_events", __name__, url_prefix="/hq/adverse-events")


class ClassForm(Form):
    """How grave it is, and since when it is known."""

    revision: OwnNumber
    harm: str
    is_group: Flag
    aware_at: Stripped


class ReportForm(Form):
    """As the event was read; the report's own fields are those of NAMES."""

    revision: OwnNumber


class NoticeForm(Form):
    """How authorities and registrant were told."""

    how: Stripped


class SubmissionForm(Form):
    """When the report was handed in, and what the regulator calls it."""

    revision: OwnNumber
    submitted_on: Stripped
    reference: Stripped


class EndForm(Form):
    """Why it is over. dismissed: it was none."""

    note: str
    dismissed: Flag


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> Answer:
    """Adverse events, what is due first first."""
    said, at = request.args.get("which", ""), clock.now()
    which, q = said if said in WHICH else "", request.args.get("q", "").strip()
    about: dict[str, Any] = {"actor": current_actor(), "which": which, "q": q, "at": at}
    sort = EVENTS.sorted_by(request.args.get("sort", ""))

    def fetch(cursor: str | None, limit: int) -> Page[EventRow]:
        return event_queries.events(current_session(), cursor=cursor, limit=limit, sort=sort, **about)

    return show_list(
        EVENTS,
        fetch,
        "backoffice/complaints/events.html",
        {"which": which, "q": q, "light_of": lambda row: light_cell(row.light(at))},
        page_only=lambda: {"tabs": tabs(which)},
        count=lambda: event_queries.count_events(current_session(), **about),
    )


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One adverse event with its reports and what may be done next."""
    return _page(number)


@blueprint.get("/<number>/report")
@requires(QualityRight.DECIDE)
def form(number: str) -> str:
    """The form of the report, filled with what is known."""
    return _form(number)


@blueprint.post("/<number>/report")
@requires(QualityRight.DECIDE)
def report(number: str) -> Answer:
    """Keep a version more."""

    def act() -> int:
        at = clock.now()
        return write_report(
            current_session(),
            actor=current_actor(),
            number=number,
            said=_said(),
            revision=read_form(ReportForm).revision,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return acted(
        act,
        shown=lambda refusal: _form(number, refusal),
        then=lambda version: Said(
            gettext("Version %(version)s has been kept; another person submits it.", version=version),
            url_for("adverse_events.show", number=number),
        ),
    )


@blueprint.post("/<number>/classing")
@requires(QualityRight.DECIDE)
def classing(number: str) -> Answer:
    """Say how grave it is: the clock is reckoned anew."""

    def act() -> None:
        form, faults, zone = read_form(ClassForm), list[Fault](), portal().settings.timezone
        said = form.aware_at
        aware = typed.field(lambda one: typed.moment(one, zone), said, "/aware_at", faults) if said else None
        if faults:
            raise Invalid(faults=faults)
        events.class_event(
            current_session(),
            actor=current_actor(),
            number=number,
            harm=form.harm,
            is_group=form.is_group,
            aware_at=aware,
            revision=form.revision,
            zone=zone,
            at=clock.now(),
        )

    return _acted(number, gettext("The clock has been reckoned anew."), act)


@blueprint.post("/<number>/notice")
@requires(QualityRight.DECIDE)
def notice(number: str) -> Answer:
    """Authorities and registrant have been told of a group event."""
    return _acted(
        number,
        gettext("The notice has been written down."),
        lambda: events.give_notice(
            current_session(),
            actor=current_actor(),
            number=number,
            how=read_form(NoticeForm).how,
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/submission")
@requires(QualityRight.DECIDE)
def submission(number: str) -> Answer:
    """The report was handed to the regulator."""

    def act() -> None:
        form, faults, at = read_form(SubmissionForm), list[Fault](), clock.now()
        said = form.submitted_on
        day = typed.field(typed.day, said, "/submitted_on", faults) if said else None
        if faults:
            raise Invalid(faults=faults)
        submit_report(
            current_session(),
            actor=current_actor(),
            number=number,
            submitted_on=day,
            reference=form.reference,
            revision=form.revision,
            zone=portal().settings.timezone,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return _acted(number, gettext("The submission has been written down."), act)


@blueprint.post("/<number>/end")
@requires(QualityRight.DECIDE)
def end(number: str) -> Answer:
    """Close it, or dismiss what was none."""

    def act() -> None:
        form = read_form(EndForm)
        events.end_event(
            current_session(),
            actor=current_actor(),
            number=number,
            note=form.note,
            is_event=not form.dismissed,
            at=clock.now(),
        )

    return _acted(number, gettext("The adverse event is over."), act)


@blueprint.get("/<number>/papers/<int:version>.pdf")
@requires(QualityRight.DECIDE)
def pdf(number: str, version: int) -> Response:
    """A version on paper, in the language of the visitor."""
    settings = portal().settings
    paper = keep_paper(
        current_session(),
        actor=current_actor(),
        number=number,
        version=version,
        locale=request.args.get("locale") or language.current(),
        company=(settings.company_name_zh, settings.company_name_en),
        zone=settings.timezone,
        at=clock.now(),
    )
    return send_file(BytesIO(paper.content), mimetype="application/pdf", download_name=paper.filename)


def _acted(number: str, done: str, act: Callable[[], Any]) -> Answer:
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("adverse_events.show", number=number)),
    )


def _page(number: str, refusal: DomainError | None = None) -> str:
    actor, at, zone = current_actor(), clock.now(), portal().settings.timezone
    found = event_queries.event(current_session(), actor=actor, number=number)
    is_quality = actor.may(QualityRight.DECIDE)
    running = found.state in (EventState.OPEN, EventState.SUBMITTED)
    latest = found.versions[0] if found.versions else None
    return render_template(
        "backoffice/complaints/event.html",
        found=found,
        light=light_cell(found.light(at)),
        latest=latest,
        parts=parts(),
        may_write=is_quality and running,
        may_submit=is_quality
        and found.waits_for_submission
        and latest is not None
        and actor.key != latest.written_by,
        may_see_paper=is_quality,
        may_close=is_quality and running and found.submitted_no > 0 and not found.waits_for_submission,
        may_dismiss=is_quality and running and not found.submitted_no,
        may_give_notice=is_quality and running and found.is_group and found.notice_at is None,
        local=lambda moment: f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}",
        harm_options=options(HARMS),
        harms=labels(HARMS),
        sources=labels(SOURCES),
        report_kinds=labels(REPORT_KINDS),
        today=clock.business_date(at, zone).isoformat(),
        **refused(refusal),
    )


def _said() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in NAMES}


def _form(number: str, refusal: DomainError | None = None) -> str:
    found = event_queries.event(current_session(), actor=current_actor(), number=number)
    if refusal:
        values = _said()
    elif found.versions:
        values = found.versions[0].content
    else:
        values = _known(found)
    revision = read_form(ReportForm).revision if refusal else found.revision
    return render_template(
        "backoffice/complaints/report.html",
        found=found,
        values=values,
        revision=revision,
        parts=parts(),
        kinds={str(one): one for one in Kind},
        harm_options=options(HARMS, first=gettext("Choose")),
        **refused(refusal),
    )


def _known(found: EventDetail) -> dict[str, str]:
    settings = portal().settings
    return event_queries.prefilled(
        current_session(),
        number=found.number,
        reporter=settings.company_name_zh,
        contact=current_actor().label,
        zone=settings.timezone,
    )
