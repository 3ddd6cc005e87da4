"""Monthly statements of the dealer, on screen and as PDF."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, render_template, send_file
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock
from portal.statements import queries
from portal.statements.ensure_pdf import ensure_pdf
from portal.statements.vocabulary import StatementRight
from portal.web import language
from portal.web.download_audit import undo_unsent_download
from portal.web.request import current_actor, current_session, request
from portal.web.statement_page import shown

blueprint = Blueprint("statements", __name__, url_prefix="/statements")
blueprint.context_processor(dealer_frame)


@blueprint.get("")
def index() -> str:
    """The dealer's statements, newest first."""
    current_actor().require(StatementRight.READ)
    page = queries.statements(
        current_session(), dealer_id=current_actor().own_dealer_id, cursor=request.args.get("cursor")
    )
    if request.htmx and not request.htmx.history_restore_request:
        return render_block("statements/index.html", "results", page=page)
    return render_template("statements/index.html", page=page)


@blueprint.get("/<number>")
def show(number: str) -> str:
    """One statement with every document: the same data as the PDF."""
    current_actor().require(StatementRight.READ)
    document = queries.document(current_session(), number=number, locale=language.current())
    return render_template("statements/show.html", **shown(document))


@blueprint.get("/<number>.pdf")
def pdf(number: str) -> Response:
    """The statement as it is printed, in the visitor's language."""
    paper = ensure_pdf(
        current_session(),
        actor=current_actor(),
        number=number,
        locale=language.current(),
        at=clock.now(),
    )
    return undo_unsent_download(
        send_file(
            BytesIO(paper.content),
            mimetype="application/pdf",
            download_name=paper.filename,
            etag=paper.sha256,
        )
    )
