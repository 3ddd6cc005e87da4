"""One transaction a request.

Opened with the scope of whoever asks, when first needed, committed once before the answer leaves. The commit
happens inside the dispatch, so that a constraint checked at commit is answered like any other refusal. An
answer that refuses (status 400 and above) rolls back even when a view returned it instead of raising.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import cast
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g
from flask import request as flask_request
from flask_login import current_user
from htmx_flask.requests import HtmxAwareRequest
from redis import Redis
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from config import Settings
from portal.files.store import FileStore
from portal.identity.keys import KeyRing
from portal.identity.tokens import InvalidToken, TokenMemory, TokenVerifier, bearer_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import Database, rescope, transaction
from portal.kernel.db_errors import translated
from portal.kernel.errors import N_, DomainError
from portal.kernel.network import network_of
from portal.kernel.opaque import Sealer
from portal.kernel.registry import Registry
from portal.kernel.timed_cache import TimedCache
from portal.web.json_provider import OrjsonProvider
from portal.web.rate_limits import Limits
from portal.web.static_files import send_packed

# Where a request keeps its transactions: as the serving role, as the one that signs people in before it is
# known who asks, and as that role for whoever asks.
_SERVING, _ISSUER, _ISSUING = "session", "issuer_session", "issuing_session"
_SESSIONS = (_SERVING, _ISSUER, _ISSUING)

request = cast(HtmxAwareRequest, flask_request)
"""The running request, with what htmx says of it: every request of the portal is of this class."""

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class SignInNeeded(DomainError):
    """Nobody is signed in, or not any more. Answered with 401, or with the way to the sign-in page."""

    code = "sign_in_needed"
    message = N_("Sign in to go on.")


class Portal(Flask):
    """The web application with what its requests share."""

    settings: Settings
    declared: Registry
    database: Database
    sealer: Sealer
    issuer_database: Database
    valkey: Redis
    file_store: FileStore
    scan_upload: Callable[[bytes], None]
    limits: Limits
    keys: KeyRing
    tokens: TokenVerifier
    token_memory: TokenMemory
    reference_cache: TimedCache
    json: OrjsonProvider

    def send_static_file(self, filename: str) -> Response:
        """A file that browsers load, packed where they take it so."""
        return send_packed(self.static_folder or "", filename, self.get_send_file_max_age(filename))

    def dispatch_request(self) -> Response:
        """Run the view and settle its transaction."""
        try:
            response = self.make_response(super().dispatch_request())
            _settle(response)
        except DBAPIError as error:
            _roll_back()
            raise translated(error) from error
        except BaseException:
            _roll_back()
            raise
        return response

    def log_exception(self, exc_info: _Raised) -> None:
        """Through the structured log, which masks secrets."""
        structlog.get_logger("portal").error("exception", exc_info=exc_info)


def portal() -> Portal:
    """The application of the running request."""
    return cast(Portal, current_app)


def current_actor() -> Actor:
    """Who asks: the bearer of a token, or the person signed in. Raises SignInNeeded."""
    if "actor" in g:
        return cast(Actor, g.actor)
    if not current_user.is_authenticated:
        raise SignInNeeded()
    return cast(Actor, current_user.actor)


def current_session() -> Session:
    """The transaction of this request, with the scope of the current actor. Raises SignInNeeded."""
    if "session" not in g:
        actor = current_actor()  # who was only just looked up has a session already
        if "session" not in g:
            _begin(lambda: portal().database.session_for(actor))
    return cast(Session, g.session)


def own_transaction() -> AbstractContextManager[Session]:
    """A transaction beside the request's, with the same scope: for one of many acts that stand by themselves.

    It is settled when it is left, whatever becomes of the request.
    """
    return transaction(portal().database.session_for(current_actor()))


def leave_database() -> None:
    """Commit what the request has done so far and give its connection back, before it waits for a machine of
    others: nothing of ours is locked meanwhile. What follows is another transaction.
    """
    for session in _begun():
        session.commit()


@contextmanager
def tried_transaction() -> Iterator[Session]:
    """The same, of which nothing stays: what an act would do, to be shown before it is done."""
    session = portal().database.session_for(current_actor())
    try:
        yield session
    finally:
        session.rollback()
        session.close()


def anonymous_session() -> Session:
    """The transaction in which a request finds out or changes who may come in, as the role that does.

    It sees every account.

    It is another one than `current_session`, and both are settled with the answer.
    """
    if "issuer_session" not in g:
        _begin(portal().issuer_database.system_session, _ISSUER)
    return cast(Session, g.issuer_session)


def issuing_session() -> Session:
    """The transaction in which whoever asks changes accounts and sessions, as the role that may write them.

    With the scope of the current actor: an owner reaches the people of its dealer, and row-level security
    says so too. Raises SignInNeeded.
    """
    if _ISSUING not in g:
        actor = current_actor()
        _begin(lambda: portal().issuer_database.session_for(actor), _ISSUING)
    return cast(Session, g.issuing_session)


def personal_session(key: str, dealer_id: int | None) -> Session:
    """Begin this request's transaction for somebody whose signed claim is still to be looked up."""
    if "session" in g:
        raise RuntimeError("this request has a transaction already")
    _begin(lambda: portal().database.personal_session(key, dealer_id))
    return cast(Session, g.session)


def act_as(actor: Actor) -> None:
    """The claim of the `personal_session` was true."""
    rescope(g.session, actor)
    g.actor = actor


def act_by_link(actor: Actor) -> None:
    """Go on as whoever holds a link, within its scope alone, whoever else is signed in on the device."""
    close_session()
    g.actor = actor


def authenticate_bearer() -> Actor:
    """The actor of the request's bearer token.

    Raises InvalidToken, and TooManyRequests beyond the rate of the API.

    A request without a good token counts for the network it comes from, so that who has one is not held up by
    neighbours.
    """
    try:
        actor = _bearer()
    except InvalidToken:
        count_stranger()
        raise
    g.actor = actor
    portal().limits.spend(portal().settings.api_rate, "api", actor.key)
    return actor


def _bearer() -> Actor:
    token = bearer_token()
    bearer = portal().token_memory.recall(token)
    if bearer is not None:
        bearer.require_address(flask_request.remote_addr or "")
        return bearer.actor
    claims = portal().tokens.verify(token)
    bearer = bearer_of(personal_session(claims.subject, claims.dealer_id), claims, at=clock.now())
    bearer.require_address(flask_request.remote_addr or "")
    portal().token_memory.keep(token, bearer, claims)
    act_as(bearer.actor)
    return bearer.actor


def count_stranger() -> None:
    """One more request from this network by nobody who is known. Raises TooManyRequests."""
    portal().limits.spend(portal().settings.anonymous_rate, "stranger", network_of(request.remote_addr or ""))


def bearer_token() -> str:
    """The access token in the request's header. Raises InvalidToken without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("token_missing", N_("Send an access token in the header Authorization: Bearer …"))
    return token.strip()


def keep_on_refusal() -> None:
    """Commit what this request writes even if the answer refuses.

    The audit of a refused sign-in, a revoked token.
    """
    g.keep_on_refusal = True


def own_host() -> str:
    """Host and port of the address under which the portal is known."""
    return urlsplit(portal().settings.base_url).netloc


def close_session(_error: BaseException | None = None) -> None:
    """Give the connections back; whatever was not committed is gone."""
    for name in _SESSIONS:
        session: Session | None = g.pop(name, None)
        if session is not None:
            session.close()


def _begin(make: Callable[[], Session], name: str = _SERVING) -> None:
    """Open the transaction, which sets its scope.

    A connection that died while it lay idle (a restart, a firewall) is noticed here, where trying again loses
    nothing.
    """
    setattr(g, name, session := make())
    try:
        session.connection()
    except DBAPIError as error:
        session.close()
        if not error.connection_invalidated:
            raise
        setattr(g, name, session := make())
        session.connection()


def _settle(response: Response) -> None:
    refused = response.status_code >= 400 and not g.get("keep_on_refusal")
    for session in _begun():
        session.rollback() if refused else session.commit()


def _roll_back() -> None:
    for session in _begun():
        session.rollback()


def _begun() -> list[Session]:
    return [g.get(name) for name in _SESSIONS if name in g]
