"""What pages of company sign-in share: who we are at a provider, what a browser remembers meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app, session, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.identity.choose_locale import choose_locale
from portal.providers.arrive import to_sign_out_there
from portal.providers.conversation import Begun, Providers, Registration, leaving_address
from portal.providers.queries import Provider, opened_secret
from portal.web import language
from portal.web.browser_session import Visitor
from portal.web.request import Portal, anonymous_session, leave_database, portal, request

CHOSEN = "chosen_locale"
"""In the session of a browser: the language chosen before somebody signed in."""
LINKING = "linking"
"""There too: the account that somebody is about to link, sealed."""
SIGN_IN, TRIAL, PROOF = "sign_in", "trial", "proof"
"""What for somebody is sent to a provider."""
DEPARTURES = "departures"
"""There too: the sign-ins that were begun at the built-in issuer."""
_OUT = "sent_out"
_OUT_MAX = 4  # tabs in which somebody is at a provider


@dataclass(frozen=True, slots=True)
class Sent:
    """What was remembered when somebody was sent to a provider. next: the page that was wanted."""

    begun: Begun
    handle: str
    connection: int
    purpose: str
    next: str


def init_app(app: Portal) -> None:
    """What this process knows of providers."""
    app.extensions["providers"] = Providers()


def known_providers() -> Providers:
    """What the process knows of them."""
    return cast(Providers, current_app.extensions["providers"])


def registration(found: Provider) -> Registration:
    """Who we are at a provider."""
    return Registration(
        found.issuer,
        found.client_id,
        opened_secret(anonymous_session(), found),
        portal().settings.provider_networks(dealers=found.of_dealer),
    )


def callback_of(handle: str) -> str:
    """Where a provider sends people back to: for each its own, so that none answers for another."""
    return f"{portal().settings.base_url}{url_for('company_sign_in.callback', handle=handle)}"


def send_out(found: Provider, *, purpose: str, wanted: str = "", hint: str = "") -> str:
    """The address of the provider's sign-in page; what has to be remembered is. Raises NotLetIn."""
    ours = registration(found)
    more = {"ui_locales": str(get_locale()).replace("_", "-"), "login_hint": hint}
    if purpose != SIGN_IN:
        more["prompt"] = "login"
    if purpose == PROOF:
        more["max_age"] = "0"
    leave_database()
    address, begun = known_providers().begin(
        ours, callback=callback_of(found.handle), anew=purpose == TRIAL, **more
    )
    kept = session.get(_OUT, [])[1 - _OUT_MAX :]
    about = {"handle": found.handle, "connection": found.connection, "purpose": purpose, "next": wanted}
    session[_OUT] = [*kept, begun.as_dict() | about]
    return address


def taken_back(handle: str, state: str) -> Sent | None:
    """What was remembered under `state` for a provider, once."""
    kept = session.get(_OUT, [])
    for one in kept:
        if one["state"] == state and one["handle"] == handle:
            session[_OUT] = [other for other in kept if other is not one]
            begun = Begun(one["state"], one["nonce"], one["code_verifier"])
            return Sent(begun, handle, one["connection"], one["purpose"], one["next"])
    return None


def wanted_under(state: str) -> str:
    """The page that was wanted when somebody was sent to the built-in sign-in, which leads here too."""
    return next((str(one["next"]) for one in session.get(DEPARTURES, []) if one["state"] == state), "")


def way_out(session_hash: str) -> str:
    """Where a session that began at a provider is ended there too; empty for others."""
    there = to_sign_out_there(anonymous_session(), session_hash)
    if there is None:
        return ""
    endpoint, hint, client_id = there
    back = f"{portal().settings.base_url}{url_for('account.login')}"
    return leaving_address(endpoint, hint=hint, client_id=client_id, back=back)


def remember_language(response: Response, visitor: Visitor, chosen: str | None) -> None:
    """The language chosen before the sign-in is for good, as if it were chosen after it."""
    if chosen:
        choose_locale(anonymous_session(), actor=visitor.actor, locale=chosen)
    elif language.COOKIE not in request.cookies:
        language.remember(response, visitor.person.locale, secure=portal().settings.cookie_secure)
