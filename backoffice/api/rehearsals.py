"""Rehearsals of price policies: asked for, followed, read."""

from __future__ import annotations

from typing import Any

from backoffice.api.policies import number_of
from backoffice.api.schemas.rehearsals import RehearsalAsked, RehearsalBody, RehearsalShape
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.pricing.vocabulary import PriceRight
from portal.rehearsals.ask_rehearsal import ask_rehearsal
from portal.rehearsals.queries import rehearsal, rehearsals
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session


@operation(
    "POST",
    "/hq/policies/<policy_id>/rehearsals",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    body=RehearsalBody,
    answers=RehearsalAsked,
    status=202,
    creates=True,
    conflicts=True,
    located="/hq/policies/{policy}/rehearsals/{number}",
    summary=N_("Rehearse a draft over past orders"),
    about=N_(
        "A job prices every order line of the last months under the draft. Location shows how far it is."
    ),
)
def create(policy_id: str, body: RehearsalBody) -> Answer:
    session, actor, policy = current_session(), current_actor(), number_of(policy_id)
    ask_rehearsal(session, actor=actor, policy_id=policy, months=body.months, at=clock.now())
    latest = rehearsals(session, actor=actor, policy_id=policy)[0]
    return Answer({"policy": policy, "number": latest.place, "state": latest.state}, 202)


@operation(
    "GET",
    "/hq/policies/<policy_id>/rehearsals/<number>",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES, PriceRight.APPROVE),
    answers=RehearsalShape,
    summary=N_("A rehearsal and its result"),
    about=N_("`done` of `total` order lines are priced; the revenue is there when the state is done."),
)
def show(policy_id: str, number: str) -> dict[str, Any]:
    found = rehearsal(
        current_session(),
        actor=current_actor(),
        policy_id=number_of(policy_id),
        place=number_of(number),
    )
    result = found.result or {}
    return {
        "number": found.place,
        "policy": found.policy_id,
        "revision": found.revision,
        "months": found.months,
        "state": found.state,
        "done": found.done,
        "total": found.total,
        "failed": found.error or None,
        "order_lines": result.get("order_lines"),
        "revenue_then": result.get("revenue_then"),
        "revenue_under_draft": result.get("revenue_under_draft"),
        "floor_hits": result.get("floor_hits"),
        "dealers": [{"dealer": one["code"], **_sums(one)} for one in result.get("dealers", ())],
        "regions": [{"region": one["code"], **_sums(one)} for one in result.get("regions", ())],
        "tiers": [{"tier": one["code"], **_sums(one)} for one in result.get("tiers", ())],
        "products": [{"sku": one["code"], **_sums(one)} for one in result.get("products", ())],
    }


def _sums(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("then", "under_draft", "lines")}
