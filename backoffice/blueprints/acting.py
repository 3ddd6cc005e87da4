"""An act of a page: done and the page shown again, or refused, with what was typed beside the reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import flash, make_response, redirect
from werkzeug.wrappers import Response

from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from portal.web.presentation import in_full
from portal.web.request import current_session, request

T = TypeVar("T")
Answer = str | Response


def acted(act: Callable[[], T], *, shown: Callable[[DomainError], str], then: Callable[[T], str]) -> Answer:
    """Do it and go where `then` says; or what `shown` renders of the refusal, with nothing done."""
    try:
        answer = act()
    except (Invalid, Conflict, Forbidden) as refusal:
        if isinstance(refusal, Forbidden) and refusal.code != "same_person":
            raise
        current_session().rollback()
        return make_response(shown(refusal), 422 if isinstance(refusal, Invalid) else 409)
    return redirect(then(answer), 303)


def said(words: str, address: str) -> str:
    """Tell that it is done, and where to go."""
    flash(words, "success")
    return address


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
