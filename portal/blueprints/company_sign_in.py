"""Signing in at the provider of one's company: found by the domain of the address, and back again."""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    session,
    url_for,
)
from flask_babel import get_locale, gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.identity.mail_addresses import plain_mail
from portal.identity.prove_again import note_proof
from portal.identity.queries import person as person_of
from portal.identity.refusals import count_refusal
from portal.identity.rules import is_local_path
from portal.identity.vocabulary import IdentityAction
from portal.kernel import clock
from portal.kernel.network import network_of
from portal.providers.arrivals import was_just_proven
from portal.providers.arrive import NotAnyMore, ToLink, arrive, note_session, proven
from portal.providers.conversation import Told
from portal.providers.end_there import end_there
from portal.providers.keep_provider import note_trial
from portal.providers.mail_domains import as_read, domain_of, imitated, is_foreign
from portal.providers.queries import (
    Provider,
    domains_in_use,
    provider_by_handle,
    provider_of_domain,
    provider_of_person,
)
from portal.providers.refusals import NotLetIn, Why
from portal.web import company_sign_in
from portal.web.beginning import begin_session
from portal.web.browser_session import home
from portal.web.company_sign_in import CHOSEN, LINKING, PROOF, SIGN_IN, TRIAL, Sent
from portal.web.forms import Form, Stripped, read_form
from portal.web.presentation import in_full
from portal.web.request import (
    Portal,
    anonymous_session,
    issuing_session,
    leave_database,
    own_host,
    portal,
    request,
)

blueprint = Blueprint("company_sign_in", __name__)

_HINT = "company_hint"
_TOKEN_MAX = 32_768


class MailForm(Form):
    """Whose company. next: the page that was wanted."""

    email: Stripped
    next: str


def init_app(app: Portal) -> None:
    """Providers send logout tokens, which are signed; they have no token of our forms."""
    company_sign_in.init_app(app)
    app.extensions["csrf"].exempt(back_channel)


@blueprint.get("/login/company")
def ask() -> str:
    """Which company it is, by the address."""
    wanted = request.args.get("next", "") or company_sign_in.wanted_under(request.args.get("state", ""))
    return _question("", wanted if is_local_path(wanted) else "")


@blueprint.post("/login/company")
def find() -> str | Response:
    """Lead to the provider of the address's domain. Whether there is such an account is not looked at."""
    _spend()
    form = read_form(MailForm)
    mail = plain_mail(form.email)[:254]
    domain = domain_of(mail)
    found = provider_of_domain(anonymous_session(), domain) if domain else None
    wanted = form.next if is_local_path(form.next) else ""
    if found is None:
        return make_response(_question(form.email[:254], wanted, _no_company(domain)), 422)
    session[_HINT] = mail
    address = url_for(".begin", handle=found.handle, next=wanted or None)
    return render_template("account/on_the_way.html", address=address, name=found.name, leaves=False)


@blueprint.get("/login/company/<handle>")
def begin(handle: str) -> Response:
    """Send somebody to a provider; an address that companies put into their own start page."""
    _spend()
    wanted = request.args.get("next", "")
    if request.host != own_host() and "moved" not in request.args:
        path = url_for(".begin", handle=handle, next=wanted or None, moved=1)
        return redirect(f"{portal().settings.base_url}{path}")
    hint = session.pop(_HINT, "")
    return redirect(company_sign_in.send_out(_switched_on(handle), purpose=SIGN_IN, wanted=wanted, hint=hint))


@blueprint.get("/login/proof")
def prove() -> Response:
    """Send somebody who is signed in to the provider once more, to prove who it is."""
    _spend()
    if not current_user.is_authenticated:
        raise NotLetIn(Why.STATE)
    found = provider_of_person(anonymous_session(), current_user.person.id)
    if found is None:
        raise NotLetIn(Why.OFF)
    return redirect(company_sign_in.send_out(found, purpose=PROOF, hint=current_user.person.email))


@blueprint.get("/login/from/<handle>")
def callback(handle: str) -> str | Response:
    """Where a provider sends people back: check what it says, then who it is."""
    sent = company_sign_in.taken_back(handle, request.args.get("state", "")[:200])
    if sent is None:
        if current_user.is_authenticated:  # a second click while the first was under way
            return redirect(home())
        raise NotLetIn(Why.STATE)
    found = provider_by_handle(anonymous_session(), handle)
    if found is None or found.connection != sent.connection:
        raise NotLetIn(Why.OFF)
    try:
        told = _told(found, sent)
        return _ACTS[sent.purpose](found, sent, told)
    except NotLetIn as refusal:
        if sent.purpose == TRIAL and current_user.is_authenticated:
            return _tried_in_vain(found, refusal)
        _keep_refusal(found, refusal)
        raise


@blueprint.post("/login/from/<handle>/logout")
def back_channel(handle: str) -> Response:
    """A provider says that it has signed somebody out."""
    portal().limits.spend(portal().settings.back_channel_rate, "back-channel", _network())
    try:
        found = _switched_on(handle)
        ours = company_sign_in.registration(found)
        leave_database()
        token = company_sign_in.known_providers().signed_out(
            ours, request.form.get("logout_token", "")[: _TOKEN_MAX + 1], at=clock.now()
        )
        end_there(anonymous_session(), provider=found, token=token, at=clock.now())
    except NotLetIn as refusal:
        current_app.logger.info("back-channel logout refused: %s %s", refusal.code, refusal.detail)
        return make_response(jsonify(error="invalid_request", error_description=refusal.code), 400)
    response = Response(status=200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _sign_in(found: Provider, sent: Sent, told: Told) -> str | Response:
    """Begin the session of whoever it is, or ask to link the account that is there already."""
    at = clock.now()
    came = arrive(
        anonymous_session(),
        handle=found.handle,
        connection=sent.connection,
        claims=told.claims,
        locale=str(get_locale())[:2],
        at=at,
    )
    if isinstance(came, ToLink):
        session[LINKING] = came.sealed
        return render_template("account/link_account.html", name=found.name, next=sent.next)
    person = person_of(anonymous_session(), came)
    if person is None:
        raise NotLetIn(Why.SHUT_OUT)
    chosen = session.get(CHOSEN)
    visitor = begin_session(person)
    note_session(
        anonymous_session(),
        handle=found.handle,
        session_hash=visitor.session_hash,
        claims=told.claims,
        hint=told.hint,
        end_session_endpoint=told.end_session_endpoint,
    )
    response = redirect(sent.next if is_local_path(sent.next) else home())
    company_sign_in.remember_language(response, visitor, chosen)
    return response


def _trial(found: Provider, sent: Sent, told: Told) -> str | Response:
    """Keep what was said, to try rules on; nobody is signed in by it."""
    if not current_user.is_authenticated:
        raise NotLetIn(Why.STATE)
    note_trial(
        issuing_session(),
        actor=current_user.actor,
        handle=found.handle,
        connection=sent.connection,
        claims=told.claims,
        at=clock.now(),
    )
    flash(gettext("The trial sign-in was good. What the provider said is below."), "success")
    return redirect(_page_of(found))


def _proof(found: Provider, sent: Sent, told: Told) -> str | Response:
    """Whoever is signed in has proved once more who it is."""
    if not current_user.is_authenticated:
        raise NotLetIn(Why.STATE)
    if proven(anonymous_session(), handle=found.handle, claims=told.claims) != current_user.person.id:
        raise NotLetIn(Why.OTHER_PERSON)
    if not was_just_proven(told.claims, minutes=portal().settings.fresh_sign_in_minutes, at=clock.now()):
        raise NotLetIn(Why.NOT_FRESH)
    note_proof(
        anonymous_session(),
        actor=current_user.actor,
        session_hash=current_user.session_hash,
        at=clock.now(),
    )
    return render_template("account/proven.html")


_ACTS = {SIGN_IN: _sign_in, TRIAL: _trial, PROOF: _proof}


def _told(found: Provider, sent: Sent) -> Told:
    ours = company_sign_in.registration(found)
    leave_database()
    return company_sign_in.known_providers().finish(
        ours,
        callback=company_sign_in.callback_of(found.handle),
        answer=request.args.to_dict(),
        begun=sent.begun,
        at=clock.now(),
    )


def _switched_on(handle: str) -> Provider:
    found = provider_by_handle(anonymous_session(), handle)
    if found is None or not found.is_on:
        raise NotLetIn(Why.OFF)
    return found


def _keep_refusal(found: Provider, refusal: NotLetIn) -> None:
    """Count it, and keep what it ended, though the answer refuses."""
    if not isinstance(refusal, NotAnyMore):
        anonymous_session().rollback()
    count_refusal(
        anonymous_session(),
        IdentityAction.SESSION_REFUSED,
        f"provider:{found.handle}",
        dealer_id=found.dealer_id,
        reason=refusal.code,
        at=clock.now(),
    )
    leave_database()


def _tried_in_vain(found: Provider, refusal: NotLetIn) -> Response:
    anonymous_session().rollback()
    words = f"{in_full(refusal)} ({refusal.code}{': ' if refusal.detail else ''}{refusal.detail})"
    flash(words, "error")
    return redirect(_page_of(found))


def _page_of(found: Provider) -> str:
    return url_for("hq_providers.show" if current_user.is_staff else "providers.show", handle=found.handle)


def _question(email: str, wanted: str, error: str | None = None) -> str:
    return render_template("account/company.html", email=email, next=wanted, error=error)


def _no_company(domain: str) -> str:
    """What is told of a domain without a company sign-in; one that imitates another is named."""
    if not domain:
        return gettext("Enter your email.")
    likeness = imitated(domain, domains_in_use(anonymous_session()))
    if likeness:
        return gettext(
            "%(domain)s is not %(other)s, though it looks like it. Type the address anew.",
            domain=domain,
            other=as_read(likeness),
        )
    if is_foreign(domain):
        return gettext(
            "%(domain)s has letters of another alphabet, and no company sign-in. Type the address anew.",
            domain=domain,
        )
    return gettext(
        "There is no company sign-in for addresses at %(domain)s. Sign in with your password.", domain=domain
    )


def _spend() -> None:
    portal().limits.spend(portal().settings.company_sign_in_rate, "company-sign-in", _network())


def _network() -> str:
    return network_of(request.remote_addr or "")
