"""The built-in OAuth 2.1 / OpenID Connect issuer: its pages and endpoints."""

from __future__ import annotations

from typing import cast

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error, OAuth2Request
from flask import Blueprint, Request, Response, current_app, jsonify, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from config import Settings
from portal.identity import queries
from portal.identity.check_password import check_password
from portal.identity.client_keys import AsymmetricKey
from portal.identity.credentials import hash_secret
from portal.identity.issuer import Issuing, discovery, named_client, user_info
from portal.identity.mail_addresses import plain_mail
from portal.identity.oauth_client import portal_client
from portal.identity.relying_party import SignInFailed
from portal.identity.remote_keys import KeysUnreachable, RemoteKeys
from portal.kernel import clock, http_out
from portal.kernel.errors import N_, Forbidden
from portal.kernel.network import network_of
from portal.providers.queries import signs_in_elsewhere
from portal.web.request import (
    Portal,
    anonymous_session,
    authenticate_bearer,
    bearer_token,
    current_session,
    keep_on_refusal,
    leave_database,
    portal,
)
from portal.web.second_form import begun_form, passed_step, second_form

blueprint = Blueprint("issuer", __name__)

_KEYS_MAX_AGE_SECONDS = 300
_KEYS_TIMEOUT_SECONDS = 4.0
_REMOTE_KEYS = RemoteKeys()


class Issuer(Issuing, AuthorizationServer):
    """Authlib's server for Flask with our tables."""

    @property
    def session(self) -> Session:
        """The transaction of the running request."""
        return anonymous_session()

    @property
    def remote_address(self) -> str:
        """From where the running request comes."""
        return request.remote_addr or ""

    def keys_under(self, url: str, kid: object, *, of_dealer: bool) -> list[AsymmetricKey]:
        """The public keys that a client publishes, asked for while nothing of ours is held."""
        return _REMOTE_KEYS.of(url, kid, lambda: _published(url, of_dealer=of_dealer))

    def create_oauth2_request(self, request: object) -> OAuth2Request:
        """The running request, as Authlib reads it."""
        return _TrustedRequest(current_request())


def _published(url: str, *, of_dealer: bool) -> bytes:
    leave_database()
    try:
        answer = http_out.get(
            url,
            {"Accept": "application/json, application/jwk-set+json"},
            timeout=_KEYS_TIMEOUT_SECONDS,
            allow_private=portal().settings.private_for(dealers=of_dealer),
        )
    except (http_out.AddressRefused, http_out.SendingFailed) as error:
        raise KeysUnreachable() from error
    if answer.status != 200 or answer.is_cut:
        raise KeysUnreachable()
    return answer.body


class _TrustedRequest(FlaskOAuth2Request):
    """Authlib wants to see https in the address.

    Whether TLS ends before us is the operator's decision, not the address's.
    """

    def __init__(self, received: Request) -> None:
        OAuth2Request.__init__(
            self, received.method, "https://" + received.url.partition("://")[2], headers=received.headers
        )
        self._request = received
        self.payload = FlaskOAuth2Payload(received)


def current_request() -> Request:
    """The request itself, not its proxy."""
    return cast(LocalProxy[Request], request)._get_current_object()


def audience(settings: Settings) -> str:
    """What access tokens are for."""
    return f"{settings.base_url}/api/v1"


def callback(settings: Settings) -> str:
    """Where the issuer sends people back to the portal."""
    return f"{settings.base_url}/login/callback"


def init_app(app: Portal) -> None:
    """Build the issuer of this application and limit attempts at its secrets."""
    settings = app.settings
    server = Issuer(app)
    server.portal = portal_client(
        secret_key=settings.secret_key.get_secret_value(),
        callback=callback(settings),
        signed_out=f"{settings.base_url}/login",
    )
    server.equip(
        app.keys,
        issuer=settings.base_url,
        audience=audience(settings),
        seconds=settings.access_token_seconds,
        sealer=app.sealer,
    )
    app.extensions["issuer"] = server
    for view in (token, revoke, introspect, userinfo):
        app.extensions["csrf"].exempt(view)  # programs call them, with a secret or a token of their own
    _limit_attempts(app)


def _limit_attempts(app: Portal) -> None:
    """Count refused attempts.

    At an account from one address, and far more of them at the account or from the address.

    What is typed is counted, whether or not there is such an account.
    """
    settings = app.settings
    for endpoint, rate, key in (
        ("issuer.authorize", settings.login_attempts, _account_and_address),
        ("issuer.authorize", settings.login_attempts_account, _account),
        ("issuer.authorize", settings.login_attempts_address, _address),
        ("issuer.token", settings.login_attempts, _client_and_address),
        ("issuer.revoke", settings.login_attempts, _client_and_address),
        ("issuer.introspect", settings.login_attempts, _client_and_address),
    ):
        app.limits.limit(app, endpoint, rate, key=key, counts=lambda answer: answer.status_code == 401)


def _address() -> str:
    return f"address:{network_of(request.remote_addr or '')}"


def _account() -> str:
    if (
        "step" in request.form
    ):  # names nobody; each counts for itself, besides for the account in the database
        return f"step:{hash_secret(request.form['step'][:200])}"
    return f"account:{plain_mail(request.form.get('email', '')[:300])[:254]}"


def _account_and_address() -> str:
    return f"{_address()}:{_account()}"


def _client_and_address() -> str:
    form = request.form
    named = named_client(dict(request.headers), form.get("client_id"), form.get("client_assertion"))
    return f"{_address()}:client:{named[:64]}"


def issuer() -> Issuer:
    """The issuer of the running application."""
    return cast(Issuer, current_app.extensions["issuer"])


@blueprint.get("/.well-known/oauth-authorization-server")
@blueprint.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """OpenID Provider metadata."""
    return _public(jsonify(discovery(portal().settings.base_url)))


@blueprint.get("/.well-known/jwks.json")
def key_set() -> Response:
    """The public keys."""
    return _public(jsonify(portal().keys.public_keys().as_dict(private=False)))


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={_KEYS_MAX_AGE_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.route("/oauth/authorize", methods=["GET", "POST"])
def authorize() -> Response | tuple[str, int] | str:
    """The sign-in form, and its answer: back to the client with a code."""
    try:
        grant = issuer().get_consent_grant(end_user=None)
    except OAuth2Error as error:
        return _send_back(error)
    except (
        ValueError
    ):  # Authlib repeats a parameter in its refusal, and refuses characters that must not stand there
        raise SignInFailed() from None
    if request.method == "GET":
        return _form()
    keep_on_refusal()
    if "step" in request.form:
        passed = passed_step(anonymous_session())
        if passed.person is None:
            return second_form(passed), 401
        return cast(Response, issuer().create_authorization_response(grant_user=passed.person, grant=grant))
    person = check_password(
        anonymous_session(),
        email=request.form.get("email", ""),
        password=request.form.get("password", ""),
        at=clock.now(),
    )
    if person is None:
        return _form(_("The email or the password is wrong. Check both and try again.")), 401
    elsewhere = signs_in_elsewhere(anonymous_session(), person)
    if elsewhere is not None:
        return _form(
            _("You sign in at %(name)s: choose the company sign-in below.", name=elsewhere.name)
        ), 403
    if person.has_second_factor:
        return begun_form(person)
    return cast(Response, issuer().create_authorization_response(grant_user=person, grant=grant))


def _form(error: str | None = None) -> str:
    return render_template("account/sign_in.html", error=error, email=request.form.get("email", "")[:254])


def _send_back(error: OAuth2Error) -> Response:
    """An error goes to the client only where the redirect URI is known to be its own.

    Else the visitor is told.
    """
    if not error.redirect_uri:
        raise SignInFailed() from error
    return cast(Response, issuer().handle_error_response(None, error))


@blueprint.post("/oauth/token")
def token() -> Response:
    """Tokens for codes, refresh tokens and client credentials."""
    return _twice() or cast(Response, issuer().create_token_response())


@blueprint.post("/oauth/revoke")
def revoke() -> Response:
    """A client gives a token back."""
    return _twice() or cast(Response, issuer().create_endpoint_response("revocation"))


@blueprint.post("/oauth/introspect")
def introspect() -> Response:
    """A client asks what a token is worth."""
    return _twice() or cast(Response, issuer().create_endpoint_response("introspection"))


def _twice() -> Response | None:
    """The refusal of a parameter that stands there twice (RFC 6749, 3.2): Authlib would take the first.

    What is written by a refusal is kept: a code that was shown is used up, a family that was abused stays
    revoked, a wrong secret is counted.
    """
    keep_on_refusal()
    if all(len(values) == 1 for values in request.form.listvalues()):
        return None
    twice = InvalidRequestError("A parameter stands here twice.")
    return cast(Response, issuer().handle_error_response(None, twice))


@blueprint.route("/oauth/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """Claims about the person an access token stands for."""
    actor = authenticate_bearer()
    scopes = portal().tokens.verify(bearer_token()).scopes
    person = queries.person(current_session(), actor.user_id) if actor.user_id else None
    if person is None or "openid" not in scopes:
        raise Forbidden("missing_scope", N_("This needs a token of a person with the scope openid."))
    return jsonify(user_info(person, " ".join(scopes), portal().sealer))
