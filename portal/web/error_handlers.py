"""From a refusal to its answer: status, and a page, a fragment of one, or problem+json (RFC 9457).

The only such place. Messages are translated here. What went wrong inside is logged with the request id and
never told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from flask import Flask, Response, g, jsonify, render_template
from flask_babel import gettext
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from jinja2_fragments.flask import render_block
from psycopg import DataError
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from portal.identity.relying_party import SignInFailed
from portal.identity.tokens import InvalidToken
from portal.kernel import money
from portal.kernel.db_errors import translated
from portal.kernel.errors import (
    N_,
    Conflict,
    DomainError,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    Proposal,
    Unavailable,
    Unreadable,
)
from portal.tracking.signatures import Unsigned
from portal.web.api.buyer import sees_prices
from portal.web.hosts import Misdirected
from portal.web.presentation import fix_in_words, in_words
from portal.web.rate_limits import TooManyRequests
from portal.web.request import SignInNeeded, current_actor, portal, request

_STATUS: dict[type[DomainError], HTTPStatus] = {
    Unreadable: HTTPStatus.BAD_REQUEST,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    InvalidToken: HTTPStatus.UNAUTHORIZED,
    SignInNeeded: HTTPStatus.UNAUTHORIZED,
    Unsigned: HTTPStatus.UNAUTHORIZED,
    SignInFailed: HTTPStatus.BAD_REQUEST,
    Misdirected: HTTPStatus.MISDIRECTED_REQUEST,
}
_PAGES = frozenset({400, 401, 403, 404, 409, 413, 421, 422, 429, 500, 503})
_PAGES_OF_ISSUER = frozenset({"/oauth/authorize", "/oauth/logout"})
_RETRY_SECONDS = 5
FAULTS_MAX = 500  # in one answer

_TITLES = {
    400: N_("The request cannot be read"),
    401: N_("Sign-in needed"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("This address does not take that method"),
    406: N_("This form of answer is not offered"),
    409: N_("The status does not allow this"),
    413: N_("Too large"),
    415: N_("The content type is not supported"),
    421: N_("Not the address of this portal"),
    422: N_("Some entries need attention"),
    429: N_("Too many requests"),
    500: N_("Something went wrong"),
    503: N_("Briefly unavailable"),
}
_HTTP_WORDS = {
    400: N_("The request is malformed. Check its form and send it again."),
    404: N_("Page not found."),
    405: N_("Use one of the methods named in the header Allow."),
    406: N_("The answer cannot be given in a form that your header Accept allows."),
    413: N_("The request is larger than %(megabytes)s MB. Send less at once."),
    415: N_("Send JSON with the header Content-Type: application/json."),
    500: N_("It has been recorded. Try again; if it happens twice, tell support the reference."),
    503: N_("The service is briefly unavailable. Nothing was saved; try again."),
}
_CSRF = N_(
    "This form was open for too long, or it did not come from this portal. "
    "Load the page again and send it once more."
)


def init_app(app: Flask) -> None:
    """Answer every refusal."""
    app.register_error_handler(DomainError, answer)
    app.register_error_handler(DBAPIError, lambda error: answer(_of_database(error)))
    for away in (PoolTimeout, RedisError):
        app.register_error_handler(away, lambda _error: answer(Unavailable()))
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(
        RateLimitExceeded, lambda _error: answer(TooManyRequests(retry_after=portal().limits.retry_after()))
    )


def answer(error: DomainError) -> Response:
    """The answer to a refusal of the domain."""
    response = _represent(status_of(error), error)
    retry_after = getattr(error, "retry_after", _RETRY_SECONDS if isinstance(error, Unavailable) else None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if isinstance(error, InvalidToken):
        response.headers["WWW-Authenticate"] = _challenge(error)
    return response


def status_of(error: DomainError) -> int:
    """HTTP status of a refusal.

    A kind that is not in the table is answered like the kind it is derived from.
    """
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), HTTPStatus.CONFLICT).value


def answer_http(error: HTTPException) -> Response:
    """The answer to a refusal of the web framework, and to anything unexpected (500)."""
    if error.response is not None:
        return cast(Response, error.response)
    status = error.code or 500
    if isinstance(error, CSRFError):
        response = _represent(status, DomainError("csrf", _CSRF))
    else:
        response = _represent(status, _in_api_words(status), on_page=False)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _in_api_words(status: int) -> DomainError:
    """What a program is told; pages have words of their own for each status."""
    words = _HTTP_WORDS.get(status, _HTTP_WORDS[400 if status < 500 else 500])
    code = re.sub(r"[^a-z]+", "_", HTTPStatus(status).phrase.lower())
    return DomainError(code, words, megabytes=(request.max_content_length or 0) // 2**20)


def told(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """As many faults as an answer lists, the last of them saying how many there are besides."""
    if len(faults) <= FAULTS_MAX:
        return tuple(faults)
    message, fix = N_("%(more)s more faults are not listed."), N_("Correct these and send it again.")
    return (*faults[:FAULTS_MAX], Fault("", "more_faults", message, fix, {"more": len(faults) - FAULTS_MAX}))


def _represent(status: int, error: DomainError, *, on_page: bool = True) -> Response:
    error.faults = told(error.faults)
    if wants_problem():
        return _problem(status, error)
    page = _page_of(status, error)
    context = {"error": error if on_page else None, "request_id": g.get("request_id")}
    html = render_block(page, "content", **context) if request.htmx else render_template(page, **context)
    return Response(html, status, mimetype="text/html")


def _page_of(status: int, error: DomainError) -> str:
    if isinstance(error, SignInFailed):  # a reload would fail again: this page leads back to the beginning
        return "account/sign_in_failed.html"
    return f"errors/{status if status in _PAGES else 400 if status < 500 else 500}.html"


def wants_problem() -> bool:
    """Whether a program asks: everything under /api, and the issuer's endpoints that no browser opens."""
    path = request.path
    return path.startswith(("/api/", "/.well-known/")) or (
        path.startswith("/oauth/") and path not in _PAGES_OF_ISSUER
    )


def _problem(status: int, error: DomainError) -> Response:
    response = jsonify(
        type=f"urn:tonglu:problem:{error.code}",
        title=gettext(_TITLES.get(status, _TITLES[400])),
        status=status,
        detail=" ".join(filter(None, (in_words(error), fix_in_words(error)))),
        code=error.code,
        errors=[_fault(fault) for fault in error.faults],
        request_id=g.get("request_id"),
    )
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


_TOLD = ("expected", "actual", "paper", "ended_on")
"""Parameters of a fault that programs read."""


def _fault(fault: Fault) -> dict[str, object]:
    shown: dict[str, object] = {
        "pointer": fault.pointer,
        "code": fault.code,
        "message": in_words(fault),
        "fix": fix_in_words(fault),
    }
    shown |= {name: fault.params[name] for name in _TOLD if name in fault.params}
    return shown | ({"proposals": [_proposal(one) for one in fault.proposals]} if fault.proposals else {})


def _proposal(proposal: Proposal) -> dict[str, object]:
    shown = {"sku": proposal.sku, "quantity": proposal.quantity, "available": proposal.available}
    return shown | (
        {"unit_price": money.as_text(proposal.unit_price)} if sees_prices(current_actor()) else {}
    )


def _challenge(error: InvalidToken) -> str:
    """RFC 6750: no error code when no token was sent."""
    if error.code == "token_missing":
        return 'Bearer realm="tonglu"'
    description = (
        "The access token expired" if error.code == "token_expired" else "The access token is not valid"
    )
    return f'Bearer realm="tonglu", error="invalid_token", error_description="{description}"'


def _of_database(error: DBAPIError) -> DomainError:
    """The refusal behind a database error outside a view; an unknown one is raised again."""
    if isinstance(error.orig, DataError) and not error.orig.sqlstate:
        return Invalid(
            "unreadable_text",
            N_("A text contains a character that cannot be stored. Remove it and try again."),
        )
    return translated(error)
