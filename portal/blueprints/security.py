"""Where whoever is signed in is signed in, and was: sessions, history."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.identity.own_sessions import end_other_sessions, end_session, own_history, own_sessions
from portal.kernel import clock
from portal.web.request import current_actor, issuing_session

blueprint = Blueprint("security", __name__, url_prefix="/account/security")
blueprint.context_processor(dealer_frame)


@blueprint.get("")
def index() -> str:
    """Sessions and sign-ins."""
    session, actor = issuing_session(), current_actor()
    return render_template(
        "account/security.html",
        sessions=own_sessions(session, actor=actor, this=current_user.session_hash, at=clock.now()),
        history=own_history(session, actor=actor),
    )


@blueprint.post("/sessions/<session>/end")
def end(session: str) -> Response:
    """Sign out on another device."""
    end_session(issuing_session(), actor=current_actor(), key=session, at=clock.now())
    flash(gettext("You are signed out there."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/sessions/end-others")
def end_others() -> Response:
    """Sign out everywhere but here."""
    end_other_sessions(
        issuing_session(), actor=current_actor(), this=current_user.session_hash, at=clock.now()
    )
    flash(gettext("You are signed out everywhere else."), "success")
    return redirect(url_for(".index"), 303)
