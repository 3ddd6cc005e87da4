"""Idempotency-Key: the header of creating calls, and the calls whose answers are kept here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import request

from portal.kernel import idempotency
from portal.kernel.errors import N_, Fault, Invalid
from portal.orders.answer import Idempotency
from portal.web.api.operations import Answer
from portal.web.request import current_actor, current_session, portal

KEY = "Idempotency-Key"
REPLAYED = {"Idempotency-Replayed": "true"}
_LENGTH_MAX = 255


def idempotency_of(raw: Any) -> Idempotency | None:
    """Key of the request and fingerprint of its method, path and JSON.

    Spacing and the order of members do not matter.
    """
    key = request.headers.get(KEY)
    if key is None:
        return None
    if not 1 <= len(key) <= _LENGTH_MAX or not (key.isascii() and key.isprintable()):
        message, fix = (
            N_("An idempotency key has 1 to %(max)s printable ASCII characters."),
            N_("A UUID is a good key."),
        )
        raise Invalid(faults=[Fault(KEY, "idempotency_key", message, fix, {"max": _LENGTH_MAX})])
    asked = f"{request.method} {request.path}\n{json.dumps(raw, sort_keys=True)}"
    return Idempotency(key, hashlib.blake2b(asked.encode(), digest_size=24).hexdigest())


def once(act: Callable[[], Any], raw: Any, status: int) -> Answer:
    """The answer of `act`, with `status` where it names none, or what it was when the same key came first."""
    taken = idempotency_of(raw)
    if taken is None:
        return _answer(act(), status)
    session, actor = current_session(), current_actor()
    before = idempotency.remembered(session, actor=actor, key=taken.key, fingerprint=taken.fingerprint)
    if before is not None:
        return Answer(before.body, before.status, REPLAYED)
    answer = _answer(act(), status)
    body = portal().json.dumps(answer.content)
    idempotency.remember(session, actor=actor, key=taken.key, status=answer.status, body=body)
    return answer


def _answer(result: Any, status: int) -> Answer:
    return result if isinstance(result, Answer) else Answer(result, status)
