"""The feed at headquarters: entries drafted, previewed, published, put right, withdrawn; who read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from backoffice.blueprints import notice_form, notice_page
from backoffice.blueprints.notice_form import FIELDS, Typed
from portal.feed import editorial
from portal.feed import readers as who
from portal.feed.attachments import attach_file, attached_file, detach_file
from portal.feed.drafts import correct_entry, draft_entry, edit_draft, withdraw_entry
from portal.feed.editorial import EntrySummary
from portal.feed.publish_entry import publish_draft
from portal.feed.readers import ReaderRow
from portal.feed.remind import remind
from portal.feed.rules import Kind, Stage
from portal.feed.vocabulary import FeedRight
from portal.feed.words import KINDS
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Invalid
from portal.kernel.paging import Page
from portal.web.attachment import send_attachment
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Listing
from portal.web.listing.declaration import Kind as Shown
from portal.web.listing.page import show_list
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("notices", __name__, url_prefix="/hq/notices")

NOTICES = Listing(
    "notices",
    N_("Policies and notices"),
    (
        Column("title", N_("Title"), Shown.NAME),
        Column("number", N_("Number"), Shown.CODE, shown=False, width="c-16"),
        Column("kind", N_("Kind"), Shown.WORD, words=KINDS, width="c-10"),
        Column("stage", N_("Status"), Shown.STATUS, status="notice", width="c-12", css="cell-corner"),
        Column("region", N_("Region"), Shown.NAME, empty=N_("Whole country"), width="c-12"),
        Column("must_acknowledge", N_("To be acknowledged"), Shown.FLAG, width="c-10"),
        Column("pinned", N_("Pinned"), Shown.FLAG, shown=False, width="c-8"),
        Column("shown_from", N_("Published on"), Shown.MOMENT, width="c-15"),
        Column("created_at", N_("Drafted on"), Shown.MOMENT, shown=False, width="c-15"),
        Column("valid_from", N_("Valid from"), Shown.MOMENT, shown=False, width="c-15"),
        Column("valid_until", N_("Valid until"), Shown.MOMENT, shown=False, width="c-15"),
        Column("author", N_("Author"), shown=False, width="c-12"),
    ),
)
READERS = Listing(
    "notice-readers",
    N_("Who has read it"),
    (
        Column("dealer", N_("Dealer"), Shown.NAME),
        Column("dealer_code", N_("Dealer code"), Shown.CODE, shown=False, width="c-12"),
        Column("tier", N_("Tier"), width="c-8"),
        Column("region", N_("Region"), Shown.NAME, width="c-10"),
        Column("person", N_("Person"), width="c-15"),
        Column("read_at", N_("Read on"), Shown.MOMENT, width="c-15"),
        Column("acknowledged_at", N_("Acknowledged on"), Shown.MOMENT, width="c-15"),
        Column("acknowledged_by", N_("Acknowledged by"), shown=False, width="c-15"),
    ),
)


@blueprint.get("")
@requires(FeedRight.EDIT, FeedRight.PUBLISH)
@takes_columns("column")
def index() -> str | Response:
    """Every entry within reach, the latest first."""
    kind, stage = request.args.get("kind", ""), request.args.get("stage", "")
    query: dict[str, Any] = {
        "q": request.args.get("q", "").strip(),
        "kind": kind if kind in list(Kind) else "",
        "stage": stage if stage in list(Stage) else "",
    }

    def fetch(cursor: str | None, limit: int) -> Page[EntrySummary]:
        return editorial.entries(
            current_session(), actor=current_actor(), at=clock.now(), cursor=cursor, limit=limit, **query
        )

    def page_only() -> dict[str, Any]:
        return {
            "kind_options": [("", gettext("All kinds")), *labels(KINDS).items()],
            "stage_options": [
                ("", gettext("All statuses")),
                *((one, status_look("notice", one).label) for one in Stage),
            ],
            "may_edit": current_actor().may(FeedRight.EDIT),
        }

    return show_list(NOTICES, fetch, "backoffice/notices/index.html", query, page_only=page_only)


@blueprint.get("/new")
@requires(FeedRight.EDIT)
def new() -> str:
    """The form of a new entry."""
    return render_template("backoffice/notices/edit.html", **notice_page.editor(Typed()))


@blueprint.post("")
@requires(FeedRight.EDIT)
@takes_columns(*FIELDS)
def create() -> str | Response:
    """Keep a new draft."""
    form = notice_form.typed_form()
    try:
        number = draft_entry(
            current_session(),
            actor=current_actor(),
            content=notice_form.content_of(form),
            whom=notice_form.whom_of(form),
            at=clock.now(),
        )
    except Invalid as refusal:
        current_session().rollback()
        return make_response(
            render_template("backoffice/notices/edit.html", **notice_page.editor(form, refusal)), 422
        )
    flash(gettext("Saved as a draft. Nobody sees it yet."), "success")
    return redirect(url_for("notices.show", number=number), 303)


@blueprint.post("/preview")
@requires(FeedRight.EDIT)
@takes_columns(*FIELDS)
def preview() -> str:
    """How the text will look in both languages, and how many dealers it would reach."""
    form = notice_form.typed_form()
    return render_template("backoffice/notices/_preview.html", **notice_page.preview(form))


@blueprint.get("/<number>")
@requires(FeedRight.EDIT, FeedRight.PUBLISH)
def show(number: str) -> str:
    """An entry: a draft to be changed, anything else to be read."""
    return notice_page.page(number)


@blueprint.post("/<number>")
@requires(FeedRight.EDIT)
@takes_columns(*FIELDS)
def save(number: str) -> str | Response:
    """Change a draft."""
    form = notice_form.typed_form()
    return _act(
        number,
        gettext("Saved."),
        lambda: edit_draft(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=notice_form.revision(),
            content=notice_form.content_of(form),
            whom=notice_form.whom_of(form),
        ),
        form,
    )


@blueprint.post("/<number>/correction")
@requires(FeedRight.PUBLISH)
@takes_columns(*FIELDS)
def correction(number: str) -> str | Response:
    """Put right what a published entry says."""
    form = notice_form.typed_form()
    return _act(
        number,
        gettext("Corrected. Dealers see that it was."),
        lambda: correct_entry(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=notice_form.revision(),
            content=notice_form.content_of(form),
            reason=notice_form.reason(),
            at=clock.now(),
        ),
        form,
    )


@blueprint.post("/<number>/publication")
@requires(FeedRight.PUBLISH)
def publication(number: str) -> str | Response:
    """Show a draft to those it is for, now or from a minute on."""
    return _act(
        number,
        gettext("Published: those it is for see it now, or from the minute you chose."),
        lambda: publish_draft(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=notice_form.revision(),
            at=clock.now(),
            not_before=notice_form.publish_at(),
        ),
    )


@blueprint.post("/<number>/withdrawal")
@requires(FeedRight.PUBLISH)
def withdrawal(number: str) -> str | Response:
    """Take an entry back."""
    return _act(
        number,
        gettext("Withdrawn. No dealer sees it any more."),
        lambda: withdraw_entry(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=notice_form.revision(),
            reason=notice_form.reason(),
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/files")
@requires(FeedRight.EDIT)
def attach(number: str) -> str | Response:
    """Add a file to a draft."""
    given = request.files.get("file")
    return _act(
        number,
        gettext("The file has been attached."),
        lambda: attach_file(
            current_session(),
            actor=current_actor(),
            number=number,
            name=(given and given.filename) or "",
            content=given.read() if given else b"",
        ),
    )


@blueprint.post("/<number>/files/removal")
@requires(FeedRight.EDIT)
def detach(number: str) -> str | Response:
    """Take a file off a draft."""
    place = notice_form.place()
    return _act(
        number,
        gettext("The file has been removed."),
        lambda: detach_file(current_session(), actor=current_actor(), number=number, place=place),
    )


@blueprint.get("/<number>/files/<int:place>")
@requires(FeedRight.EDIT, FeedRight.PUBLISH)
def attachment(number: str, place: int) -> Response:
    """A file of the entry."""
    return send_attachment(
        attached_file(current_session(), actor=current_actor(), number=number, place=place, at=clock.now())
    )


@blueprint.get("/<number>/readers")
@requires(FeedRight.EDIT, FeedRight.PUBLISH)
@takes_columns("column")
def readers(number: str) -> str | Response:
    """Person by person who has read it, and who has acknowledged it for which dealer."""
    entry = editorial.edited_entry(current_session(), actor=current_actor(), number=number, at=clock.now())
    only = request.args.get("only", "")
    query = {"q": request.args.get("q", "").strip(), "only": only if only in who.ONLY else ""}

    def fetch(cursor: str | None, limit: int) -> Page[ReaderRow]:
        return who.readers(current_session(), entry_id=entry.id, cursor=cursor, limit=limit, **query)

    return show_list(
        READERS,
        fetch,
        "backoffice/notices/readers.html",
        {"entry": entry, **query},
        page_only=lambda: {
            "reach": who.reach(current_session(), entry.id),
            "may_remind": current_actor().may(FeedRight.PUBLISH) and entry.stage == "published",
        },
    )


@blueprint.post("/<number>/reminder")
@requires(FeedRight.PUBLISH)
def reminder(number: str) -> Response:
    """Mail those who are left."""
    at = clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    done = remind(current_session(), actor=current_actor(), number=number, at=at, today=today)
    said = ngettext("%(num)d person gets a mail.", "%(num)d people get a mail.", done.people)
    if done.already:
        rest = ngettext(
            "%(num)d was reminded today already.", "%(num)d were reminded today already.", done.already
        )
        said = f"{said} {rest}"
    flash(said, "success")
    return redirect(url_for("notices.readers", number=number), 303)


def _act(number: str, done: str, act: Callable[[], object], form: Typed | None = None) -> str | Response:
    """Do it and show the entry; a refusal stands on the same page, with what was typed."""
    try:
        act()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(
            notice_page.page(number, form, refusal), 422 if isinstance(refusal, Invalid) else 409
        )
    flash(done, "success")
    return redirect(url_for("notices.show", number=number), 303)
