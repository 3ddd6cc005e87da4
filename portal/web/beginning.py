"""A session of a browser begins: nothing of the one before it stays but forms the same person left open."""

from __future__ import annotations

from flask import session
from flask_login import login_user

from portal.identity.queries import Person
from portal.identity.sign_in import sign_in
from portal.kernel import clock
from portal.kernel.network import network_of
from portal.web.browser_session import Visitor
from portal.web.idle import be_present
from portal.web.request import anonymous_session, portal, request

_CSRF = "csrf_token"  # where Flask-WTF keeps what it checks forms against


def begin_session(person: Person) -> Visitor:
    """Sign somebody in on this device."""
    visitor = signed_in(person)
    token = session.get(_CSRF) if visitor.was_known_as(session.get("_user_id", "")) else None
    session.clear()
    session.permanent = True
    if token:
        session[_CSRF] = token
    be_present()
    login_user(visitor)
    return visitor


def signed_in(person: Person) -> Visitor:
    """Somebody with a session that begins in the transaction of this request."""
    return Visitor(
        person,
        sign_in(
            anonymous_session(),
            person=person,
            hours=portal().settings.session_hours,
            at=clock.now(),
            device=request.headers.get("User-Agent", ""),
            network=network_of(request.remote_addr or ""),
        ),
    )
