"""What the portal found when it checked itself, for its operators."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.checks import queries, rules
from portal.checks.ask_check import ask_check
from portal.kernel.errors import Conflict
from portal.web.presentation import in_full
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("checks", __name__, url_prefix="/hq/checks")


@blueprint.get("")
def index() -> str:
    """The last run in full, and how the ones before ended."""
    queries.require_reader(current_actor())
    session = current_session()
    made = queries.runs(session)
    night = rules.latest_night(clock.now(), portal().settings.timezone)
    return render_template(
        "backoffice/checks/index.html",
        last=made[0] if made else None,
        earlier=made[1:],
        waits=queries.waiting(session) is not None,
        about=lambda result: gettext(result.about),
        overdue=bool(made) and made[0].started_at < night,
    )


@blueprint.post("")
def create() -> Response:
    """Have a run made soon."""
    try:
        ask_check(current_session(), actor=current_actor(), at=clock.now())
    except Conflict as refusal:
        current_session().rollback()
        flash(in_full(refusal), "warning")
    else:
        flash(gettext("The check begins within a minute. Load the page again to see what it found."), "success")
    return redirect(url_for("checks.index"), 303)
