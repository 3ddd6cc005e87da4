"""Disputes of the dealer: opened from a statement, followed, talked about, taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.disputes import queries
from portal.disputes.converse import say, withdraw_dispute
from portal.disputes.open_dispute import open_dispute
from portal.disputes.queries import DisputeRow
from portal.disputes.rules import LINES_MAX, DisputedLine, DisputeKind, DisputeState
from portal.disputes.words import KINDS
from portal.files.attach import uploaded_files
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.statements.answers import answer_of
from portal.statements.queries import document
from portal.statements.rules import TRANSITIONS, StatementAct
from portal.statements.vocabulary import StatementRight
from portal.web import language
from portal.web.acting import Answer, acted
from portal.web.dispute_page import refusal_shown, words
from portal.web.file_field import sent_ahead, sent_files
from portal.web.forms import Form, read_form, rows_of_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.statement_page import KINDS as DOCUMENT_KINDS
from portal.web.status_looks import status_look

blueprint = Blueprint("disputes", __name__)
blueprint.context_processor(dealer_frame)

COLUMNS = ("document", "kind", "amount", "reason")
_SPARE, _MORE = 3, 5

DISPUTES = Listing(
    "disputes",
    N_("Disputes"),
    (
        Column("number", N_("Dispute"), Kind.CODE, width="c-15"),
        Column("state", N_("Status"), Kind.STATUS, status="dispute", width="c-12", css="cell-corner"),
        Column("statement", N_("Statement"), Kind.CODE, width="c-15"),
        Column("period", N_("Month"), Kind.PERIOD, width="c-10"),
        Column("amount", N_("Disputed amount"), Kind.MONEY, width="c-12"),
        Column("opened_by_label", N_("Disputed by"), shown=False, width="c-12"),
        Column("opened_at", N_("Opened at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("ended_at", N_("Answered at"), Kind.MOMENT, width="c-15"),
    ),
    sort=str(queries.LATEST_FIRST),
)

Rows = list[tuple[str, ...]]


class DisputeForm(Form):
    """What a dispute says beside its lines. act: whether only rows are added."""

    note: str
    act: str


class TextForm(Form):
    """What is said."""

    text: str


@blueprint.get("/disputes")
@requires(StatementRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's disputes, the latest first."""
    said = request.args.get("status", "")
    sought: dict[str, Any] = {
        "dealer_id": current_actor().own_dealer_id,
        "state": said if said in list(DisputeState) else "",
        "q": request.args.get("q", "").strip(),
    }
    sort = sort_of_address(DISPUTES)

    def fetch(cursor: str | None, limit: int) -> Page[DisputeRow]:
        return queries.disputes(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {"status_options": [(str(one), status_look("dispute", one).label) for one in DisputeState]}

    return show_list(
        DISPUTES,
        fetch,
        "disputes/index.html",
        {"status": sought["state"], "q": sought["q"]},
        page_only=page_only,
        count=lambda: queries.count_disputes(current_session(), **sought),
    )


@blueprint.get("/statements/<number>/disputes/new")
@requires(StatementRight.CONFIRM)
def new(number: str) -> str:
    """The documents of a statement, to say what is wrong with them."""
    first = request.args.get("document", "")[:64]
    return _form(number, [(first, "", "", "")] if first else [])


@blueprint.post("/statements/<number>/disputes")
@requires(StatementRight.CONFIRM)
@takes_columns(*COLUMNS, "file_id")
def create(number: str) -> Answer:
    """Send a dispute; rows without a document are left out."""
    form, rows, at, files = read_form(DisputeForm), rows_of_form(*COLUMNS), clock.now(), list[str]()

    def act() -> str:
        files.extend(sent_files())
        return open_dispute(
            current_session(),
            actor=current_actor(),
            statement=number,
            lines=_lines(rows),
            note=form.note,
            files=files,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    if form.act == "rows":
        return _form(number, rows, form.note, files=_taken_in(), more=_MORE)
    return acted(
        act,
        shown=lambda refusal: _form(number, rows, form.note, refusal, files),
        then=lambda dispute: Said(
            gettext("Dispute %(number)s has been sent.", number=dispute),
            url_for("disputes.show", number=dispute),
        ),
    )


@blueprint.get("/disputes/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str:
    """One dispute with its conversation."""
    return _page(number)


@blueprint.post("/disputes/<number>/messages")
@requires(StatementRight.CONFIRM)
@takes_columns("file_id")
def message(number: str) -> Answer:
    """Say something more."""
    text = read_form(TextForm).text
    return _act(
        number,
        gettext("Your message has been sent."),
        lambda files: say(
            current_session(), actor=current_actor(), number=number, text=text, files=files, at=clock.now()
        ),
    )


@blueprint.post("/disputes/<number>/withdrawal")
@requires(StatementRight.CONFIRM)
def withdrawal(number: str) -> Answer:
    """Take it back."""
    return _act(
        number,
        gettext("The dispute has been taken back."),
        lambda _files: withdraw_dispute(
            current_session(), actor=current_actor(), number=number, at=clock.now()
        ),
    )


def _lines(rows: Rows) -> list[DisputedLine]:
    """The rows that name a document. Raises Invalid for amounts that are none."""
    lines: list[DisputedLine] = []
    faults: list[Fault] = []
    for place, (named, kind, amount, reason) in enumerate(rows):
        pointer = f"/lines/{place}"
        if not any(one.strip() for one in (named, amount, reason)):
            continue
        value = typed.field(typed.money, amount, f"{pointer}/amount", faults)
        if value is not None:
            said = DisputeKind(kind) if kind in list(DisputeKind) else DisputeKind.OTHER
            lines.append(DisputedLine(named.strip(), value, reason, said, pointer))
    if faults:
        raise Invalid(faults=faults)
    return lines


def _taken_in() -> list[str]:
    """Files that came with a form that is shown again; what is wrong with one is told when it is sent."""
    try:
        return sent_files()
    except Invalid:
        return sent_ahead()


def _act(number: str, done: str, act: Callable[[list[str]], object]) -> Answer:
    files = list[str]()

    def with_files() -> None:
        files.extend(sent_files())
        act(files)

    return acted(
        with_files,
        shown=lambda refusal: _page(number, refusal, files),
        then=lambda _: Said(done, url_for("disputes.show", number=number)),
    )


def _form(
    number: str,
    rows: Rows,
    note: str = "",
    refusal: DomainError | None = None,
    files: Sequence[str] = (),
    more: int = 0,
) -> str:
    session = current_session()
    shown = [*rows, *[("", "", "", "")] * max(more, _SPARE - len(rows), 0)][:LINES_MAX]
    return render_template(
        "disputes/new.html",
        document=document(session, number=number, locale=language.current()),
        rows=shown,
        note=note,
        kind_options=[(str(one), gettext(word)) for one, word in KINDS.items()],
        files=uploaded_files(session, actor=current_actor(), ids=files),
        **{**words(), "kinds": DOCUMENT_KINDS},
        **refusal_shown(refusal),
    )


def _page(number: str, refusal: DomainError | None = None, files: Sequence[str] = ()) -> str:
    session, actor = current_session(), current_actor()
    found = queries.dispute_of(session, number)
    may = actor.may(StatementRight.CONFIRM)
    acts = TRANSITIONS[answer_of(session, found.statement).state]
    return render_template(
        "disputes/show.html",
        found=found,
        may_say=may and found.state == DisputeState.OPEN,
        may_confirm=may and StatementAct.CONFIRM in acts,
        text=read_form(TextForm).text if refusal else "",
        files=uploaded_files(session, actor=actor, ids=files),
        **words(),
        **refusal_shown(refusal),
    )
