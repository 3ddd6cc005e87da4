"""Headquarters writes in a dispute and answers it."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.disputes import AnswerApprovalBody, DeskDisputeShape, DeskDisputesQuery
from portal.blueprints.api.disputes import dispute_head, dispute_shown
from portal.blueprints.api.schemas.disputes import DisputeMessageBody, DisputePage, ResolutionBody
from portal.disputes import queries
from portal.disputes.adjust import ProposedAnswer, proposed_answer
from portal.disputes.converse import say
from portal.disputes.queries import DisputeDetail
from portal.disputes.resolve_dispute import approve_answer, resolve_dispute
from portal.disputes.rules import Decision, Outcome
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.money import ZERO
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal

READERS = (LedgerRight.READ, LedgerRight.POST, LedgerRight.APPROVE)


@operation(
    "GET",
    "/hq/disputes",
    tag=HEADQUARTERS,
    rights=READERS,
    query=DeskDisputesQuery,
    answers=DisputePage,
    summary=N_("Disputes of all dealers, the latest first"),
    about=N_("With `to_approve=true` those whose answer waits for another person."),
)
def index(query: DeskDisputesQuery) -> dict[str, Any]:
    page = queries.disputes(
        current_session(),
        state=query.state or "",
        q=query.q,
        to_approve=None if query.to_approve is None else query.to_approve == "true",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [dispute_head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/disputes/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=DeskDisputeShape,
    summary=N_("One dispute, with the answer that waits for another person"),
    about=N_("Its lines and its conversation are those of `GET /disputes/{number}`."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/hq/disputes/<number>/messages",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=DisputeMessageBody,
    answers=DeskDisputeShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Write to the dealer in a dispute"),
    about=N_("As long as it is open."),
)
def message(number: str, body: DisputeMessageBody) -> Answer:
    about: dict[str, Any] = {"actor": current_actor(), "number": number, "at": clock.now()}
    say(current_session(), text=body.text, files=body.files, **about)
    return Answer(_shown(number), 201)


@operation(
    "POST",
    "/hq/disputes/<number>/resolution",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=ResolutionBody,
    answers=DeskDisputeShape,
    creates=True,
    conflicts=True,
    summary=N_("Answer a dispute"),
    about=N_(
        "Every line once. A payment is reversed with it up to the amount that one person may post; a price "
        "that is adjusted above that waits for another person, as `proposed`, and the dispute stays open."
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
    return _shown(number)


@operation(
    "POST",
    "/hq/disputes/<number>/approval",
    tag=HEADQUARTERS,
    rights=(LedgerRight.APPROVE,),
    body=AnswerApprovalBody,
    answers=DeskDisputeShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve the answer to a dispute"),
    about=N_("It is carried out with the answer to this call. Whoever proposed it does not approve it."),
)
def approve(number: str, body: AnswerApprovalBody) -> dict[str, Any]:
    at, today = now_and_today()
    approve_answer(
        current_session(),
        actor=current_actor(),
        number=number,
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
        seen=body.proposed_at.isoformat(),
    )
    return _shown(number)


def _shown(number: str) -> dict[str, Any]:
    found = queries.dispute_of(current_session(), number)
    proposed = proposed_answer(current_session(), number)
    return dispute_shown(found) | {"proposed": proposed and _proposed(found, proposed)}


def _proposed(found: DisputeDetail, proposed: ProposedAnswer) -> dict[str, Any]:
    documents = {line.line_no: line.document for line in found.lines}
    return {
        "lines": [
            {
                "line": one.line_no,
                "document": documents[one.line_no],
                "outcome": one.outcome,
                "correction": one.correction,
                "invoice_line": one.invoice_line or None,
                "gives": one.gives or None,
            }
            for one in proposed.decisions
        ],
        "text": proposed.text,
        "proposed_by": proposed.proposed_by_label,
        "proposed_at": proposed.proposed_at,
    }
