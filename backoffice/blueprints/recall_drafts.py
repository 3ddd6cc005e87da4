"""The draft of a recall: its form, filled out of a notice or by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from backoffice.blueprints.recall_form import draft_of, form_of, typed_rows
from portal.kernel import clock
from portal.kernel.errors import DomainError, Invalid
from portal.recalls import queries
from portal.recalls.draft_recall import draft_recall, edit_recall
from portal.recalls.proposal import propose_scope
from portal.recalls.queries import RecallDetail
from portal.recalls.vocabulary import RecallRight
from portal.recalls.words import LEVELS, QUESTIONS, SCOPE_KINDS
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, OwnNumber, read_form, takes_columns
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("recall_drafts", __name__, url_prefix="/hq/recalls")

COLUMNS = ("sku", "kind", "lots", "serial_from", "serial_to", "without", "made_from", "made_to")
"""Of the lines of a scope in the form."""


class RevisionForm(Form):
    """Which revision was read."""

    revision: OwnNumber


@blueprint.get("/new")
@requires(RecallRight.DESK)
def new() -> str:
    """An empty draft."""
    return _form(None)


@blueprint.post("/new")
@requires(RecallRight.DESK)
@takes_columns(*COLUMNS)
def create() -> Answer:
    """Write the draft; or read its scope out of the notice first, with nothing written."""
    if request.form.get("act") == "propose":
        return _proposed(None)

    def act() -> str:
        at = clock.now()
        today = clock.business_date(at, portal().settings.timezone)
        return draft_recall(current_session(), actor=current_actor(), draft=draft_of(), today=today, at=at)

    return acted(
        act,
        shown=lambda refusal: _form(None, refusal),
        then=lambda number: Said(
            gettext("The draft has been written. Nothing is blocked yet."),
            url_for("recalls_desk.show", number=number),
        ),
    )


@blueprint.get("/<number>/edit")
@requires(RecallRight.DESK)
def edit(number: str) -> str:
    """The draft as it stands."""
    return _form(_found(number))


@blueprint.post("/<number>/edit")
@requires(RecallRight.DESK)
@takes_columns(*COLUMNS)
def change(number: str) -> Answer:
    """Write it anew."""
    if request.form.get("act") == "propose":
        return _proposed(_found(number))

    def act() -> None:
        form = read_form(RevisionForm)
        edit_recall(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=form.revision,
            draft=draft_of(),
            at=clock.now(),
        )

    return acted(
        act,
        shown=lambda refusal: _form(_found(number), refusal),
        then=lambda _: Said(
            gettext("The draft has been changed."), url_for("recalls_desk.show", number=number)
        ),
    )


def _found(number: str) -> RecallDetail:
    return queries.recall(current_session(), actor=current_actor(), number=number)


def _proposed(found: RecallDetail | None) -> str:
    """The form with what the notice says; what was typed for the rest stays."""
    try:
        read = propose_scope(
            current_session(), actor=current_actor(), notice=request.form.get("notice_text", "")
        )
    except Invalid as refusal:
        return _form(found, refusal)
    return render_template(
        "backoffice/recalls/form.html",
        found=found,
        questions=[gettext(QUESTIONS[one]) for one in read.questions],
        is_proposed=True,
        **form_of(found, proposal=read),
        **_form_words(),
        **refused(None),
    )


def _form(found: RecallDetail | None, refusal: DomainError | None = None) -> str:
    return render_template(
        "backoffice/recalls/form.html",
        found=found,
        questions=[],
        is_proposed=False,
        **form_of(found, typed=typed_rows() if refusal else None),
        **_form_words(),
        **refused(refusal),
    )


def _form_words() -> dict[str, Any]:
    return {
        "levels": [(str(level), gettext(label)) for level, label in LEVELS.items()],
        "kinds": [(str(kind), gettext(label)) for kind, label in SCOPE_KINDS.items()],
    }
