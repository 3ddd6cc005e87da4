"""The feed of a dealer: what is addressed to it, read, acknowledged, downloaded."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.feed import queries, rules
from portal.feed.acknowledge import acknowledge_entry, open_entry
from portal.feed.attachments import attached_file
from portal.feed.queries import EntryRow
from portal.feed.rules import Kind
from portal.feed.vocabulary import FeedRight
from portal.feed.words import KINDS
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.web import language
from portal.web.attachment import send_attachment
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Listing
from portal.web.listing.declaration import Kind as Shown
from portal.web.listing.page import show_list
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("feed", __name__, url_prefix="/feed")
blueprint.context_processor(dealer_frame)

FEED = Listing(
    "feed",
    N_("Policies and notices"),
    (
        Column("title", N_("Title"), Shown.NAME),
        Column("number", N_("Number"), Shown.CODE, shown=False, width="c-20"),
        Column("kind", N_("Kind"), Shown.WORD, words=KINDS, width="c-15"),
        Column("shown_from", N_("Published on"), Shown.MOMENT, width="c-15"),
        Column("valid_from", N_("Valid from"), Shown.MOMENT, shown=False, width="c-15"),
        Column("valid_until", N_("Valid until"), Shown.MOMENT, shown=False, width="c-15"),
        Column("standing", N_("Status"), Shown.STATUS, status="entry", width="c-15", css="cell-corner"),
    ),
)


@blueprint.get("")
@requires(FeedRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Everything addressed to the dealer, pinned first, then the newest."""
    kind = request.args.get("kind", "")
    query: dict[str, Any] = {
        "q": request.args.get("q", "").strip(),
        "kind": kind if kind in list(Kind) else "",
        "unread": bool(request.args.get("unread")),
    }

    def fetch(cursor: str | None, limit: int) -> Page[EntryRow]:
        return queries.entries(
            current_session(), actor=current_actor(), at=clock.now(), cursor=cursor, limit=limit, **query
        )

    def page_only() -> dict[str, Any]:
        return {"kind_options": [("", gettext("All kinds")), *labels(KINDS).items()]}

    return show_list(FEED, fetch, "feed/index.html", query, page_only=page_only)


@blueprint.get("/<number>")
@requires(FeedRight.READ)
def show(number: str) -> str:
    """One entry; opening it marks it as read."""
    entry = open_entry(current_session(), actor=current_actor(), number=number, at=clock.now())
    return render_template("feed/show.html", **shown(entry))


@blueprint.post("/<number>/acknowledgement")
@requires(FeedRight.ACKNOWLEDGE)
def acknowledgement(number: str) -> Response:
    """Say for the dealer that it is read and understood."""
    acknowledge_entry(current_session(), actor=current_actor(), number=number, at=clock.now())
    flash(gettext("Acknowledged. You may order."), "success")
    return redirect(url_for("feed.show", number=number), 303)


@blueprint.get("/<number>/files/<int:place>")
@requires(FeedRight.READ)
def attachment(number: str, place: int) -> Response:
    """A file of the entry."""
    return send_attachment(
        attached_file(current_session(), actor=current_actor(), number=number, place=place, at=clock.now())
    )


def shown(entry: Any) -> dict[str, Any]:
    """What the page of an entry shows: the text of the visitor's language, or the one there is."""
    chosen = (entry.text_zh, entry.text_en)
    text = (chosen[0] or chosen[1]) if language.current() == "zh" else (chosen[1] or chosen[0])
    return {
        "entry": entry,
        "blocks": list(rules.blocks(text)),
        "kinds": labels(KINDS),
        "may_acknowledge": current_actor().may(FeedRight.ACKNOWLEDGE),
    }
