"""Where whoever is signed in is signed in, and was; second factors and recovery codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, session, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.identity import second_factors
from portal.identity.factor_codes import totp_address
from portal.identity.own_sessions import end_other_sessions, end_session, own_history, own_sessions
from portal.identity.passkeys import PasskeyRefused, creation_options, made_passkey, new_challenge
from portal.identity.words import FACTOR_KINDS
from portal.kernel import clock
from portal.kernel.errors import Conflict, Invalid
from portal.web.browser_session import lacks_factor
from portal.web.forms import Form, Stripped, read_form
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.presentation import in_full, labels
from portal.web.qr_picture import qr_picture
from portal.web.request import current_actor, issuing_session, portal
from portal.web.second_form import relying_host, vault

blueprint = Blueprint("security", __name__, url_prefix="/account/security")
blueprint.context_processor(dealer_frame)

_CHALLENGE = "passkey_challenge"


class AppForm(Form):
    """The first code of an app, and what to call it."""

    label: Stripped
    code: Stripped


class PasskeyForm(Form):
    """What the browser answered, and what to call the passkey."""

    label: Stripped
    passkey: str


@blueprint.get("")
def index() -> str:
    """Second factors, sessions and sign-ins."""
    issuing, actor = issuing_session(), current_actor()
    return render_template(
        "account/security.html",
        factors=second_factors.factors_of(issuing, actor=actor),
        kinds=labels(FACTOR_KINDS),
        is_demanded=lacks_factor(current_user),
        sessions=own_sessions(issuing, actor=actor, this=current_user.session_hash, at=clock.now()),
        history=own_history(issuing, actor=actor),
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


@blueprint.post("/app")
@fresh_sign_in
def begin_app() -> str | Response:
    """Show the secret of an app, as a QR code and to type."""
    try:
        second_factors.begin_totp(issuing_session(), actor=current_actor(), vault=vault(), at=clock.now())
    except Conflict as refusal:
        return _refused(refusal)
    return _app_page({"label": ""})


@blueprint.post("/app/confirmation")
@fresh_sign_in
def confirm_app() -> str | Response:
    """The first code of the app."""
    form = read_form(AppForm)
    try:
        codes = second_factors.confirm_totp(
            issuing_session(),
            actor=current_actor(),
            vault=vault(),
            label=form.label,
            code=form.code,
            at=clock.now(),
        )
    except Invalid as refusal:
        return make_response(_app_page({"label": form.label}, refusal), 422)
    return _added(codes)


@blueprint.post("/passkeys/new")
@fresh_sign_in
def begin_passkey() -> str:
    """A page on which the browser makes a passkey."""
    return _passkey_page({"label": ""})


@blueprint.post("/passkeys")
@fresh_sign_in
def add_passkey() -> str | Response:
    """Keep what the browser made; its challenge is good once."""
    form, issuing, at = read_form(PasskeyForm), issuing_session(), clock.now()
    try:
        made = made_passkey(relying_host(), challenge=session.pop(_CHALLENGE, ""), answer=form.passkey)
        codes = second_factors.add_passkey(issuing, actor=current_actor(), made=made, label=form.label, at=at)
    except PasskeyRefused:
        page = _passkey_page({"label": form.label}, gettext("The passkey was not given. Try again."))
        return make_response(page, 422)
    except Invalid as refusal:
        problem = " ".join(in_full(fault) for fault in refusal.faults)
        return make_response(_passkey_page({"label": form.label}, problem), 422)
    except Conflict as refusal:
        return _refused(refusal)
    return _added(codes)


@blueprint.post("/factors/<factor>/removal")
@fresh_sign_in
def remove(factor: str) -> Response:
    """Do without a second factor."""
    second_factors.remove_factor(issuing_session(), actor=current_actor(), key=factor)
    flash(gettext("The second factor has been removed."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/recovery-codes")
@fresh_sign_in
def new_codes() -> str | Response:
    """Other recovery codes; those of before are good for nothing."""
    try:
        codes = second_factors.make_recovery_codes(issuing_session(), actor=current_actor())
    except Conflict as refusal:
        return _refused(refusal)
    return _codes_page(codes)


def _added(codes: list[str]) -> str | Response:
    """Recovery codes with the first factor, shown this once."""
    if codes:
        return _codes_page(codes)
    flash(gettext("The second factor counts from the next sign-in on."), "success")
    return redirect(url_for(".index"), 303)


def _refused(refusal: Conflict) -> Response:
    issuing_session().rollback()
    flash(in_full(refusal), "error")
    return redirect(url_for(".index"), 303)


def _codes_page(codes: list[str]) -> str:
    return render_template("account/recovery_codes.html", codes=codes)


def _app_page(typed: dict[str, Any], refusal: Invalid | None = None) -> str:
    secret = second_factors.begun_totp(issuing_session(), actor=current_actor(), vault=vault()) or ""
    address = totp_address(
        secret, account=current_user.person.email, issuer=portal().settings.company_name_en
    )
    faults = refusal.faults if refusal else ()
    return render_template(
        "account/app.html",
        typed=typed,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        picture=qr_picture(address),
        beside=lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
    )


def _passkey_page(typed: dict[str, Any], problem: str | None = None) -> str:
    session[_CHALLENGE] = challenge = new_challenge()
    person, host = current_user.person, relying_host()
    options = creation_options(
        host,
        challenge=challenge,
        handle=portal().sealer.seal("passkey", [person.id]),
        account=person.email,
        name=person.display_name,
        known=second_factors.known_passkeys(issuing_session(), person.id),
    )
    return render_template("account/passkey.html", typed=typed, options=options, problem=problem)
