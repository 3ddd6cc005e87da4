"""Service requests of the dealer: asked for, followed, talked about, rated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.complaints.queries import answer_of
from portal.devices.vocabulary import DeviceRight
from portal.files.attach import uploaded_files
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.repairs.queries import repair_of
from portal.service import converse, finish, queries
from portal.service.open_request import RequestEntry, open_request
from portal.service.queries import RequestRow
from portal.service.rules import FORMS, Act, RequestState, ServiceKind, may_reopen
from portal.service.vocabulary import ServiceRight
from portal.service.words import KIND_HINTS, KINDS, SEVERITIES
from portal.web.acting import Answer, acted
from portal.web.file_field import sent_files
from portal.web.forms import Flag, Form, OwnNumber, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.service_page import conversation, options, refusal_context, rendered, typed_in
from portal.web.status_looks import status_look

blueprint = Blueprint("service", __name__, url_prefix="/service-requests")
blueprint.context_processor(dealer_frame)

READERS = (ServiceRight.READ, ServiceRight.WRITE)
_STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409}

REQUESTS = Listing(
    "service-requests",
    N_("Service requests"),
    (
        Column("number", N_("Service request"), Kind.CODE, width="c-15", css="text-nowrap"),
        Column("state", N_("Status"), Kind.STATUS, status="service request", width="c-15", css="cell-corner"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-12"),
        Column("subject", N_("Subject")),
        Column("severity", N_("Severity"), Kind.WORD, words=SEVERITIES, shown=False),
        Column("sku", N_("SKU"), Kind.CODE, shown=False),
        Column("serial", N_("Serial number"), Kind.CODE, shown=False),
        Column("order_no", N_("Order"), Kind.CODE, shown=False),
        Column("assignee_label", N_("Handled by"), width="c-15"),
        Column("asked_by_label", N_("Asked by"), shown=False, width="c-12"),
        Column("asked_at", N_("Asked at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("touched_at", N_("Last news"), Kind.MOMENT, width="c-15"),
        Column("rating", N_("Stars"), Kind.QUANTITY, shown=False),
    ),
    sort=str(queries.LATEST_FIRST),
)


class RequestForm(Form):
    """What the short form of a kind asks for."""

    kind: str
    subject: Stripped
    text: Stripped
    severity: str
    stops_treatment: Flag
    somebody_harmed: Flag
    device: Stripped
    product: Stripped
    lot: Stripped
    order: Stripped
    contact: Stripped
    preferred_on: Stripped


class TextForm(Form):
    """What is said."""

    text: str


class RatingForm(Form):
    """How content somebody is."""

    stars: OwnNumber
    rating_text: str


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Requests of the visitor or of the whole company, the latest first."""
    actor, said = current_actor(), request.args.get("status", "")
    kind = request.args.get("kind", "")
    sought: dict[str, Any] = {
        "state": said if said in ("open", "over", *RequestState) else "",
        "kind": kind if kind in list(ServiceKind) else "",
        "mine": request.args.get("whose", "") == "mine",
        "q": request.args.get("q", "").strip(),
    }
    about: dict[str, Any] = {"actor": actor, "dealer_id": actor.own_dealer_id, **sought}
    sort = sort_of_address(REQUESTS)

    def fetch(cursor: str | None, limit: int) -> Page[RequestRow]:
        return queries.requests(current_session(), cursor=cursor, limit=limit, sort=sort, **about)

    def page_only() -> dict[str, Any]:
        return {
            "tabs": _tabs(sought["state"], mine=sought["mine"]),
            "kind_options": options(KINDS, first=gettext("All kinds")),
            "status_options": [(str(one), status_look("service request", one).label) for one in RequestState],
            "may_write": actor.may(ServiceRight.WRITE),
        }

    return show_list(
        REQUESTS,
        fetch,
        "service/index.html",
        {**sought, "status": sought["state"], "whose": "mine" if sought["mine"] else ""},
        page_only=page_only,
        count=lambda: queries.count_requests(current_session(), **about),
    )


@blueprint.get("/new")
@requires(ServiceRight.WRITE)
def new() -> str:
    """The kinds to choose from, or the short form of one."""
    names = [name for name in RequestForm.model_fields if name not in ("stops_treatment", "somebody_harmed")]
    fields = {name: request.args.get(name, "")[:200] for name in names}
    return _form(RequestForm(**fields, stops_treatment=False, somebody_harmed=False))


@blueprint.post("")
@requires(ServiceRight.WRITE)
@takes_columns("file_id")
def create() -> str | Response:
    """Send a request."""
    form, files, at = read_form(RequestForm), list[str](), clock.now()

    def act() -> Said:
        files.extend(sent_files())
        number = open_request(
            current_session(),
            actor=current_actor(),
            entry=_entry(form, files),
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )
        words = gettext("Request %(number)s has been sent.", number=number)
        return Said(words, url_for("service.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(_form(form, refusal, files), _STATUS[type(refusal)])


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One request with its conversation."""
    return rendered("service/show.html", _context(number))


@blueprint.post("/<number>/messages")
@requires(ServiceRight.WRITE)
@takes_columns("file_id")
def message(number: str) -> str | Response:
    """Say something more."""
    text = read_form(TextForm).text
    return _act(
        number,
        gettext("Your message has been sent."),
        lambda files: converse.say(
            current_session(), actor=current_actor(), number=number, text=text, files=files, at=clock.now()
        ),
    )


@blueprint.post("/<number>/reopening")
@requires(ServiceRight.WRITE)
@takes_columns("file_id")
def reopening(number: str) -> str | Response:
    """It is not solved after all."""
    text = read_form(TextForm).text
    return _act(
        number,
        gettext("The request is open again."),
        lambda files: finish.reopen(
            current_session(),
            actor=current_actor(),
            number=number,
            text=text,
            files=files,
            days=portal().settings.service_reopen_days,
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/closing")
@requires(ServiceRight.WRITE)
def closing(number: str) -> str | Response:
    """It is solved."""
    return _act(
        number,
        gettext("The request is closed."),
        lambda _files: finish.close(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


@blueprint.post("/<number>/cancellation")
@requires(ServiceRight.WRITE)
def cancellation(number: str) -> str | Response:
    """Take it back."""
    return _act(
        number,
        gettext("The request has been taken back."),
        lambda _files: finish.cancel(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


@blueprint.post("/<number>/rating")
@requires(ServiceRight.WRITE)
def rating(number: str) -> str | Response:
    """Say how content one is."""
    form = read_form(RatingForm)
    return _act(
        number,
        gettext("Thank you for your rating."),
        lambda _files: finish.rate(
            current_session(),
            actor=current_actor(),
            number=number,
            stars=form.stars,
            text=form.rating_text,
            at=clock.now(),
        ),
    )


def _entry(form: RequestForm, files: list[str]) -> RequestEntry:
    """What was entered. Raises Invalid for a day that is none."""
    faults: list[Fault] = []
    day = typed.field(typed.day, form.preferred_on, "/preferred_on", faults) if form.preferred_on else None
    if faults:
        raise Invalid(faults=faults)
    said = form.model_dump() | {"preferred_on": day, "files": tuple(files)}
    return RequestEntry(**said)


def _act(number: str, done: str, act: Callable[[list[str]], object]) -> Answer:
    """Do it and show the request again; a refusal stands on its page with what was typed."""
    files = list[str]()

    def with_files() -> None:
        files.extend(sent_files())
        act(files)

    return acted(
        with_files,
        shown=lambda refusal: rendered("service/show.html", _context(number, refusal, files)),
        then=lambda _: Said(done, url_for("service.show", number=number)),
    )


def _form(form: RequestForm, refusal: DomainError | None = None, files: list[str] | None = None) -> str:
    if form.kind not in list(ServiceKind):
        about = {name: said for name, said in form.model_dump(exclude={"kind"}).items() if said}
        context = {"hints": labels(KIND_HINTS), "about": about, **refusal_context(None, {})}
        return rendered("service/choose.html", context)
    kind = ServiceKind(form.kind)
    asks = [str(one) for one in FORMS[kind]]
    fields = {f"/{name}": f"field-{name}" for name in RequestForm.model_fields} | {"/files": "field-files"}
    return rendered(
        "service/new.html",
        {
            "kind": kind,
            "asks": asks,
            "typed": form,
            "severities": [one for one in options(SEVERITIES) if one[0] != "urgent"],
            "files": uploaded_files(current_session(), actor=current_actor(), ids=files or []),
            **refusal_context(refusal, fields),
        },
    )


def _context(
    number: str, refusal: DomainError | None = None, files: list[str] | None = None
) -> dict[str, Any]:
    session, actor, settings = current_session(), current_actor(), portal().settings
    found = queries.request_of(session, number)
    may = actor.may(ServiceRight.WRITE)
    at = clock.now()
    fields = {"/text": "field-text", "/files": "field-files", "/stars": "field-stars"}
    return {
        "found": found,
        "conversation": conversation(found),
        "complaint": answer_of(session, number) if found.kind == ServiceKind.COMPLAINT else None,
        **typed_in(refusal),
        "files": uploaded_files(session, actor=actor, ids=files or []),
        "may_say": may and Act.SAY in found.acts,
        "may_reopen": may
        and Act.REOPEN in found.acts
        and may_reopen(found.resolved_at, at, settings.service_reopen_days),
        "may_close": may and Act.CLOSE in found.acts,
        "may_cancel": may and Act.CANCEL in found.acts,
        "may_rate": may and Act.RATE in found.acts and found.rating is None,
        "stars": [(str(one), "★" * one) for one in range(5, 0, -1)],
        "close_days": settings.service_close_days,
        "repair": repair_of(session, actor, number),
        "repair_address": url_for("repairs.show", number=number),
        "is_staff_page": False,
        "device_address": url_for("devices.index", q=found.serial)
        if found.serial and actor.may(DeviceRight.READ)
        else "",
        "order_address": url_for("orders.show", number=found.order_no) if found.order_no else "",
        **refusal_context(refusal, fields),
    }


def _tabs(state: str, *, mine: bool) -> list[tuple[str, str, bool, int | None]]:
    company, own = queries.open_counts(current_session(), actor=current_actor())

    def address(**said: str) -> str:
        values: dict[str, Any] = {**said}
        return url_for("service.index", **values)

    return [
        (address(status="open"), gettext("Still open"), state == "open" and not mine, company),
        (address(status="open", whose="mine"), gettext("Open, mine"), state == "open" and mine, own),
        (address(status="waiting"), gettext("Waiting for us"), state == "waiting", None),
        (address(status="over"), gettext("Done"), state == "over", None),
        (address(), gettext("All"), not state and not mine, None),
    ]
