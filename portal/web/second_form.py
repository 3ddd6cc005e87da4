"""The form of the sign-in that asks for the second factor, and what it was sent."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.identity.passkeys import RelyingHost
from portal.identity.queries import Person
from portal.identity.second_factors import Vault
from portal.identity.second_step import Given, Passed, Step, begin_step, pass_step, shown_step
from portal.kernel import clock
from portal.web.request import anonymous_session, portal


def relying_host() -> RelyingHost:
    """Whom passkeys are for."""
    settings = portal().settings
    return RelyingHost(settings.base_url, settings.company_name_en)


def vault() -> Vault:
    """Where the secrets of apps lie."""
    return Vault(*portal().settings.secret_keys)


def begun_form(person: Person) -> str:
    """The password was right."""
    step = begin_step(anonymous_session(), person=person, host=relying_host(), at=clock.now())
    return _page(step, None)


def passed_step(session: Session) -> Passed:
    """Who passed by what the form was sent."""
    given = Given(request.form.get("code", "")[:200], request.form.get("passkey", ""))
    token = request.form.get("step", "")
    return pass_step(session, token=token, given=given, host=relying_host(), vault=vault(), at=clock.now())


def second_form(passed: Passed) -> str:
    """The form again, with why; the first one for a sign-in that has ended."""
    token = request.form.get("step", "")
    step = shown_step(anonymous_session(), token=token, host=relying_host(), at=clock.now())
    if step is None or passed.refusal == "gone":
        error = gettext("This took too long. Sign in again.")
        return render_template("account/sign_in.html", error=error, email="")
    if passed.until is not None:
        seconds = max(1, round((passed.until - clock.now()).total_seconds()))
        return _page(step, gettext("Too many wrong codes. Wait %(seconds)s seconds.", seconds=seconds))
    return _page(step, gettext("This is not right, or was used already. Try the next code."))


def _page(step: Step, error: str | None) -> str:
    return render_template("account/second_factor.html", step=step, error=error)
