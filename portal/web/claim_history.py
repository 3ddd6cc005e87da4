"""The steps of a claim: what happened, and who signs next."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from portal.claims.life import WAITING, ClaimState
from portal.claims.queries import ClaimDetail, ClaimStep
from portal.claims.rules import Approver, StepAct
from portal.claims.words import APPROVERS, STEP_ACTS
from portal.kernel.formats import money

_LOOKS = {
    StepAct.SUBMITTED: ("send", "blue"),
    StepAct.APPROVED: ("check", "green"),
    StepAct.RETURNED: ("edit", "violet"),
    StepAct.REJECTED: ("ban", "red"),
    StepAct.WITHDRAWN: ("x", "grey"),
    StepAct.PAID: ("cash", "green"),
}


def chain_steps(found: ClaimDetail) -> list[dict[str, Any]]:
    """The chain as a road: who has signed and when, who is next and since when, who comes after."""
    signed = {
        one.place: one for one in found.steps if one.act == StepAct.APPROVED and one.round == found.round
    }
    steps = []
    waits = found.state in WAITING
    for place, approver in enumerate(found.chain, start=1):
        one = signed.get(place)
        state = "done" if one else "current" if waits and place == found.place + 1 else "todo"
        label = gettext(APPROVERS[Approver(approver)])
        since = waiting_since(found) if state == "current" else None
        steps.append({"label": label, "at": one.acted_at if one else None, "since": since, "state": state})
    paid = found.state == ClaimState.PAID
    steps.append({"label": gettext("Paid"), "at": found.paid_at, "state": "done" if paid else "todo"})
    return steps


def waiting_since(found: ClaimDetail) -> Any:
    """Since when the next signature waits: the last step before it."""
    return found.steps[-1].acted_at if found.steps else found.submitted_at


def next_approver(found: ClaimDetail) -> str | None:
    """Who signs next, in words; None where nobody does."""
    if found.state not in WAITING or found.place >= len(found.chain):
        return None
    return gettext(APPROVERS[Approver(found.chain[found.place])])


def history_of(found: ClaimDetail) -> list[dict[str, Any]]:
    """Everything that was done to a claim, the latest first."""
    events = [_event(one) for one in found.steps]
    written: dict[str, Any] = {
        "at": found.entered_at,
        "title": gettext("Written"),
        "text": found.entered_by_label,
        "icon": "file-pencil",
        "tone": "grey",
    }
    return [*events[::-1], written]


def _event(one: ClaimStep) -> dict[str, Any]:
    act = StepAct(one.act)
    icon, tone = _LOOKS[act]
    title = gettext(STEP_ACTS[act])
    if one.amount is not None:
        title = f"{title}: {money(one.amount)}"
    who = one.acted_by_label
    if one.in_name_of_label:
        who = gettext("%(who)s for %(whom)s", who=who, whom=one.in_name_of_label)
    return {
        "at": one.acted_at,
        "title": title,
        "text": " · ".join(filter(None, (who, one.reason))),
        "icon": icon,
        "tone": tone,
    }
