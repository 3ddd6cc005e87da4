"""What happens around every view of the API, in this order.

Token, scope, Accept, body and query, view, ETag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, get_args

from flask import request
from pydantic import BaseModel, RootModel
from werkzeug.exceptions import NotAcceptable
from werkzeug.wrappers import Response

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Forbidden, Invalid, NotFound
from portal.web import error_handlers
from portal.web.api.buyer import sees_prices
from portal.web.api.fields import PRICED
from portal.web.api.keys import once
from portal.web.api.operations import FILE, FORM, PREFIX, Answer, Operation
from portal.web.api.reading import read_body, read_form_body, read_query, require_raw
from portal.web.download_audit import undo_unsent_download
from portal.web.request import authenticate_bearer, current_actor, portal

_KEPT = "private, no-cache"  # by the client only, and asked for again with If-None-Match
_VARY = "Authorization, Accept, Accept-Language"


class InsufficientScope(Forbidden):
    """The token is good and not meant for this."""

    code = "insufficient_scope"
    message = N_("The access token lacks the scope %(scope)s.")


def view_of(operation: Operation) -> Callable[..., Response]:
    """The Flask view of a call."""

    def view(**parameters: str) -> Response:
        actor = authenticate_bearer()
        if operation.rights and not any(right in actor.rights for right in operation.rights):
            return _scope_refusal(operation, actor)
        if not any(map(_acceptable, (operation.media, *operation.also))):
            raise NotAcceptable()
        return _respond(operation, _result(operation, parameters))

    view.__name__ = operation.name
    return view


def _scope_refusal(operation: Operation, actor: Actor) -> Response:
    """Names the scopes that the actor could have.

    A dealer's system is not told of headquarters' unless there are no others.
    """
    within = [right for right in operation.rights if right.startswith("hq:") is actor.is_staff] or list(
        operation.rights
    )
    fix = N_("Ask the issuer for a token with it.")
    response = error_handlers.answer(InsufficientScope(fix=fix, scope=" / ".join(within)))
    response.headers["WWW-Authenticate"] = (
        f'Bearer realm="tonglu", error="insufficient_scope", scope="{within[0]}"'
    )
    return response


def _acceptable(media: str) -> bool:
    accept = request.headers.get("Accept")
    if not accept or "*/*" in accept or media == FILE:  # which names its own type
        return True
    offered = {media, media.partition("/")[0] + "/*"}
    return any(
        quality > 0 and wanted.partition(";")[0].strip() in offered
        for wanted, quality in request.accept_mimetypes
    )


def _result(operation: Operation, parameters: dict[str, str]) -> Any:
    """What the view returns for path, query and body. Raises Invalid, Unreadable, NotFound."""
    if any("\x00" in value for value in parameters.values()):
        raise NotFound()
    arguments: dict[str, Any] = dict(parameters)
    if operation.query is not None:
        arguments["query"] = read_query(operation.query)
    if operation.raw:
        require_raw(operation.raw, operation.raw_max)
    if operation.body is None:
        return operation.view(**arguments)
    is_form = operation.takes_file and request.mimetype == FORM
    body = read_form_body(operation.body, operation.form_max) if is_form else read_body(operation.body)
    if operation.lenient:
        return operation.view(body=body, **arguments)
    if body.value is None:
        raise Invalid(faults=body.faults)
    arguments["body"] = body.value
    if operation.creates and not operation.keeps_keys:
        return once(lambda: operation.view(**arguments), body.raw, operation.status)
    return operation.view(**arguments)


def _respond(operation: Operation, result: Any) -> Response:
    """The response of what a view returned: a dict, an `Answer`, or a response of its own (a file)."""
    response = result if isinstance(result, Response) else _json(operation, result)
    response.headers["Vary"] = _VARY
    is_streamed = isinstance(result, Response) and result.direct_passthrough
    if request.method in ("GET", "HEAD") and response.status_code == 200 and not is_streamed:
        _make_conditional(response, result.same if isinstance(result, Answer) else None)
    return undo_unsent_download(response) if isinstance(result, Response) else response


def _json(operation: Operation, result: Any) -> Response:
    answer = result if isinstance(result, Answer) else Answer(result, operation.status)
    is_accepted = answer.status == 202 and operation.accepted is not None
    content, shape = answer.content, operation.accepted if is_accepted else operation.answers
    if shape is not None and not sees_prices(current_actor()):
        content = _without_prices(content, shape)
    response = portal().json.response(content)
    response.status_code = answer.status
    response.headers.update(answer.headers)
    if operation.located and not is_accepted:
        response.headers["Location"] = PREFIX + operation.located.format(**answer.content)
    return response


def _without_prices(content: Any, shape: Any) -> Any:
    """The answer without the members that its shape marks as priced, however deep."""
    model = next(
        (
            kind
            for kind in (shape, *get_args(shape))
            if isinstance(kind, type) and issubclass(kind, BaseModel)
        ),
        None,
    )
    if model is None or content is None:
        return content
    if issubclass(model, RootModel):
        return _without_prices(content, model.model_fields["root"].annotation)
    if isinstance(content, list):
        return [_without_prices(item, model) for item in content]
    shown = {
        field.alias or name: field.annotation
        for name, field in model.model_fields.items()
        if PRICED not in field.metadata
    }
    return {name: _without_prices(value, shown[name]) for name, value in content.items() if name in shown}


def _make_conditional(response: Response, same: bytes | None) -> None:
    """Weak, since a proxy may compress what we hashed."""
    tag = hashlib.blake2b(same or response.get_data(), digest_size=12).hexdigest()
    response.headers["ETag"] = f'W/"{tag}"'
    response.headers["Cache-Control"] = _KEPT
    if "If-None-Match" in request.headers and request.if_none_match.contains_weak(tag):
        response.status_code = 304
        response.set_data(b"")
        for header in ("Content-Type", "Content-Length", "Content-Disposition"):
            response.headers.pop(header, None)
