"""Where carriers send what happened to parcels. Each signs with the secret that it shares with us.

It acts for headquarters as a whole, with the one right to tell of parcels, and is told nothing: not whose a
parcel is, nor whether there is one.
"""

from __future__ import annotations

from flask import Blueprint, g, jsonify
from werkzeug.wrappers import Response

from backoffice.blueprints.tracking_desk import acting
from portal.kernel.actor import Actor
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.answers.read_answer import READABLE, Adapter, read_answer
from portal.tracking.carriers import carrier
from portal.tracking.record_events import Told, record_told
from portal.tracking.rules import Source
from portal.tracking.signatures import Unsigned, require_signature
from portal.web.request import count_stranger, current_session, portal, request

blueprint = Blueprint("carrier_push", __name__)

PUSH_MAX = 2**20  # bytes
_NAME_THEIR_PARCELS = (Adapter.KUAIDI100, Adapter.AFTERSHIP)
_HEADERS = ("aftership-hmac-sha256", "X-Signature")


@blueprint.post("/api/v1/carriers/<code>/events")
def receive(code: str) -> Response:
    """Take what a carrier tells; to send it again is harmless."""
    request.max_content_length = PUSH_MAX
    secret = portal().settings.carrier_secrets.get(code)
    try:
        if secret is None:
            raise Unsigned()
        g.actor = Actor(f"carrier {code}", frozenset({ShippingRight.SHIP}), region_ids=None)
        one = carrier(current_session(), code)
        adapter = Adapter(one.adapter)
        content, signature = _signed(adapter)
        named = "" if adapter in _NAME_THEIR_PARCELS else request.args.get("number", "")
        # A number beside the answer is signed with it: else anybody could give it another.
        signed = named.encode() + b"\n" + content if named else content
        require_signature(adapter, secret.get_secret_value(), signed, signature)
    except Unsigned:
        count_stranger()
        raise
    told = []
    if adapter in READABLE:
        for parcel in read_answer(adapter, content):
            numbers = parcel.numbers or ({named} if named else frozenset())
            told += [
                Told(number, event, f"/events/{place}")
                for number in sorted(numbers)
                for place, event in enumerate(parcel.events)
            ]
    outcomes = record_told(
        current_session(), told=told, source=Source.CARRIER, carrier_names=one.names, **acting()
    )
    # kuaidi100 sends again until it reads these two.
    return jsonify(result=True, returnCode="200", events=len(outcomes))


def _signed(adapter: Adapter) -> tuple[bytes, str]:
    """The answer, and the signature beside it."""
    if adapter is Adapter.KUAIDI100:
        return request.form.get("param", "").encode(), request.form.get("sign", "")
    content = request.get_data(cache=False)
    return content, next((request.headers[name] for name in _HEADERS if name in request.headers), "")
