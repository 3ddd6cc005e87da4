"""The search across the portal, a page or a dialog over one: pages by name, documents by number or name."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_login import current_user
from jinja2_fragments.flask import render_block

from portal.blueprints.frame import dealer_frame
from portal.web.finding import documents, kinds, pages
from portal.web.navigation import favourites_of
from portal.web.rendering import wants_block
from portal.web.request import request

blueprint = Blueprint("search", __name__)
blueprint.context_processor(dealer_frame)

_TEMPLATE = "navigation/search.html"


@blueprint.get("/search")
def index() -> str:
    """What `q` leads to; of it all, the part that is asked for: the dialog, or what was found alone."""
    q = request.args.get("q", "").strip()
    context = {
        "q": q,
        "pages": pages(q),
        "documents": documents(current_user, q),
        "kinds": kinds(current_user),
        "marked": favourites_of(current_user),
    }
    if not wants_block():
        return render_template(_TEMPLATE, **context)
    return render_block(_TEMPLATE, "found" if request.htmx.target == "found" else "finder", **context)
