"""What somebody at the door sees who opens a delivery link: what comes, and where to sign for it.

Nobody is signed in. The token says whose shipment it is, and the rows of that dealer are all that can be
reached; the view asks for one shipment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from portal.deliveries.links import Claim, read_token, state_of
from portal.deliveries.photos import PROOF
from portal.deliveries.queries import Delivery, delivery, proof_of
from portal.deliveries.rules import LinkState, Way
from portal.deliveries.sign_delivery import sign_by_link
from portal.files.attach import files_of, uploaded_files
from portal.files.rules import Owner
from portal.kernel import clock
from portal.kernel.errors import Conflict, Invalid
from portal.kernel.network import network_of
from portal.kernel.numbering import new_token
from portal.web import file_field, language
from portal.web.forms import takes_columns
from portal.web.handover_form import (
    COLUMNS,
    CountRow,
    HandoverForm,
    entered_form,
    errors_beside,
    rows_again,
    rows_to_count,
)
from portal.web.request import act_by_link, current_actor, current_session, portal, request

blueprint = Blueprint("delivery_link", __name__)

_GONE = 410


@blueprint.after_request
def keep_out_of_search_engines(response: Response) -> Response:
    """The address is a secret; nobody lists it."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/d/<token>")
def show(token: str) -> Answer:
    """What the link opens: the form, what was signed, or why it opens nothing."""
    claim, at = opened(token), clock.now()
    state = state_of(current_session(), claim, at=at)
    if state in (LinkState.REVOKED, LinkState.EXPIRED):
        return make_response(render_template("deliveries/closed.html", state=state), _GONE)
    found = delivery(current_session(), claim.shipment_number)
    if state is LinkState.USED:
        return make_response(_signed(token, found))
    return make_response(_form(token, found, rows_to_count(found), _empty()))


@blueprint.post("/d/<token>")
@takes_columns(*COLUMNS, file_field.IDS)
def sign(token: str) -> Answer:
    """Take the shipment over. The same form sent again is answered like the first time."""
    claim, at = opened(token), clock.now()
    entered, photos = entered_form(), file_field.sent_ahead()
    session = current_session()
    try:
        sign_by_link(
            session,
            actor=current_actor(),
            claim=claim,
            handover=entered.handover(photos),
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )
    except Invalid as refusal:
        session.rollback()
        found = delivery(session, claim.shipment_number)
        rows = rows_again(found, entered.rows, refusal)
        page = _form(token, found, rows, entered.form, photos, errors=errors_beside(refusal))
        return make_response(page, 422)
    except Conflict as refusal:
        session.rollback()
        return _closed(token, claim, at, refusal)
    return redirect(url_for("delivery_link.show", token=token), 303)


def opened(token: str) -> Claim:
    """The claim of a token; from here on the request sees its dealer's rows.

    Raises TooManyRequests, NotFound.
    """
    network = network_of(request.remote_addr or "")
    portal().limits.spend(portal().settings.delivery_link_rate, "delivery links", network)
    claim = read_token(portal().sealer, token)
    act_by_link(claim.actor(language.current()))
    return claim


def _form(
    token: str,
    found: Delivery,
    rows: tuple[CountRow, ...],
    form: HandoverForm,
    photos: Sequence[str] = (),
    **more: Any,
) -> str:
    files = uploaded_files(current_session(), actor=current_actor(), ids=photos)
    context = {"delivery": found, "rows": rows, "form": form, "files": files, "errors": {}, **more}
    return render_template("deliveries/sign.html", token=token, **context)


def _empty() -> HandoverForm:
    return HandoverForm(signed_by="", signature="", note="", form_key=new_token())


def _signed(token: str, found: Delivery, refusal: Conflict | None = None) -> str:
    """That it was received; what was signed, to who may have signed it: not what the dealer did signed in."""
    kept = proof_of(current_session(), found.dealer_id, found.id)
    proof = kept if kept is not None and kept.way == Way.LINK else None
    photos = files_of(current_session(), Owner(PROOF, found.number)) if proof else []
    context = {"delivery": found, "proof": proof, "photos": photos, "refusal": refusal}
    return render_template("deliveries/signed.html", token=token, **context)


def _closed(token: str, claim: Claim, at: datetime, refusal: Conflict) -> Answer:
    """Why what was sent is not taken: what stands in its place, where the link may still show that."""
    state = state_of(current_session(), claim, at=at)
    if state is LinkState.USED:
        found = delivery(current_session(), claim.shipment_number)
        return make_response(_signed(token, found, refusal), 409)
    return make_response(render_template("deliveries/closed.html", state=state), _GONE)
