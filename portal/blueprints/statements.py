"""Monthly statements of the dealer, on screen and as PDF."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, render_template, request, send_file
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal import clock
from portal.identity.rules import Right
from portal.language import reader_locale
from portal.request import current_actor, current_session, portal
from portal.statements import queries
from portal.statements.ensure_pdf import ensure_pdf
from portal.statements.issuer import issuer_of

blueprint = Blueprint("statements", __name__, url_prefix="/statements")


@blueprint.get("")
def index() -> str:
    """The dealer's statements, newest first."""
    current_actor().require(Right.STATEMENTS_READ)
    page = queries.statements(current_session(), cursor=request.args.get("cursor"))
    if request.htmx and not request.htmx.history_restore_request:
        return render_block("statements/index.html", "results", page=page)
    return render_template("statements/index.html", page=page)
