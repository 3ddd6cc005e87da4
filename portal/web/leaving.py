"""Leaving a device: the session ends on the server, and the browser forgets what it kept of it."""

from __future__ import annotations

from flask import session
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from portal.identity.sign_out import sign_out
from portal.kernel import clock
from portal.web.request import current_session


def leave_device() -> None:
    """End the visitor's session."""
    sign_out(current_session(), actor=current_user.actor, secret=current_user.secret, at=clock.now())
    logout_user()
    session.clear()


def cleared(response: Response) -> Response:
    """An answer after which the browser has neither pages nor drafts of who left.

    Not its cookies: that of the session is ended already, and language and theme belong to the device.
    """
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
