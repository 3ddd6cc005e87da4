"""What a dealer would earn if it bought more until the period's end, asked from the page of the programme."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from typing import Any

from flask import Blueprint, make_response, render_template
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel.errors import Conflict, Invalid
from portal.rebates.earned import Earned, earned
from portal.rebates.rules import Basis
from portal.rebates.vocabulary import RebateRight
from portal.rebates.what_if import AMOUNT_MAX, WhatIf, supposed, what_if
from portal.web.api.buyer import now_and_today
from portal.web.presentation import in_full
from portal.web.rebate_words import counted, how_far
from portal.web.reckoning_rate import count_reckoning
from portal.web.reference_cache import dealer_facts
from portal.web.rendering import requires, wants_block
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("rebate_what_if", __name__, url_prefix="/rebates")
blueprint.context_processor(dealer_frame)

FIELDS = ("amount", "quantity", "sku")
_STEP = Decimal(1000)


@blueprint.get("/<number>/what-if")
@requires(RebateRight.READ)
def show(number: str) -> str | Response:
    """The form with what was asked, and the answer, or what is wrong beside its field."""
    session, dealer_id = current_session(), current_actor().own_dealer_id
    at, today = now_and_today()
    found = earned(session, dealer_id=dealer_id, number=number, period="", today=today)
    asked = {name: request.args.get(name, "") for name in FIELDS}
    refusal: Invalid | Conflict | None = None
    answer: WhatIf | None = None
    try:
        more = supposed(**asked)
        count_reckoning()
        answer = what_if(
            session, dealer=dealer_facts(dealer_id), number=number, more=more, today=today, at=at
        )
    except (Invalid, Conflict) as refused:
        refusal = refused
    context = {"earned": found, **what_if_asked(found, asked, answer, refusal)}
    page = (
        render_block("rebates/what_if.html", "outcome", **context)
        if wants_block()
        else render_template("rebates/what_if.html", **context)
    )
    return page if refusal is None else make_response(page, 409 if isinstance(refusal, Conflict) else 422)


def what_if_asked(
    found: Earned,
    asked: dict[str, str] | None = None,
    answer: WhatIf | None = None,
    refusal: Invalid | Conflict | None = None,
) -> dict[str, Any]:
    """What the form shows: as it was typed, with the answer or the faults."""
    faults = refusal.faults if refusal else ()
    return {
        "what_if": dict.fromkeys(FIELDS, "") | (asked or {}),
        "what_if_most": _slider_most(found),
        "what_if_beside": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
        "what_if_refused": in_full(refusal) if refusal and not faults else "",
        "what_if_answer": None if answer is None else _told(found, answer),
    }


def _slider_most(found: Earned) -> int:
    """How far the slider goes: half as far again as the next tier, or as much again as was bought."""
    following = found.next_tier
    far = max(found.qualified, following.missing * 3 / 2 if following else Decimal(0), _STEP)
    if found.terms.basis is Basis.QUANTITY:
        far = max(far, _STEP) * 100
    return int(min((far / _STEP).quantize(Decimal(1), ROUND_UP) * _STEP, AMOUNT_MAX))


def _told(found: Earned, answer: WhatIf) -> dict[str, Any]:
    then, following = answer.then, answer.then.next_tier
    return {
        "gain": answer.gain,
        "accrued": then.accrued,
        "counted": counted(found.terms, then.qualified),
        "reached": then.reached_tier,
        "reached_now": answer.now.reached_tier,
        "next_tier": how_far(found.terms.basis, following.missing, following.gain) if following else "",
        "pieces": sum(one.quantity for one in answer.goods),
        "gross": sum((one.gross for one in answer.goods), Decimal(0)),
        "unmet": bool(then.unmet),
    }
