"""Dunning at headquarters: runs, their release, interest, and how debts are demanded."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.dunning import (
    DunningInterestShape,
    DunningPolicyBody,
    DunningPolicyShape,
    DunningReleaseBody,
    DunningRunPage,
    DunningRunShape,
    DunningRunsQuery,
)
from portal.dunning import queries
from portal.dunning.charge_interest import charge_interest
from portal.dunning.decide_run import discard_run, release_run
from portal.dunning.policy import SetPolicy, policy_in_force, set_policy
from portal.dunning.propose_run import propose_run
from portal.dunning.queries import RunRow
from portal.dunning.rules import Policy
from portal.kernel.errors import N_, Conflict
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

READERS = (LedgerRight.READ, LedgerRight.POST)


@operation(
    "GET",
    "/hq/dunning-runs",
    tag=HEADQUARTERS,
    rights=READERS,
    query=DunningRunsQuery,
    answers=DunningRunPage,
    summary=N_("Runs of dunning letters, the latest first"),
    about=N_("Their letters are those of `GET /dunning-letters?run=`."),
)
def index(query: DunningRunsQuery) -> dict[str, Any]:
    page = queries.runs(current_session(), state=query.state or "", limit=query.limit, cursor=query.cursor)
    return {"items": [_run(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/dunning-runs/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=DunningRunShape,
    summary=N_("One run of dunning letters"),
    about=N_("With how many of its letters were sent."),
)
def show(number: str) -> dict[str, Any]:
    return _run(queries.run_of(current_session(), number))


@operation(
    "POST",
    "/hq/dunning-runs",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    answers=DunningRunShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/dunning-runs/{number}",
    summary=N_("Propose a run of dunning letters"),
    about=N_("As debts stand now; the schedule does it every day. Nothing is sent before it is released."),
)
def propose() -> Answer:
    at, today = now_and_today()
    number = propose_run(current_session(), actor=current_actor(), today=today, at=at)
    if number is None:
        message = N_("Nobody has to be written to: nothing overdue has reached another level.")
        raise Conflict("nothing_to_demand", message, fix=N_("Nothing is left to do."))
    return Answer(_run(queries.run_of(current_session(), number)), 201)


@operation(
    "POST",
    "/hq/dunning-runs/<number>/release",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=DunningReleaseBody,
    answers=DunningRunShape,
    creates=True,
    conflicts=True,
    summary=N_("Release letters of a run"),
    about=N_("All of them, or those named; each is then written as its debts stand and sent. Once a run."),
)
def release(number: str, body: DunningReleaseBody) -> dict[str, Any]:
    at, _today = now_and_today()
    release_run(current_session(), actor=current_actor(), number=number, letters=body.letters, at=at)
    return _run(queries.run_of(current_session(), number))


@operation(
    "POST",
    "/hq/dunning-runs/<number>/discard",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    answers=DunningRunShape,
    creates=True,
    conflicts=True,
    summary=N_("Discard a run"),
    about=N_("Nothing is sent, and no level rises; the next run proposes anew."),
)
def discard(number: str) -> dict[str, Any]:
    at, _today = now_and_today()
    discard_run(current_session(), actor=current_actor(), number=number, at=at)
    return _run(queries.run_of(current_session(), number))


@operation(
    "POST",
    "/hq/dunning-letters/<number>/interest",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    answers=DunningInterestShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Post the interest of a letter"),
    about=N_("As the letter reckoned it, once; a note adds it to what the dealer owes."),
)
def interest(number: str) -> Answer:
    at, today = now_and_today()
    note = charge_interest(current_session(), actor=current_actor(), number=number, today=today, at=at)
    amount = queries.letter_of(current_session(), number).head.interest
    return Answer({"letter": number, "note": note, "amount": amount}, 201)


@operation(
    "GET",
    "/hq/dunning-policy",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=DunningPolicyShape,
    summary=N_("How debts are demanded"),
    about=N_("The version in force."),
)
def policy() -> dict[str, Any]:
    return _policy(policy_in_force(current_session()))


@operation(
    "PUT",
    "/hq/dunning-policy",
    tag=HEADQUARTERS,
    rights=(LedgerRight.APPROVE,),
    body=DunningPolicyBody,
    answers=DunningPolicyShape,
    creates=True,
    conflicts=True,
    summary=N_("Demand debts in another way"),
    about=N_("A new version, which counts from the next run on."),
)
def change(body: DunningPolicyBody) -> dict[str, Any]:
    at, _today = now_and_today()
    percent = body.interest_percent
    set_policy(
        current_session(),
        actor=current_actor(),
        policy=Policy(
            tuple(body.days),
            body.minimum,
            None if percent is None else percent / 100,
            body.day_count,
            body.stop_level,
            body.respite,
        ),
        seen=body.version,
        reason=body.reason,
        at=at,
    )
    return _policy(policy_in_force(current_session()))


def _run(one: RunRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "day": one.day,
        "letters": one.letters,
        "sent": one.sent,
        "amount": one.amount,
        "proposed_by": one.proposed_by_label,
        "proposed_at": one.proposed_at,
        "decided_by": one.decided_by_label,
        "decided_at": one.decided_at,
    }


def _policy(one: SetPolicy) -> dict[str, Any]:
    rate = one.policy.interest_rate
    return {
        "version": one.version,
        "days": list(one.policy.days),
        "minimum": one.policy.minimum,
        "interest_percent": None if rate is None else f"{rate * 100:.2f}",
        "day_count": one.policy.day_count,
        "stop_level": one.policy.stop_level,
        "respite": one.policy.respite,
        "reason": one.reason,
        "set_by": one.set_by_label,
        "set_at": one.set_at,
    }
