"""Where Stripe tells what became of payments. It is kept and answered at once, and handled after."""

from __future__ import annotations

import orjson
from flask import Blueprint, g
from werkzeug.wrappers import Response

from portal.kernel.errors import N_, NotFound, Unreadable
from portal.payments.keep_event import keep_event
from portal.payments.keys import takes_payments
from portal.payments.provider import Unsigned, require_signature
from portal.web.pay_page import STRIPE
from portal.web.request import count_stranger, current_session, portal, request

blueprint = Blueprint("stripe_webhook", __name__)

EVENT_MAX = 2**18  # bytes


@blueprint.post("/stripe/webhook")
def receive() -> Response:
    """Keep an event that Stripe signed; the same again is harmless. Without keys there is no such address."""
    settings = portal().settings
    if not takes_payments(settings):
        raise NotFound()
    request.max_content_length = EVENT_MAX
    content = request.get_data(cache=False)
    try:
        require_signature(settings, content, request.headers.get("Stripe-Signature", ""))
    except Unsigned:
        count_stranger()
        raise
    g.actor = STRIPE
    keep_event(current_session(), actor=STRIPE, event=_read(content))
    return portal().json.response({"received": True})


def _read(content: bytes) -> dict[str, object]:
    try:
        event = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Unreadable() from error
    if not isinstance(event, dict):
        raise Unreadable("no_event", N_("This is no event of Stripe."))
    return event
