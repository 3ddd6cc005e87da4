"""Pages that somebody marks, so that they stand on top of the menu."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.navigation.favourites import add_favourite, favourites, remove_favourite
from portal.web.forms import Flag, Form, read_form
from portal.web.navigation import forget_favourites, own_menu
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("favourites", __name__)
blueprint.context_processor(dealer_frame)


class FavouriteForm(Form):
    """A page of the menu, and whether it shall be a favourite."""

    endpoint: str
    marked: Flag


@blueprint.post("/favourites")
def change() -> str | Response:
    """Mark the page of `endpoint`, or take the mark away where `marked` is empty.

    Answers the star, and the menu out of band; without htmx, the search page.
    """
    form = read_form(FavouriteForm)
    endpoint = form.endpoint
    act = add_favourite if form.marked else remove_favourite
    act(current_session(), actor=current_actor(), endpoint=endpoint)
    forget_favourites()
    if not request.htmx:
        return redirect(url_for("search.index"), 303)
    here = _endpoint_of(urlsplit(request.htmx.current_url or "").path)
    groups = own_menu(here)
    entry = next((one for _, group in groups for one in group if one.endpoint == endpoint), None)
    return render_template(
        "navigation/marked.html",
        entry=entry,
        marked=endpoint in favourites(current_session(), actor=current_actor()),
        groups=groups,
        here=here,
    )


def _endpoint_of(path: str) -> str | None:
    """The endpoint of the page that the visitor is on."""
    try:
        adapter = current_app.create_url_adapter(request)
        within = path.removeprefix(request.script_root)
        return str(adapter.match(within, method="GET")[0]) if adapter else None
    except HTTPException:
        return None
