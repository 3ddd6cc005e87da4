"""Who signs claims: the chain of each kind, and who stands in for whom."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.claims.chains import Chain, ChainChange, chains, decide_chain, propose_chain
from portal.claims.delegate import can_stand_in, delegate_claims, delegations, end_delegation
from portal.claims.rules import STEPS_MAX, Approver, ChainStep, ClaimKind
from portal.claims.vocabulary import ClaimRight
from portal.claims.words import APPROVERS, KINDS
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.kernel.proposals import reason_of
from portal.web.forms import Form, OwnNumber, read_form, rows_of_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.presentation import in_full, in_words
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.sent_once import Said, sent_once, tell

blueprint = Blueprint("claim_signing", __name__, url_prefix="/hq/rebates/claims")

DECIDERS = (ClaimRight.MANAGE, ClaimRight.FINANCE)
Rows = list[tuple[str, ...]]


class ChainForm(Form):
    """The chain as it was read, and why it is to be another."""

    revision: OwnNumber
    reason: str


class ChainDecisionForm(Form):
    """Another person's word."""

    reason: str = ""


class DelegationForm(Form):
    """Who stands in, on which days, and why."""

    to: str
    from_day: str
    to_day: str
    reason: str


@blueprint.get("/chains")
@requires(*DECIDERS)
def chains_page() -> str:
    """Who signs which claims from which amount on."""
    return render_template("backoffice/claims/chains.html", **_chains())


@blueprint.post("/chains/<kind>")
@requires(ClaimRight.FINANCE)
@takes_columns("above", "approver")
def chain(kind: str) -> str | Response:
    """Propose other steps for a kind of claim."""
    if kind not in list(ClaimKind):
        abort(404)
    form, rows = read_form(ChainForm), rows_of_form("above", "approver")
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    try:
        propose_chain(
            current_session(),
            actor=current_actor(),
            kind=ClaimKind(kind),
            revision=form.revision,
            steps=_steps(kept, form.reason),
            reason=form.reason,
            at=clock.now(),
        )
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = render_template("backoffice/claims/chains.html", **_chains(kind, kept, form, refusal))
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
    flash(gettext("The chain has been proposed: another person of finance decides now."), "success")
    return redirect(url_for("claim_signing.chains_page"), 303)


@blueprint.post("/chains/<kind>/approval")
@requires(ClaimRight.FINANCE)
@fresh_sign_in
def approve_chain(kind: str) -> Response:
    """Another person agrees."""
    said = gettext("The chain holds for claims that are submitted from now on.")
    return _decided(kind, approve=True, said=said)


@blueprint.post("/chains/<kind>/rejection")
@requires(ClaimRight.FINANCE)
def reject_chain(kind: str) -> Response:
    """Another person does not."""
    return _decided(kind, approve=False, said=gettext("Rejected: the chain stays as it was."))


def _decided(kind: str, *, approve: bool, said: str) -> Response:
    if kind not in list(ClaimKind):
        abort(404)
    note = read_form(ChainDecisionForm).reason
    try:
        decide_chain(
            current_session(),
            actor=current_actor(),
            kind=ClaimKind(kind),
            approve=approve,
            note=note,
            at=clock.now(),
        )
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        flash(" ".join(in_full(one) for one in refusal.faults or (refusal,)), "error")
    else:
        flash(said, "success")
    return redirect(url_for("claim_signing.chains_page"), 303)


@blueprint.get("/delegations")
@requires(*DECIDERS)
def delegations_page() -> str:
    """Who stands in for the visitor, and for whom the visitor does."""
    return render_template("backoffice/claims/delegations.html", **_delegations())


@blueprint.post("/delegations")
@requires(*DECIDERS)
def delegate() -> str | Response:
    """Let a colleague sign for some days."""
    form = read_form(DelegationForm)

    def act() -> Said:
        faults: list[Fault] = []
        first = typed.field(typed.day, form.from_day, "/from_day", faults)
        last = typed.field(typed.day, form.to_day, "/to_day", faults)
        if first is None or last is None:
            raise Invalid(faults=faults)
        delegate_claims(
            current_session(),
            actor=current_actor(),
            to=form.to,
            from_day=first,
            to_day=last,
            reason=form.reason,
            today=_today(),
            at=clock.now(),
        )
        words = gettext("Your colleague may sign for you on these days.")
        return Said(words, url_for("claim_signing.delegations_page"))

    try:
        return tell(sent_once(act))
    except Invalid as refusal:
        current_session().rollback()
        page = render_template("backoffice/claims/delegations.html", **_delegations(form, refusal))
        return make_response(page, 422)


@blueprint.post("/delegations/<int:delegation_id>/end")
@requires(*DECIDERS)
def end(delegation_id: int) -> Response:
    """Sign oneself again."""
    end_delegation(current_session(), actor=current_actor(), delegation_id=delegation_id, at=clock.now())
    flash(gettext("Ended: you sign yourself again."), "success")
    return redirect(url_for("claim_signing.delegations_page"), 303)


def _steps(rows: Rows, reason: str) -> list[ChainStep]:
    """The steps that were typed. Raises Invalid, also with what is wrong with the reason."""
    faults: list[Fault] = []
    steps = []
    for place, (above, approver) in enumerate(rows):
        amount = typed.field(typed.money, above, f"/steps/{place}/above", faults)
        if approver not in list(Approver):
            message, fix = N_("Say who signs."), N_("Choose one from the list.")
            faults.append(Fault(f"/steps/{place}/approver", "approver", message, fix))
        elif amount is not None:
            steps.append(ChainStep(amount, Approver(approver)))
    if not faults:
        return steps
    try:
        reason_of(reason)
    except Invalid as refusal:
        faults += refusal.faults
    raise Invalid(faults=faults)


def _chains(
    kind: str = "",
    rows: Rows | None = None,
    form: ChainForm | None = None,
    refusal: Invalid | Conflict | None = None,
) -> dict[str, Any]:
    faults = list(refusal.faults) if refusal else []
    actor = current_actor()
    finance = actor.may(ClaimRight.FINANCE)
    return {
        "chains": [
            {
                "kind": str(one.kind),
                "label": gettext(KINDS[one.kind]),
                "revision": form.revision if form and one.kind == kind else one.revision,
                "rows": _rows(one, rows if one.kind == kind else None),
                "reason": form.reason if form and one.kind == kind else "",
                "waiting": one.waiting,
                "proposed": _proposed(one.waiting),
                "may_decide": finance and one.waiting is not None and one.waiting.proposed_by != actor.key,
                "may_propose": finance and one.waiting is None,
            }
            for one in chains(current_session())
        ],
        "approvers": [(str(one), gettext(label)) for one, label in APPROVERS.items()],
        "summary": [(_field(kind, one.pointer), in_words(one)) for one in faults],
        "said": in_full(refusal) if refusal and not faults else "",
        "beside": lambda of, place: [
            one for one in faults if of == kind and one.pointer.startswith(f"/steps/{place}/")
        ],
        "beside_reason": lambda of: [
            in_full(one) for one in faults if of == kind and one.pointer == "/reason"
        ],
    }


def _proposed(waiting: ChainChange | None) -> list[tuple[Decimal, str]]:
    """The steps that somebody proposes: above which amount who signs."""
    return [(step.above, gettext(APPROVERS[step.approver])) for step in (waiting.steps if waiting else ())]


def _rows(one: Chain, rows: Rows | None) -> Rows:
    """The steps of a chain as they are or were typed, and one to be added."""
    shown = [(str(step.above), str(step.approver)) for step in one.steps] if rows is None else list(rows)
    return [*shown, *([("", "")] if len(shown) < STEPS_MAX else [])]


def _field(kind: str, pointer: str) -> str:
    parts = pointer.strip("/").split("/")
    if parts == ["reason"]:
        return f"{kind}-reason"
    return f"{kind}-{parts[1]}" if len(parts) > 1 else f"{kind}-0"


def _delegations(form: DelegationForm | None = None, refusal: Invalid | None = None) -> dict[str, Any]:
    session, actor, faults = current_session(), current_actor(), list(refusal.faults) if refusal else []
    return {
        "delegations": delegations(session, actor=actor, today=_today()),
        "colleagues": [(one.email, one.name) for one in can_stand_in(session, actor=actor)],
        "typed": form or DelegationForm(to="", from_day="", to_day="", reason=""),
        "summary": [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults],
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
    }


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
