"""The papers of a recall for headquarters: the notice, and what the authorities are told."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.recalls.queries import DESK
from portal.recalls.recall_pdf import PaperKind
from portal.web.recall_page import send_paper
from portal.web.rendering import requires

blueprint = Blueprint("recall_papers", __name__, url_prefix="/hq/recalls")


@blueprint.get("/<number>/notice.pdf")
@requires(*DESK)
def notice(number: str) -> Response:
    """The notice as every holder gets it, but for its own units."""
    return send_paper(number, PaperKind.NOTICE)


@blueprint.get("/<number>/event-report.pdf")
@requires(*DESK)
def event_report(number: str) -> Response:
    """What the authorities are told at once."""
    return send_paper(number, PaperKind.EVENT_REPORT)


@blueprint.get("/<number>/plan.pdf")
@requires(*DESK)
def plan(number: str) -> Response:
    """The report of the investigation, and the plan."""
    return send_paper(number, PaperKind.PLAN)


@blueprint.get("/<number>/progress.pdf")
@requires(*DESK)
def progress(number: str) -> Response:
    """How far it is now."""
    return send_paper(number, PaperKind.PROGRESS)


@blueprint.get("/<number>/summary.pdf")
@requires(*DESK)
def summary(number: str) -> Response:
    """What came of it, once it is closed."""
    return send_paper(number, PaperKind.SUMMARY)
