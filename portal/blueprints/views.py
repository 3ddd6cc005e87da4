"""The views that somebody keeps of a list: a menu of the list's page, or a page of their own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, make_response, redirect
from flask_babel import gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.identity.rules import is_local_path
from portal.kernel.errors import Invalid
from portal.lists.rules import NAME_MAX
from portal.lists.views import remove_view, save_view, views
from portal.web.forms import Form, read_form
from portal.web.presentation import in_full
from portal.web.rendering import render_page
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("views", __name__, url_prefix="/views")
blueprint.context_processor(dealer_frame)


class ViewForm(Form):
    """A view's name, and the address of the list as it is shown."""

    name: str
    back: str


@blueprint.get("/<listing>")
def index(listing: str) -> str:
    """The visitor's views of a list, and a form to keep the one that `back` shows."""
    return render_page("lists/views.html", "views", **_context(listing, request.args.get("back", "")))


@blueprint.post("/<listing>")
def create(listing: str) -> str | Response:
    """Keep the list as it is shown at `back`."""
    form = read_form(ViewForm)
    name, back = form.name, _back(form.back)
    try:
        view = save_view(
            current_session(), actor=current_actor(), listing=listing, name=name, query=urlsplit(back).query
        )
    except Invalid as refusal:
        context = _context(listing, back) | {
            "typed": name,
            "errors": [in_full(fault) for fault in refusal.faults],
        }
        return make_response(render_page("lists/views.html", "views", **context), 422)
    flash(gettext("The view %(name)s has been saved.", name=view.name), "success")
    return redirect(back, 303)


@blueprint.post("/<listing>/removal")
def removal(listing: str) -> Response:
    """Give a view up."""
    form = read_form(ViewForm)
    back = _back(form.back)
    remove_view(current_session(), actor=current_actor(), listing=listing, name=form.name)
    flash(gettext("The view has been deleted."), "success")
    return redirect(back, 303)


def _context(listing: str, back: str) -> dict[str, Any]:
    back = _back(back)
    return {
        "listing": listing,
        "back": back,
        "path": urlsplit(back).path,
        "views": views(current_session(), actor=current_actor(), listing=listing),
        "name_max": NAME_MAX,
        "typed": "",
        "errors": [],
    }


def _back(address: str) -> str:
    """Where the list is. Raises NotFound for an address that is none of the portal's."""
    if not is_local_path(address):
        raise NotFound()
    return address
