"""Recalls of what the dealer holds: read, and answered in three taps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.files.attach import uploaded_files
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.paging import Page
from portal.recalls import own_queries as queries
from portal.recalls.answer_recall import answer_recall, read_notice
from portal.recalls.own_queries import OWN_LATEST_FIRST, OwnRow
from portal.recalls.rules import Answer
from portal.recalls.vocabulary import RecallRight
from portal.recalls.words import ANSWERS, LEVELS, SCOPE_KINDS
from portal.web.acting import refused
from portal.web.file_field import sent_files
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.recall_page import send_own_notice
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.sent_once import Said, sent_once, tell

blueprint = Blueprint("recalls", __name__)
blueprint.context_processor(dealer_frame)


class AnswerForm(Form):
    """What stands beside the units of an answer."""

    passed_to: Stripped
    witness: Stripped
    note: Stripped


RECALLS = Listing(
    "recalls",
    N_("Recalls"),
    (
        Column("number", N_("Recall no."), width="c-18", css="text-nowrap"),
        Column("title", N_("Recall of"), css="cell-wide"),
        Column("state", N_("Status"), Kind.STATUS, status="recall response", width="c-15", css="cell-corner"),
        Column("held", N_("Units you hold"), Kind.QUANTITY, width="c-10"),
        Column("level", N_("Level"), Kind.QUANTITY, width="c-8"),
        Column("is_drill", N_("Drill"), Kind.FLAG, shown=False, width="c-8"),
        Column("notices_by", N_("Answer by"), Kind.DATE, width="c-12"),
        Column("notified_at", N_("Told on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("answered_at", N_("Answered on"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(OWN_LATEST_FIRST),
)


@blueprint.get("/recalls")
@requires(RecallRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Recalls of what the dealer holds or held, the latest first."""
    sort = sort_of_address(RECALLS)

    def fetch(cursor: str | None, limit: int) -> Page[OwnRow]:
        return queries.own_recalls(
            current_session(), actor=current_actor(), cursor=cursor, limit=limit, sort=sort
        )

    return show_list(
        RECALLS,
        fetch,
        "recalls/index.html",
        count=lambda: queries.count_own_recalls(current_session(), actor=current_actor()),
    )


@blueprint.get("/recalls/<number>")
@requires(RecallRight.READ)
def show(number: str) -> str:
    """The notice, and the answer that was given or may be."""
    return _page(number)


@blueprint.get("/recalls/<number>/notice.pdf")
@requires(RecallRight.READ)
def notice(number: str) -> Response:
    """The notice on paper."""
    return send_own_notice(number)


@blueprint.post("/recalls/<number>/reading")
@requires(RecallRight.READ)
def reading(number: str) -> Response:
    """It was read."""

    def act() -> Said:
        read_notice(current_session(), actor=current_actor(), number=number, at=clock.now())
        words = gettext("Thank you. Please answer what became of your units.")
        return Said(words, url_for("recalls.show", number=number))

    return tell(sent_once(act))


@blueprint.post("/recalls/<number>/response")
@requires(RecallRight.ANSWER)
@takes_columns("file_id")
def response(number: str) -> str | Response:
    """The answer."""
    files = list[str]()

    def act() -> Said:
        form = read_form(AnswerForm)
        files.extend(sent_files())
        answer_recall(
            current_session(),
            actor=current_actor(),
            number=number,
            answer=_answer(),
            passed_to=form.passed_to,
            witness=form.witness,
            note=form.note,
            photos=files,
            at=clock.now(),
        )
        return Said(gettext("Your answer has been received."), url_for("recalls.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = _page(number, refusal, files)
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)


def _answer() -> Answer:
    """The units that were typed; a field that was left empty is none."""
    faults = list[Fault]()
    units = {
        name: typed.field(typed.quantity, entered, f"/{name}", faults) if entered.strip() else 0
        for name in ANSWERS
        for entered in (request.form.get(name, ""),)
    }
    if faults:
        raise Invalid(faults=faults)
    return Answer(**{name: quantity or 0 for name, quantity in units.items()})


def _page(number: str, refusal: Invalid | Conflict | None = None, files: list[str] | None = None) -> str:
    session, actor = current_session(), current_actor()
    found = queries.own_recall(session, actor=actor, number=number)
    faults = refusal.faults if refusal else ()
    shown: dict[str, Any] = {
        # Whoever has all of it still taps once: everything found, nothing used.
        "units": {
            name: request.form.get(name, "")
            if refusal
            else getattr(found, name) or ("" if found.answered_at or name != "found" else found.held)
            for name in ANSWERS
        },
        "answers": {name: gettext(label) for name, label in ANSWERS.items()},
        "level": gettext(LEVELS[found.level]),
        "kinds": labels(SCOPE_KINDS),
        "may_answer": actor.may(RecallRight.ANSWER) and not found.is_over,
        "files": uploaded_files(session, actor=actor, ids=files or ()),
        "file_errors": [in_full(one) for one in faults if one.pointer.startswith(("/photos", "/files"))],
    }
    return render_template("recalls/show.html", found=found, **shown, **refused(refusal))
