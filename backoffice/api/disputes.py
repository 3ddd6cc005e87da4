"""Headquarters writes in a dispute and answers it."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.disputes import dispute_shown
from portal.blueprints.api.schemas.disputes import DisputeMessageBody, DisputeShape, ResolutionBody
from portal.disputes import queries
from portal.disputes.converse import say
from portal.disputes.resolve_dispute import resolve_dispute
from portal.disputes.rules import Decision, Outcome
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.money import ZERO
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/hq/disputes/<number>/messages",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=DisputeMessageBody,
    answers=DisputeShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Write to the dealer in a dispute"),
    about=N_("As long as it is open."),
)
def message(number: str, body: DisputeMessageBody) -> Answer:
    about: dict[str, Any] = {"actor": current_actor(), "number": number, "at": clock.now()}
    say(current_session(), text=body.text, files=body.files, **about)
    return Answer(dispute_shown(queries.dispute_of(current_session(), number)), 201)


@operation(
    "POST",
    "/hq/disputes/<number>/resolution",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=ResolutionBody,
    answers=DisputeShape,
    creates=True,
    conflicts=True,
    summary=N_("Answer a dispute"),
    about=N_(
        "Every line once. A payment is reversed with it up to the amount that one person may post; a price "
        "that is adjusted above that waits for another person, and the dispute stays open."
    ),
)
def resolve(number: str, body: ResolutionBody) -> dict[str, Any]:
    at, today = now_and_today()
    resolve_dispute(
        current_session(),
        actor=current_actor(),
        number=number,
        decisions=[
            Decision(
                line.line,
                Outcome(line.outcome),
                line.correction,
                f"/lines/{place}",
                line.invoice_line or 0,
                line.gives or ZERO,
            )
            for place, line in enumerate(body.lines)
        ],
        text=body.text,
        files=body.files,
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
    )
    return dispute_shown(queries.dispute_of(current_session(), number))
