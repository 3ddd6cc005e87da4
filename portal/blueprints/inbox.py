"""The inbox of whoever is signed in: what the portal told them, unread first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.identity.rules import is_local_path
from portal.kernel import clock
from portal.kernel.errors import N_, NotFound
from portal.kernel.paging import Page
from portal.notifications import inbox
from portal.notifications.choices import events_of
from portal.notifications.inbox import Entry
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Listing
from portal.web.listing.declaration import Kind as Shown
from portal.web.listing.page import show_list
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")
blueprint.context_processor(dealer_frame)

INBOX = Listing(
    "inbox",
    N_("Inbox"),
    (
        Column("subject", N_("Message"), Shown.NAME),
        Column("created_at", N_("When"), Shown.MOMENT, width="c-20"),
        Column(
            "standing", N_("Status"), Shown.STATUS, status="notification", width="c-15", css="cell-corner"
        ),
    ),
)


class ReadForm(Form):
    """What is read: everything up to a mark, of one event where one is named."""

    until: str
    event: str


@blueprint.get("")
@takes_columns("column")
def index() -> str | Response:
    """What the person was told."""
    events = events_of(current_session(), current_actor())
    event = request.args.get("event", "")
    query: dict[str, Any] = {
        "event": event if event in events else "",
        "unread": bool(request.args.get("unread")),
    }

    def fetch(cursor: str | None, limit: int) -> Page[Entry]:
        return inbox.entries(current_session(), actor=current_actor(), cursor=cursor, limit=limit, **query)

    def page_only() -> dict[str, Any]:
        kinds = [(name, gettext(one.label)) for name, one in events.items()]
        newest = inbox.mark_of_newest(current_session(), actor=current_actor())
        return {"event_options": [("", gettext("All kinds")), *kinds], "newest": newest}

    labels = {name: one.label for name, one in portal().declared.events.items()}
    return show_list(
        INBOX, fetch, "notifications/inbox.html", query | {"labels": labels}, page_only=page_only
    )


@blueprint.get("/<key>")
def show(key: str) -> Response:
    """Open what an entry is about; from now on it is read."""
    entry = inbox.open_entry(current_session(), actor=current_actor(), key=key, at=clock.now())
    if not is_local_path(entry.path):
        raise NotFound()
    return redirect(entry.path, 303)


@blueprint.post("/reading")
def read_all() -> Response:
    """Everything is read that stood on the page."""
    form = read_form(ReadForm)
    count = inbox.read_all(
        current_session(), actor=current_actor(), until=form.until, event=form.event, at=clock.now()
    )
    flash(ngettext("%(num)d message is read now.", "%(num)d messages are read now.", count), "success")
    return redirect(url_for("inbox.index", event=form.event or None), 303)


@blueprint.post("/<key>/reading")
def read_one(key: str) -> Response:
    """One entry is read, without opening what it is about."""
    inbox.open_entry(current_session(), actor=current_actor(), key=key, at=clock.now())
    return redirect(url_for("inbox.index"), 303)
