"""What letters lead to, without signing in: accept an invitation, choose another password.

The address is a secret. It says nothing of dealer or account: those are of the row that its hash finds.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, session, url_for
from flask_babel import get_locale, gettext
from flask_login import logout_user
from werkzeug.wrappers import Response as Answer

from portal.identity.accept_invitation import accept_invitation, invited
from portal.identity.chosen_passwords import PasswordRules
from portal.identity.mail_addresses import plain_mail
from portal.identity.reset_password import ask_reset, reset_password, resetting
from portal.kernel import clock
from portal.kernel.errors import Conflict, DomainError, Invalid, NotFound
from portal.kernel.network import network_of
from portal.web.forms import Form, Stripped, read_form
from portal.web.presentation import in_full, in_language
from portal.web.request import anonymous_session, portal, request
from portal.web.role_words import role_words

blueprint = Blueprint("account_links", __name__)

_GONE = 410


class AcceptanceForm(Form):
    """Name and password of a new account."""

    name: Stripped
    password: str


class ForgottenForm(Form):
    """Whose password is forgotten."""

    email: Stripped


class ResetForm(Form):
    """The next password."""

    new: str


def password_rules() -> PasswordRules:
    """As the settings have them."""
    return PasswordRules(portal().settings.password_min, portal().settings.password_breached)


@blueprint.after_request
def keep_out_of_search_engines(response: Response) -> Response:
    """The address is a secret; nobody lists it."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/invitation/<token>")
def invitation(token: str) -> Answer:
    """To what somebody was invited."""
    _count()
    try:
        found = invited(anonymous_session(), token=token, at=clock.now())
    except NotFound:
        return _closed("invitation")
    return make_response(_acceptance(found, found.name, None))


@blueprint.post("/invitation/<token>")
def accept(token: str) -> Answer:
    """Begin the account, then sign in as everybody does."""
    _count()
    form, at = read_form(AcceptanceForm), clock.now()
    try:
        accept_invitation(
            anonymous_session(),
            token=token,
            name=form.name,
            password=form.password,
            rules=password_rules(),
            locale=str(get_locale())[:2],
            at=at,
        )
    except NotFound:
        return _closed("invitation")
    except (Invalid, Conflict) as refusal:
        anonymous_session().rollback()
        found = invited(anonymous_session(), token=token, at=at)
        page = _acceptance(found, form.name, refusal)
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
    return _to_sign_in(gettext("Your account is ready. Sign in with the password you chose."))


@blueprint.get("/password/forgotten")
def forgotten() -> str:
    """Where a link is asked for."""
    return render_template("account/forgotten.html", is_sent=False, email=request.args.get("email", "")[:254])


@blueprint.post("/password/forgotten")
def send_link() -> str:
    """Have a letter sent, if there is such an account; the answer is the same."""
    settings, email = portal().settings, read_form(ForgottenForm).email
    network = network_of(request.remote_addr or "")
    portal().limits.spend(settings.password_reset_rate_address, "resets by address", network)
    portal().limits.spend(settings.password_reset_rate, "resets", plain_mail(email[:300])[:254])
    ask_reset(anonymous_session(), email=email, minutes=settings.password_reset_minutes, at=clock.now())
    return render_template("account/forgotten.html", is_sent=True, email="")


@blueprint.get("/password/<token>")
def choose(token: str) -> Answer:
    """A form for the next password."""
    _count()
    try:
        found = resetting(anonymous_session(), token=token, at=clock.now())
    except NotFound:
        return _closed("reset")
    return make_response(render_template("account/reset.html", found=found, errors=()))


@blueprint.post("/password/<token>")
def reset(token: str) -> Answer:
    """Set it; whoever was signed in as this person is no more."""
    _count()
    at = clock.now()
    try:
        new = read_form(ResetForm).new
        reset_password(anonymous_session(), token=token, new=new, rules=password_rules(), at=at)
    except NotFound:
        return _closed("reset")
    except Invalid as refusal:
        anonymous_session().rollback()
        found = resetting(anonymous_session(), token=token, at=at)
        errors = [in_full(fault) for fault in refusal.faults]
        return make_response(render_template("account/reset.html", found=found, errors=errors), 422)
    return _to_sign_in(gettext("Your password has been changed. Sign in with it."))


def _count() -> None:
    network = network_of(request.remote_addr or "")
    portal().limits.spend(portal().settings.account_link_rate, "account links", network)


def _closed(kind: str) -> Answer:
    return make_response(render_template("account/link_closed.html", kind=kind), _GONE)


def _to_sign_in(words: str) -> Answer:
    """Whoever was signed in on this device is not who is meant."""
    logout_user()
    session.clear()
    flash(words, "success")
    return redirect(url_for("account.login"), 303)


def _acceptance(found: Any, name: str, refusal: DomainError | None) -> str:
    faults = refusal.faults if refusal else ()
    return render_template(
        "account/invitation.html",
        found=found,
        name=name,
        company=in_language(*found.company) if found.company else gettext("Headquarters"),
        roles=role_words(found.roles, found.custom_names),
        problem=in_full(refusal) if refusal and not faults else None,
        beside=lambda field: [in_full(fault) for fault in faults if fault.pointer == f"/{field}"],
    )
