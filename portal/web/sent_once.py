"""A form that is sent twice acts once: a double click, a resend after a lost answer, the back button.

Such a form has `ui.once()`, a key of its own each time it is shown, and its view acts by `sent_once`. The
first answer is kept in the transaction of the act and is given again to the same form; another key, or the
same with other fields, is another act.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import flash, redirect
from werkzeug.wrappers import Response

from portal.kernel import idempotency
from portal.web.request import current_actor, current_session, portal, request

FIELD = "form_key"
_OF_NO_ACT = frozenset({FIELD, "csrf_token"})


class Said(NamedTuple):
    """What is told when an act is done, and where to go. tone: of the words."""

    words: str
    address: str
    tone: str = "success"


def sent_once(act: Callable[[], Said]) -> Said:
    """What `act` says, or what it said when the same form came first. A form without a key acts each time."""
    return Said(**answered_once(lambda: act()._asdict()))


def answered_once(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The same of an act that answers with something else: values that JSON has."""
    key = request.form.get(FIELD, "")[:64]
    if not key:
        return act()
    session, actor, fingerprint = current_session(), current_actor(), _fingerprint()
    name = f"form-{key}-{fingerprint}"
    before = idempotency.remembered(session, actor=actor, key=name, fingerprint=fingerprint)
    if before is not None:
        return before.body
    answer = act()
    idempotency.remember(session, actor=actor, key=name, status=303, body=portal().json.dumps(answer))
    return answer


def tell(said: Said) -> Response:
    """Say it on the next page, and go there."""
    if said.words:
        flash(said.words, said.tone)
    return redirect(said.address, 303)


def _fingerprint() -> str:
    """Of what was sent, and where to."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _OF_NO_ACT]
    files = [(name, file.filename) for name, file in request.files.items(multi=True)]
    sent = repr((request.path, fields, files))
    return hashlib.blake2b(sent.encode(), digest_size=24).hexdigest()
