"""Signing in and out, the own account, the language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user, login_required, login_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.blueprints.account_links import password_rules
from portal.blueprints.frame import dealer_frame
from portal.blueprints.issuer import callback as callback_address
from portal.identity.change_password import change_password
from portal.identity.choose_locale import choose_locale
from portal.identity.issuer import discovery
from portal.identity.oauth_client import PORTAL, portal_secret
from portal.identity.relying_party import Departure, RelyingParty, SignInFailed
from portal.identity.rules import is_local_path
from portal.identity.sign_in import held_person
from portal.identity.tokens import opened_subject
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.providers.arrive import link_account
from portal.web import language
from portal.web.beginning import begin_session, signed_in
from portal.web.browser_session import Visitor, home
from portal.web.company_sign_in import (
    CHOSEN,
    DEPARTURES,
    LINKING,
    remember_language,
    way_out,
)
from portal.web.forms import Form, read_form
from portal.web.idle import be_present
from portal.web.leaving import cleared, leave_device
from portal.web.logs import WITHIN
from portal.web.presentation import in_words
from portal.web.request import Portal, anonymous_session, current_session, keep_on_refusal, own_host, portal

blueprint = Blueprint("account", __name__)

_DEPARTURES_MAX = 5  # tabs in which a sign-in has been begun


class _OwnIssuer(httpx.BaseTransport):
    """Calls of the portal to its own issuer.

    Within the process, under the id and address of the request at hand.

    With an application context of its own: Flask would share that of the request, and with it the
    transaction.
    """

    def __init__(self, app: Portal) -> None:
        self._app = app

    def handle_request(self, sent: httpx.Request) -> httpx.Response:
        """Run the application on `sent`."""
        return httpx.WSGITransport(self._within, remote_addr=request.remote_addr or "").handle_request(sent)

    def _within(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        within = environ | {WITHIN: g.request_id}
        with self._app.app_context():
            return self._app.wsgi_app(within, start_response)


def init_app(app: Portal) -> None:
    """Register the portal at its issuer."""
    settings = app.settings
    app.limits.limit(
        app,
        "account.new_password",
        settings.login_attempts,
        key=_own_account,
        counts=lambda answer: answer.status_code == 422,
    )
    app.extensions["relying_party"] = RelyingParty(
        issuer=settings.base_url,
        client_id=PORTAL,
        client_secret=portal_secret(settings.secret_key.get_secret_value()),
        callback=callback_address(settings),
        metadata=discovery(settings.base_url),
        transport=_OwnIssuer(app),
    )


def _own_account() -> str:
    return current_user.actor.key if current_user.is_authenticated else ""


def relying_party() -> RelyingParty:
    """The portal as a client of its issuer."""
    return cast(RelyingParty, current_app.extensions["relying_party"])


@blueprint.get("/login")
def login() -> Response:
    """Send the visitor to the issuer; who is signed in goes home."""
    if current_user.is_authenticated:
        return redirect(_wanted_page())
    if request.host != own_host() and "moved" not in request.args:
        # The cookie must belong to the address the issuer sends people back to. Once only: a proxy may hide
        # the host.
        return redirect(
            f"{portal().settings.base_url}{url_for('.login', next=request.args.get('next'), moved=1)}"
        )
    address, departure = relying_party().depart(locale=str(get_locale()))
    begun = session.get(DEPARTURES, [])[1 - _DEPARTURES_MAX :]
    session[DEPARTURES] = [*begun, departure.as_dict() | {"next": request.args.get("next", "")}]
    return redirect(address)


@blueprint.get("/login/callback")
def callback() -> Response:
    """Where the issuer sends people back: check who it is and begin their session."""
    begun = _take_departure(request.args.get("state", ""))
    if begun is None:
        if current_user.is_authenticated:  # a second click while the first was under way
            return redirect(home())
        raise SignInFailed()
    departure, wanted = begun
    claims = relying_party().arrive(request.args.to_dict(), departure)
    chosen, linking = session.get(CHOSEN), session.get(LINKING, "")
    visitor = _begin_session(claims["sub"], claims["sid"])
    response = redirect(wanted if is_local_path(wanted) else home())
    remember_language(response, visitor, chosen)
    if linking and link_account(anonymous_session(), sealed=linking, person=visitor.person, at=clock.now()):
        flash(_("From now on you sign in with your company account."), "success")
    return response


@blueprint.post("/logout")
@login_required
def logout() -> Response:
    """End the session on the server and forget it here; and lead on to where it began, to end it there."""
    there = way_out(current_user.session_hash)
    leave_device()
    if there:
        return cleared(make_response(render_template("account/on_the_way.html", address=there, leaves=True)))
    flash(_("You are signed out."), "success")
    return cleared(redirect(url_for(".login")))


@blueprint.post("/account/alive")
@login_required
def alive() -> Response:
    """Somebody is still there, though no page was asked for."""
    be_present()
    return Response(status=204)


@blueprint.post("/account/idle")
@login_required
def idle() -> Response:
    """Nobody is there any more. What was typed stays in the browser, for the same person."""
    leave_device()
    return Response(status=204)


@blueprint.get("/account")
@login_required
def profile() -> str:
    """Who is signed in, and what they may do."""
    return render_template("account/profile.html", **_profile({}))


class PasswordForm(Form):
    """The password so far, and the next one."""

    current: str
    new: str


class LanguageForm(Form):
    """Where somebody was who switches the language."""

    next: str


@blueprint.post("/account/password")
@login_required
def new_password() -> Response | tuple[str, int]:
    """Another password: every session ends, and this device gets a new one."""
    keep_on_refusal()  # a wrong one is counted
    try:
        form = read_form(PasswordForm)
        change_password(
            anonymous_session(),
            actor=current_user.actor,
            current=form.current,
            new=form.new,
            rules=password_rules(),
            at=clock.now(),
        )
    except Invalid as refusal:
        errors = {fault.pointer[1:]: [in_words(fault)] for fault in reversed(refusal.faults)}
        return render_template("account/profile.html", **_profile(errors)), 422
    login_user(signed_in(current_user.person))
    flash(_("Password changed. Every other device has been signed out."), "success")
    return redirect(url_for(".profile"))


@blueprint.post("/locale/<code>")
def choose_language(code: str) -> Response:
    """Switch the language on this device and, for somebody signed in, for good."""
    if code not in portal().settings.locales:
        raise NotFound()
    if current_user.is_authenticated:
        choose_locale(current_session(), actor=current_user.actor, locale=code)
    else:
        session[CHOSEN] = code
    wanted = read_form(LanguageForm).next
    response = redirect(wanted if is_local_path(wanted) else "/")
    language.remember(response, code, secure=portal().settings.cookie_secure)
    return response


def _profile(errors: dict[str, list[str]]) -> dict[str, Any]:
    """What the page shows."""
    return {"errors": errors, **dealer_frame()}


def _take_departure(state: str) -> tuple[Departure, str] | None:
    """What was remembered under `state`, once, and the page that was wanted."""
    begun = session.get(DEPARTURES, [])
    for found in begun:
        if found["state"] == state:
            session[DEPARTURES] = [other for other in begun if other is not found]
            return Departure(found["state"], found["nonce"], found["code_verifier"]), found["next"]
    return None


def _begin_session(subject: str, session_hash: str) -> Visitor:
    """A new session with nothing of the old one in it.

    Only the forms the same person left open stay good.

    Raises SignInFailed for somebody disabled meanwhile, and when the sign-in has ended already by another
    password.
    """
    try:
        kind, _colon, number = opened_subject(portal().sealer, subject).partition(":")
    except ValueError:
        raise SignInFailed() from None
    if kind != "user":
        raise SignInFailed()
    person = held_person(anonymous_session(), user_id=int(number), session_hash=session_hash, at=clock.now())
    if person is None:
        raise SignInFailed()
    return begin_session(person)


def _wanted_page() -> str:
    wanted = request.args.get("next", "")
    return wanted if is_local_path(wanted) else home()
