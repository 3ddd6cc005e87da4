"""Links of letters, opened without signing in: stop such mail, or confirm that an address takes mail.

The token says whose choice it is, and nothing else of that person can be reached or seen. Opening a page
changes nothing, because mail programs open links by themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as Answer

from portal.identity import queries as identity
from portal.kernel.errors import N_, NotFound
from portal.kernel.network import network_of
from portal.kernel.registry import registry
from portal.notifications.choices import preferences, stop_mail
from portal.notifications.links import DIGEST_OF_ALL, Stop, read_confirm, read_stop
from portal.notifications.rules import ByMail
from portal.notifications.suspend import resume_mail, suspension_of
from portal.web.request import (
    act_by_link,
    anonymous_session,
    current_actor,
    current_session,
    portal,
    request,
)

blueprint = Blueprint("mail_links", __name__, url_prefix="/mail")


@blueprint.record
def _take_without_a_form(setup: BlueprintSetupState) -> None:
    """RFC 8058: a mail program sends the click, and knows no token of a page; the address is the secret."""
    setup.app.extensions["csrf"].exempt(blueprint)


@blueprint.after_request
def keep_out_of_search_engines(response: Response) -> Response:
    """The address is a secret; nobody lists it."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/stop/<token>")
def ask_stop(token: str) -> str:
    """What would be stopped."""
    return _stop_page(_opened_stop(token), token=token)


@blueprint.post("/stop/<token>")
def stop(token: str) -> Answer:
    """Stop it: by the button of the page, or by one click in a mail program."""
    asked = _opened_stop(token)
    stop_mail(current_session(), actor=current_actor(), events=_events(asked))
    return make_response(_stop_page(asked, is_done=True))


@blueprint.get("/confirm/<token>")
def ask_confirm(token: str) -> str:
    """Whether mail to the address shall go on."""
    user_id, address = _counted(lambda: read_confirm(portal().sealer, token))
    _act_as(user_id)
    return _confirm_page(address, token=token)


@blueprint.post("/confirm/<token>")
def confirm(token: str) -> Answer:
    """Mail to the address goes on."""
    user_id, address = _counted(lambda: read_confirm(portal().sealer, token))
    _act_as(user_id)
    resume_mail(current_session(), actor=current_actor(), address=address)
    return make_response(_confirm_page(address, is_done=True))


def _opened_stop(token: str) -> Stop:
    """What a link says; from here on the request is its person's. Raises TooManyRequests, NotFound."""
    asked: Stop = _counted(lambda: read_stop(portal().sealer, token))
    _act_as(asked.user_id)
    return asked


def _counted(read: Any) -> Any:
    network = network_of(request.remote_addr or "")
    portal().limits.spend(portal().settings.delivery_link_rate, "mail links", network)
    return read()


def _act_as(user_id: int) -> None:
    """The person, without any right. Raises NotFound for somebody who has left."""
    found = identity.person(anonymous_session(), user_id)
    if found is None:
        raise NotFound()
    act_by_link(replace(found.actor(), rights=frozenset()))


def _events(asked: Stop) -> list[str]:
    """The event of a link, or every one of which the person gets the digest."""
    if asked.event != DIGEST_OF_ALL:
        return [asked.event]
    zone = portal().settings.business_timezone
    chosen = preferences(current_session(), actor=current_actor(), zone=zone).choices
    return [name for name, choice in chosen.items() if choice.mail == ByMail.DIGEST]


def _stop_page(asked: Stop, **shown: Any) -> str:
    declared = registry().events.get(asked.event)
    label = declared.label if declared else N_("Digest of what is unread")
    return render_template("notifications/stop.html", label=label, **{"token": "", "is_done": False, **shown})


def _confirm_page(address: str, **shown: Any) -> str:
    is_open = suspension_of(current_session(), actor=current_actor()) is not None
    context = {"token": "", "is_done": False, "is_open": is_open, "address": address, **shown}
    return render_template("notifications/confirm.html", **context)
