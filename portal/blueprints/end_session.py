"""Where clients send somebody whom they sign out (OpenID Connect RP-Initiated Logout)."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.blueprints.issuer import issuer
from portal.identity.end_session import Hint, end_session, read_hint
from portal.kernel import clock
from portal.web.leaving import cleared, leave_device
from portal.web.request import Portal, anonymous_session, portal

blueprint = Blueprint("end_session", __name__)

_STATE_MAX = 512


def init_app(app: Portal) -> None:
    """Clients send people here by a form of their own; without a good ID token nothing ends."""
    app.extensions["csrf"].exempt(show)


@blueprint.route("/oauth/logout", methods=["GET", "POST"])
def show() -> Response | str:
    """Sign out whom the ID token tells of, and go where the client has registered; without one, ask."""
    hint = read_hint(
        request.values.get("id_token_hint", ""),
        keys=portal().keys,
        issuer=portal().settings.base_url,
        sealer=portal().sealer,
    )
    if hint is not None and request.values.get("client_id", hint.client_id) != hint.client_id:
        hint = None
    is_other = current_user.is_authenticated and (hint is None or current_user.person.id != hint.user_id)
    if hint is not None:
        end_session(anonymous_session(), hint=hint, at=clock.now())
    if is_other:  # whoever sent them here does not know who sits here: they are asked
        return render_template("account/sign_out.html")
    if current_user.is_authenticated:
        leave_device()
    target = _registered(hint)
    if target is None:
        flash(_("You are signed out."), "success")
    return cleared(redirect(target or url_for("account.login")))


def _registered(hint: Hint | None) -> str | None:
    """Where the client wants them to go on, if that is where it may send people; to the letter."""
    wanted = request.values.get("post_logout_redirect_uri", "")
    client_id = hint.client_id if hint is not None else request.values.get("client_id", "")
    client = issuer().query_client(client_id) if wanted and client_id else None
    if client is None or wanted not in client.post_logout_redirect_uris:
        return None
    state = request.values.get("state", "")[:_STATE_MAX]
    joint = "&" if urlsplit(wanted).query else "?"
    return f"{wanted}{joint}{urlencode({'state': state})}" if state else wanted
