"""Claims decided on, one by one or many at once."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.claims import (
    ClaimBatchBody,
    ClaimBatchShape,
    ClaimDecisionBody,
    DeskClaimsQuery,
)
from portal.blueprints.api.claims import head, shown
from portal.blueprints.api.schemas.claims import ClaimPage, ClaimShape
from portal.claims import queries
from portal.claims.approve_batch import Outcome, approve_batch
from portal.claims.decide_claim import decide_claim
from portal.claims.rules import Decision
from portal.claims.vocabulary import ClaimRight
from portal.kernel.errors import N_
from portal.web.api.buyer import named_dealer, now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.presentation import in_words
from portal.web.request import current_actor, current_session, own_transaction, portal

DECIDERS = (ClaimRight.MANAGE, ClaimRight.FINANCE)


@operation(
    "GET",
    "/hq/rebates/claims",
    tag=HEADQUARTERS,
    rights=DECIDERS,
    query=DeskClaimsQuery,
    answers=ClaimPage,
    summary=N_("Claims of dealers, the latest first"),
    about=N_("Those that were submitted, of the dealers in the actor's regions."),
)
def index(query: DeskClaimsQuery) -> dict[str, Any]:
    page = queries.claims(
        current_session(),
        actor=current_actor(),
        today=now_and_today()[1],
        dealer_id=named_dealer(query.dealer),
        state=query.state or "",
        kind=query.kind or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/rebates/claims/<number>/decision",
    tag=HEADQUARTERS,
    rights=DECIDERS,
    body=ClaimDecisionBody,
    answers=ClaimShape,
    creates=True,
    conflicts=True,
    summary=N_("Decide on a claim"),
    about=N_(
        "Signs the next step: each by another person, none by whoever wrote it. With the last signature it "
        "is approved and paid."
    ),
)
def decide(number: str, body: ClaimDecisionBody) -> dict[str, Any]:
    at, today = now_and_today()
    decide_claim(
        current_session(),
        actor=current_actor(),
        number=number,
        decision=Decision(body.decision),
        amount=body.amount,
        reason=body.reason,
        revision=body.revision,
        today=today,
        zone=portal().settings.timezone,
        at=at,
    )
    return shown(number)


@operation(
    "POST",
    "/hq/rebates/claims/batch",
    tag=HEADQUARTERS,
    rights=DECIDERS,
    body=ClaimBatchBody,
    answers=ClaimBatchShape,
    summary=N_("Grant many claims in full"),
    about=N_(
        "Those about which nothing is odd, each by itself; the others are left out, with every reason. Sent "
        "again, what was granted is left out as decided."
    ),
)
def batch(body: ClaimBatchBody) -> dict[str, Any]:
    at, today = now_and_today()
    outcomes = approve_batch(
        own_transaction,
        actor=current_actor(),
        numbers=body.numbers,
        today=today,
        zone=portal().settings.timezone,
        at=at,
    )
    return {"items": [_outcome(one) for one in outcomes]}


def _outcome(one: Outcome) -> dict[str, Any]:
    decided = one.decided
    return {
        "number": one.number,
        "state": decided and str(decided.state),
        "approved": decided and decided.approved,
        "refusals": [{"code": fault.code, "message": in_words(fault)} for fault in one.refusals],
    }
