"""An act of a page: done and the page shown again, or refused, with what was typed beside the reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import make_response
from werkzeug.wrappers import Response

from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from portal.web.presentation import in_full
from portal.web.request import current_session, request
from portal.web.sent_once import Said, sent_once, tell

T = TypeVar("T")
Answer = str | Response


def acted(act: Callable[[], T], *, shown: Callable[[DomainError], str], then: Callable[[T], Said]) -> Answer:
    """Do it and go where `then` says; or what `shown` renders of the refusal, with nothing done.

    A form with a key (`ui.once`) acts once, however often it is sent.
    """
    try:
        answer = sent_once(lambda: then(act()))
    except (Invalid, Conflict, Forbidden) as refusal:
        if isinstance(refusal, Forbidden) and refusal.code != "same_person":
            raise
        current_session().rollback()
        return make_response(shown(refusal), 422 if isinstance(refusal, Invalid) else 409)
    return tell(answer)


def refused(refusal: DomainError | None) -> dict[str, Any]:
    """What a template needs to show a refusal: all of it above the form, and each fault beside its field."""
    faults = refusal.faults if refusal else ()
    return {
        "refusal": refusal,
        "refusals": [in_full(one) for one in faults] if faults else [in_full(refusal)] if refusal else [],
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        "typed": request.form,
    }


def serials_typed(name: str) -> Sequence[str]:
    """Serial numbers of a field, one a line or with blanks between."""
    return request.form.get(name, "").split()
