"""Service requests at headquarters: the queues, and what is done about each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.complaints.queries import answer_of
from portal.devices.vocabulary import READERS as DEVICE_READERS
from portal.files.attach import uploaded_files
from portal.kernel import clock
from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.orders.vocabulary import OrderRight
from portal.repairs.queries import repair_of
from portal.service import converse, finish, handle, queries, queue
from portal.service.duties import assign_by_rule_now
from portal.service.queries import RequestRow
from portal.service.rules import OPEN, Act, RequestState, ServiceKind, may_reopen
from portal.service.vocabulary import STAFF, ServiceRight
from portal.service.words import KINDS, SEVERITIES
from portal.web.file_field import sent_files
from portal.web.forms import Form, OwnNumber, PersonIfAny, read_form, takes_columns
from portal.web.listing.page import show_list
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.service_page import (
    conversation,
    light_cell,
    options,
    refusal_context,
    rendered,
    severity_cell,
    typed_in,
)
from portal.web.service_queue import QUEUE, around, filters_of_address, sort_of_queue, told
from portal.web.status_looks import status_look

blueprint = Blueprint("service_desk", __name__, url_prefix="/hq/service-requests")

_STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409, Forbidden: 403}
_BOARD_ROWS = 30
"""Requests in a column of the board."""


class TextForm(Form):
    """What is said, and how: to the dealer, as a question to it, or among ourselves."""

    text: str
    how: str


class AssignForm(Form):
    """To whom, as the request was read; 0 lets the rules choose."""

    assignee: PersonIfAny
    revision: OwnNumber


class SortForm(Form):
    """What kind it is, and how pressing."""

    kind: str
    severity: str
    revision: OwnNumber


class MergeForm(Form):
    """In which one it goes on."""

    into: str


@blueprint.get("")
@requires(*STAFF)
@takes_columns("column")
def index() -> str | Response:
    """A queue as a table, what is due first first; or as a board by state."""
    filters, at = filters_of_address(), clock.now()
    about: dict[str, Any] = {"actor": current_actor(), "at": at, **filters}
    if request.args.get("view") == "board":
        return _board(filters, about)

    def fetch(cursor: str | None, limit: int) -> Page[RequestRow]:
        return queue.queue(current_session(), cursor=cursor, limit=limit, sort=sort_of_queue(), **about)

    return show_list(
        QUEUE,
        fetch,
        "backoffice/service/index.html",
        {
            **told(filters),
            "light_of": lambda row: light_cell(row.light(at)),
            "severity_cell": severity_cell,
        },
        page_only=lambda: around(filters),
        count=lambda: queue.count_queue(current_session(), **about),
    )


@blueprint.get("/<number>")
@requires(*STAFF)
def show(number: str) -> str:
    """One request with its conversation and what may be done next."""
    return rendered("backoffice/service/show.html", _context(number))


@blueprint.post("/<number>/take")
@requires(*STAFF)
def taking(number: str) -> str | Response:
    """Take it."""
    return _act(
        number,
        gettext("The request is yours."),
        lambda _files: handle.take(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


@blueprint.post("/<number>/messages")
@requires(*STAFF)
@takes_columns("file_id")
def message(number: str) -> str | Response:
    """Write to the dealer, ask it, or note something among ourselves."""
    form = read_form(TextForm)
    verbs: dict[str, tuple[Callable[..., object], str]] = {
        "note": (converse.note, gettext("Your note has been kept.")),
        "question": (converse.ask_dealer, gettext("The dealer has been asked; the clock stands.")),
        "resolution": (finish.resolve, gettext("The request is resolved.")),
    }
    verb, done = verbs.get(form.how, (converse.say, gettext("Your message has been sent.")))
    return _act(
        number,
        done,
        lambda files: verb(
            current_session(),
            actor=current_actor(),
            number=number,
            text=form.text,
            files=files,
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/assignment")
@requires(ServiceRight.DESK)
def assignment(number: str) -> str | Response:
    """Give it to somebody, or let the rules choose."""
    form = read_form(AssignForm)

    def act(_files: list[str]) -> None:
        about: dict[str, Any] = {"actor": current_actor(), "number": number, "at": clock.now()}
        if form.assignee:
            handle.assign(current_session(), user_id=form.assignee, revision=form.revision, **about)
        else:
            assign_by_rule_now(current_session(), **about)

    return _act(number, gettext("The request has been assigned."), act)


@blueprint.post("/<number>/sorting")
@requires(ServiceRight.DESK)
def sorting(number: str) -> str | Response:
    """Another kind or severity."""
    form, at = read_form(SortForm), clock.now()
    return _act(
        number,
        gettext("The request has been sorted anew."),
        lambda _files: handle.sort_anew(
            current_session(),
            actor=current_actor(),
            number=number,
            kind=form.kind,
            severity=form.severity,
            revision=form.revision,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        ),
    )


@blueprint.post("/<number>/merging")
@requires(ServiceRight.DESK)
def merging(number: str) -> str | Response:
    """Go on with it in another one."""
    into = read_form(MergeForm).into
    return _act(
        number,
        gettext("The request goes on in %(number)s.", number=into.strip()[:64]),
        lambda _files: handle.merge(
            current_session(), actor=current_actor(), number=number, into=into, at=clock.now()
        ),
    )


@blueprint.post("/<number>/reopening")
@requires(ServiceRight.DESK)
def reopening(number: str) -> str | Response:
    """It is not solved after all."""
    text = read_form(TextForm).text
    return _act(
        number,
        gettext("The request is open again."),
        lambda _files: finish.reopen(
            current_session(),
            actor=current_actor(),
            number=number,
            text=text,
            days=portal().settings.service_reopen_days,
            at=clock.now(),
        ),
    )


def _board(filters: dict[str, Any], about: dict[str, Any]) -> str:
    columns = queue.board(current_session(), most=_BOARD_ROWS, **about)
    shown = [
        {
            "label": status_look("service request", state).label,
            "state": str(state),
            "rows": columns.get(state, ()),
        }
        for state in OPEN
    ]
    context = {
        **told(filters),
        **around(filters),
        "columns": shown,
        "most": _BOARD_ROWS,
        "light_of": lambda row: light_cell(row.light(about["at"])),
    }
    return rendered("backoffice/service/board.html", context)


def _act(number: str, done: str, act: Callable[[list[str]], object]) -> str | Response:
    """Do it and show the request again; a refusal stands on its page with what was typed."""
    files = list[str]()

    def acted() -> Said:
        files.extend(sent_files())
        act(files)
        return Said(done, url_for("service_desk.show", number=number))

    try:
        return tell(sent_once(acted))
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        page = rendered("backoffice/service/show.html", _context(number, refusal, files))
        return make_response(page, _STATUS[type(refusal)])


def _context(
    number: str, refusal: DomainError | None = None, files: list[str] | None = None
) -> dict[str, Any]:
    session, actor, at = current_session(), current_actor(), clock.now()
    found = queries.request_of(session, number)
    is_desk, is_open = actor.may(ServiceRight.DESK), found.state in OPEN
    may_answer = Act.ANSWER in found.acts
    fields = {"/text": "field-text", "/files": "field-files", "/into": "field-into"}
    people = handle.who_can(session, found.region_id) if is_desk and is_open else []
    return {
        "found": found,
        "conversation": conversation(found),
        "light": light_cell(found.light(at)),
        "complaint": answer_of(session, number) if found.kind == ServiceKind.COMPLAINT else None,
        **typed_in(refusal),
        "files": uploaded_files(session, actor=actor, ids=files or []),
        "ways": _ways(is_open=is_open, may_answer=may_answer, may_resolve=Act.RESOLVE in found.acts),
        "may_take": Act.TAKE in found.acts and actor.is_person and found.assignee_id != actor.user_id,
        "may_begin": found.state == RequestState.ASSIGNED and found.assignee_id == actor.user_id,
        "may_assign": is_desk and Act.ASSIGN in found.acts,
        "may_sort": is_desk and is_open,
        "may_merge": is_desk and Act.MERGE in found.acts,
        "may_reopen": is_desk
        and Act.REOPEN in found.acts
        and may_reopen(found.resolved_at, at, portal().settings.service_reopen_days),
        "people": [(str(one.user_id), one.name) for one in people],
        "kind_options": options(KINDS),
        "severity_options": options(SEVERITIES),
        "repair": repair_of(session, actor, number),
        "repair_address": url_for("repair_desk.show", number=number),
        "is_staff_page": True,
        "device_address": url_for("devices_desk.index", q=found.serial)
        if found.serial and any(map(actor.may, DEVICE_READERS))
        else "",
        "order_address": _address_of_order(found.order_no),
        **refusal_context(refusal, fields),
    }


def _ways(*, is_open: bool, may_answer: bool, may_resolve: bool) -> list[tuple[str, str]]:
    """How something can be said."""
    ways = []
    if may_answer:
        ways.append(("message", gettext("Message to the dealer")))
    if is_open:
        ways.append(("question", gettext("Question to the dealer: the clock stands")))
    if may_resolve:
        ways.append(("resolution", gettext("Resolution: this solves it")))
    return [*ways, ("note", gettext("Internal note: the dealer does not see it"))]


def _address_of_order(number: str) -> str:
    return url_for("desk.show", number=number) if number and current_actor().may(OrderRight.DESK) else ""
