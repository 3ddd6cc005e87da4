"""What the portal found when it checked itself, for its operators."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.checks import queries, rules
from portal.checks.ask_check import ask_check
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("checks", __name__, url_prefix="/hq/checks")


@blueprint.get("")
@requires(*queries.READERS)
def index() -> str:
    """The last result in full, how the runs before ended, and what keeps the next one from coming."""
    queries.require_reader(current_actor())
    session, at = current_session(), clock.now()
    begun, waiting = queries.runs(session), queries.waiting(session)
    latest = begun[0] if begun else None
    return render_template(
        "backoffice/checks/index.html",
        last=queries.finished(session),
        latest=latest,
        begun=begun,
        waiting=waiting,
        about=lambda result: gettext(result.about),
        missing=rules.is_missing(latest.started_at if latest else None, at, portal().settings.timezone),
        ignored=rules.is_ignored(waiting, latest, at),
    )


@blueprint.post("")
@requires(*queries.READERS)
def create() -> Response:
    """Have a run made soon."""
    try:
        ask_check(current_session(), actor=current_actor(), at=clock.now())
    except Conflict as refusal:
        current_session().rollback()
        flash(in_full(refusal), "warning")
    else:
        flash(
            gettext("The check begins within a minute. Load the page again to see what it found."), "success"
        )
    return redirect(url_for("checks.index"), 303)
