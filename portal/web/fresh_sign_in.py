"""Ask again who it is before what is not taken back: acts of money, and of who may come in.

A view that is declared so runs for who has proved it within `TONGLU_FRESH_SIGN_IN_MINUTES`. For others a page
asks for the password, with every field that was sent in it; sent again with the password, the view runs with
those fields as if nothing had come between. Programs are not asked: their tokens are short-lived.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import make_response, render_template
from flask_babel import gettext
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from portal.identity.prove_again import is_fresh, prove_by_password
from portal.kernel import clock
from portal.kernel.errors import N_, Forbidden
from portal.providers.queries import provider_of_person
from portal.web.browser_session import Visitor
from portal.web.request import anonymous_session, keep_on_refusal, portal, request

FRESH = "fresh"
"""Attribute of a view that says so, for a test."""
PASSWORD = "proof_password"
_PROOF = frozenset({PASSWORD})
P = ParamSpec("P")
R = TypeVar("R")


class ProofNeeded(Forbidden):
    """Who it is has to be proved again, on the page: a part of a page cannot ask."""

    code = "proof_needed"
    message = N_("Confirm on the page that it is you, then try again.")


def fresh_sign_in(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view run for who has proved lately who they are, and ask the others; below `requires`."""
    setattr(view, FRESH, True)

    @wraps(view)
    def guarded(*args: P.args, **named: P.kwargs) -> R:
        refused = _ask()
        return view(*args, **named) if refused is None else cast(R, refused)

    return guarded


def _ask() -> Response | None:
    """None for who may go on; else the page that asks."""
    visitor = cast(Visitor, current_user)
    settings, at = portal().settings, clock.now()
    if is_fresh(visitor.person.proved_at, minutes=settings.fresh_sign_in_minutes, at=at):
        _drop_proof()
        return None
    if request.htmx:
        raise ProofNeeded()
    given = request.form.get(PASSWORD)
    if not given:  # empty from who was to confirm it at the provider of the company, and has not
        return _page(None)
    portal().limits.spend(settings.login_attempts, "proofs", visitor.actor.key)
    proved = prove_by_password(
        anonymous_session(),
        actor=visitor.actor,
        session_hash=visitor.session_hash,
        password=given,
        at=at,
    )
    if not proved:
        keep_on_refusal()  # it is counted
        return _page(gettext("This is not your current password."))
    _drop_proof()
    return None


def _drop_proof() -> None:
    """What proved it is nothing for the view, nor for what keeps the fields of its form."""
    if not _PROOF.isdisjoint(request.form):
        kept = [(name, value) for name, value in request.form.items(multi=True) if name not in _PROOF]
        request.form = ImmutableMultiDict(kept)  # cached, and so replaced


def _page(error: str | None) -> Response:
    elsewhere = provider_of_person(anonymous_session(), cast(Visitor, current_user).person.id)
    page = render_template(
        "account/confirm.html",
        fields=_fields(),
        error=error,
        address=request.full_path.rstrip("?"),
        elsewhere=elsewhere.name if elsewhere else None,
    )
    return make_response(page, 401 if error else 403)


def _fields() -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _PROOF and name != "csrf_token"
    ]
