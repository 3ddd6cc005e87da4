"""Claims of a dealer: made, followed, completed, withdrawn."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.claims import (
    ClaimBody,
    ClaimCompletionBody,
    ClaimPage,
    ClaimShape,
    ClaimsQuery,
)
from portal.claims import queries
from portal.claims.draft_claim import draft_claim, edit_claim
from portal.claims.entry import ClaimEntry, EvidenceInvoice, ProtectedLine
from portal.claims.manifest import CHAPTER
from portal.claims.queries import ClaimDetail, ClaimRow
from portal.claims.read_files import READERS
from portal.claims.rules import ClaimKind, Treatment
from portal.claims.submit_claim import submit_claim
from portal.claims.vocabulary import ClaimRight
from portal.claims.withdraw_claim import withdraw_claim
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import Answer, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/rebates/claims",
    tag=CHAPTER,
    rights=(ClaimRight.WRITE,),
    body=ClaimBody,
    answers=ClaimShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/rebates/claims/{number}",
    summary=N_("Claim a rebate or a refund of expenses"),
    about=N_(
        "It is submitted, unless it is kept as a draft. A file or an invoice counts once, whoever claims "
        "with it; a period of a programme is claimed once."
    ),
)
def create(body: ClaimBody) -> Answer:
    at, today = now_and_today()
    zone = portal().settings.timezone
    about: dict[str, Any] = {"actor": current_actor(), "today": today, "zone": zone, "at": at}
    made = draft_claim(current_session(), entry=entry_from(body), **about)
    if not body.draft:
        submit_claim(current_session(), number=made.number, **about)
    return Answer(shown(made.number), 201)


@operation(
    "GET",
    "/rebates/claims",
    tag=CHAPTER,
    rights=READERS,
    query=ClaimsQuery,
    answers=ClaimPage,
    summary=N_("Claims, the latest first"),
    about=N_("A dealer sees its own, headquarters those of its dealers that were submitted."),
)
def index(query: ClaimsQuery) -> dict[str, Any]:
    page = queries.claims(
        current_session(),
        actor=current_actor(),
        today=now_and_today()[1],
        state=query.state or "",
        kind=query.kind or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/rebates/claims/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=ClaimShape,
    summary=N_("One claim"),
    about=N_("With what was asked, calculated and approved, and every step."),
)
def show(number: str) -> dict[str, Any]:
    return shown(number)


@operation(
    "POST",
    "/rebates/claims/<number>/completion",
    tag=CHAPTER,
    rights=(ClaimRight.WRITE,),
    body=ClaimCompletionBody,
    answers=ClaimShape,
    creates=True,
    conflicts=True,
    summary=N_("Complete a claim and submit it"),
    about=N_("A draft, or one that was sent back. Its approvers begin anew."),
)
def complete(number: str, body: ClaimCompletionBody) -> dict[str, Any]:
    at, today = now_and_today()
    zone = portal().settings.timezone
    about: dict[str, Any] = {"actor": current_actor(), "today": today, "zone": zone, "number": number}
    edit_claim(current_session(), entry=entry_from(body), revision=body.revision, **about)
    if not body.draft:
        submit_claim(current_session(), at=at, **about)
    return shown(number)


@operation(
    "POST",
    "/rebates/claims/<number>/withdrawal",
    tag=CHAPTER,
    rights=(ClaimRight.WRITE,),
    answers=ClaimShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw a claim"),
    about=N_("As long as nobody has decided about it for good. Its evidence may be claimed with again."),
)
def withdraw(number: str) -> dict[str, Any]:
    withdraw_claim(current_session(), actor=current_actor(), number=number, at=clock.now())
    return shown(number)


def entry_from(body: ClaimBody) -> ClaimEntry:
    """What was sent, as the verbs take it."""
    return ClaimEntry(
        kind=ClaimKind(body.kind or ClaimKind.PERIOD),
        amount=body.amount,
        treatment=body.treatment and Treatment(body.treatment),
        programme=body.programme,
        period=body.period,
        activity=body.activity,
        first_day=body.cut_on or body.first_day,
        last_day=body.cut_on or body.last_day,
        hospital=body.hospital,
        tender_reference=body.tender_reference,
        note=body.note,
        invoices=tuple(
            EvidenceInvoice(one.issuer, one.number, one.date, one.amount) for one in body.invoices
        ),
        lines=tuple(ProtectedLine(one.sku, one.quantity, one.old_price, one.new_price) for one in body.lines),
        files=tuple(body.evidence),
    )


def head(one: ClaimRow | ClaimDetail) -> dict[str, Any]:
    """A claim without its history, as JSON."""
    names = ("number", "state", "asked", "calculated", "approved", "entered_at", "submitted_at", "due_at")
    about = one if isinstance(one, ClaimRow) else one.entry
    return {name: getattr(one, name) for name in names} | {
        "kind": str(about.kind),
        "treatment": str(about.treatment),
        "dealer": one.dealer_code,
        "note_number": one.paid_no,
    }


def shown(number: str) -> dict[str, Any]:
    """A claim as JSON. Raises NotFound."""
    found = queries.claim_of(
        current_session(),
        actor=current_actor(),
        number=number,
        today=now_and_today()[1],
        zone=portal().settings.timezone,
    )
    entry = found.entry
    of_entry = ("programme", "period", "activity", "first_day", "last_day", "hospital", "tender_reference")
    return {
        **head(found),
        **{name: getattr(entry, name) for name in (*of_entry, "note")},
        "revision": found.revision,
        "calculated_now": found.calculated_now,
        "decision_note": found.decision_note,
        "doubts": [str(doubt) for doubt in found.doubts],
        "chain": [
            {"approver": approver, "signed": place < found.place}
            for place, approver in enumerate(found.chain)
        ],
        **_evidence(found),
        "steps": _steps(found),
    }


def _evidence(found: ClaimDetail) -> dict[str, Any]:
    return {
        "invoices": [
            {"issuer": one.issuer, "number": one.number, "date": one.on, "amount": one.amount}
            for one in found.entry.invoices
        ],
        "lines": [
            {
                "sku": one.sku,
                "quantity": one.quantity,
                "old_price": one.old_price,
                "new_price": one.new_price,
            }
            for one in found.entry.lines
        ],
        "evidence": [
            {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256}
            for file in found.files
        ],
    }


def _steps(found: ClaimDetail) -> list[dict[str, Any]]:
    return [
        {
            "act": one.act,
            "round": one.round,
            "step": one.place,
            "approver": one.approver,
            "by": one.acted_by_label,
            "in_name_of": one.in_name_of_label,
            "amount": one.amount,
            "calculated": one.calculated,
            "reason": one.reason,
            "at": one.acted_at,
        }
        for one in found.steps
    ]
