"""Disputes at headquarters: read, talked about, answered line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.disputes import queries
from portal.disputes.adjust import proposed_answer
from portal.disputes.converse import say
from portal.disputes.queries import DisputeRow
from portal.disputes.resolve_dispute import approve_answer, resolve_dispute
from portal.disputes.rules import Decision, DisputeState, Outcome
from portal.disputes.words import OUTCOMES
from portal.files.attach import uploaded_files
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.money import ZERO
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.web.acting import Answer, acted
from portal.web.dispute_page import refusal_shown, words
from portal.web.file_field import sent_files
from portal.web.forms import Form, Stripped, read_form, rows_of_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("disputes_desk", __name__, url_prefix="/hq/disputes")

READERS = (LedgerRight.READ, LedgerRight.POST)
COLUMNS = ("line", "outcome", "correction", "invoice_line", "gives")

DISPUTES = Listing(
    "disputes-desk",
    N_("Disputes"),
    (
        Column("number", N_("Dispute"), Kind.CODE, width="c-18"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="dispute", width="c-12", css="cell-corner"),
        Column("statement", N_("Statement"), Kind.CODE, width="c-18"),
        Column("period", N_("Month"), Kind.PERIOD, shown=False, width="c-10"),
        Column("amount", N_("Disputed amount"), Kind.MONEY, width="c-15"),
        Column("opened_by_label", N_("Disputed by"), shown=False, width="c-12"),
        Column("opened_at", N_("Opened at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("ended_at", N_("Answered at"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(queries.LATEST_FIRST),
)


class AnswerForm(Form):
    """What is said. act: whether the dispute is resolved with it."""

    text: str
    act: str


class ApprovalForm(Form):
    """seen: when the answer was proposed that is approved."""

    seen: Stripped


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Disputes, the latest first, or those in one state."""
    said = request.args.get("status", "")
    sought: dict[str, Any] = {
        "state": said if said in list(DisputeState) else "",
        "q": request.args.get("q", "").strip(),
    }
    sort = sort_of_address(DISPUTES)

    def fetch(cursor: str | None, limit: int) -> Page[DisputeRow]:
        return queries.disputes(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {"status_options": [(str(one), status_look("dispute", one).label) for one in DisputeState]}

    return show_list(
        DISPUTES,
        fetch,
        "backoffice/disputes/index.html",
        {"status": sought["state"], "q": sought["q"]},
        page_only=page_only,
        count=lambda: queries.count_disputes(current_session(), **sought),
    )


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One dispute with what may be answered."""
    return _page(number)


@blueprint.post("/<number>/resolution")
@requires(LedgerRight.POST)
@takes_columns(*COLUMNS, "file_id")
def resolution(number: str) -> Answer:
    """Answer every line, or only write to the dealer."""
    form, rows, files, at = read_form(AnswerForm), rows_of_form(*COLUMNS), list[str](), clock.now()

    def act() -> str:
        files.extend(sent_files())
        about: dict[str, Any] = {"actor": current_actor(), "number": number, "text": form.text, "at": at}
        if form.act == "message":
            say(current_session(), files=files, **about)
            return gettext("Your message has been sent.")
        is_answered = resolve_dispute(
            current_session(),
            decisions=_decisions(rows),
            files=files,
            today=clock.business_date(at, portal().settings.timezone),
            alone_max=portal().settings.correction_alone_max,
            **about,
        )
        if not is_answered:
            return gettext("The answer waits for another person, because of the amount.")
        return gettext("The dispute is resolved; the dealer may confirm its statement.")

    return acted(
        act,
        shown=lambda refusal: _page(number, refusal, files, rows, form.text),
        then=lambda done: Said(done, url_for("disputes_desk.show", number=number)),
    )


@blueprint.post("/<number>/approval")
@requires(LedgerRight.APPROVE)
def approval(number: str) -> Answer:
    """Carry out the answer that another person proposed."""
    at, form = clock.now(), read_form(ApprovalForm)
    return acted(
        lambda: approve_answer(
            current_session(),
            actor=current_actor(),
            number=number,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
            alone_max=portal().settings.correction_alone_max,
            seen=form.seen or None,
        ),
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(
            gettext("The dispute is resolved; the dealer may confirm its statement."),
            url_for("disputes_desk.show", number=number),
        ),
    )


def _decisions(rows: Sequence[tuple[str, ...]]) -> list[Decision]:
    """The answers that were chosen. Raises Invalid for amounts that are none."""
    decisions: list[Decision] = []
    faults: list[Fault] = []
    for line, outcome, correction, invoice_line, gives in rows:
        if outcome not in list(Outcome):
            continue
        pointer = f"/lines/{line}"
        decision = Decision(typed.own_number(line) or 0, Outcome(outcome), correction, pointer)
        if decision.outcome is Outcome.ADJUSTED:
            amount = typed.field(typed.money, gives, f"{pointer}/gives", faults)
            place = typed.field(typed.quantity, invoice_line, f"{pointer}/invoice_line", faults)
            decision = replace(decision, correction="", invoice_line=place or 0, gives=amount or ZERO)
        decisions.append(decision)
    if faults:
        raise Invalid(faults=faults)
    return decisions


def _page(
    number: str,
    refusal: DomainError | None = None,
    files: Sequence[str] = (),
    rows: Sequence[tuple[str, ...]] = (),
    text: str = "",
) -> str:
    session, actor = current_session(), current_actor()
    found = queries.dispute_of(session, number)
    shown = refusal_shown(refusal)
    return render_template(
        "backoffice/disputes/show.html",
        found=found,
        may_answer=actor.may(LedgerRight.POST) and found.state == DisputeState.OPEN,
        typed={typed.own_number(line) or 0: tuple(rest) for line, *rest in rows},
        proposed=proposed_answer(session, number) if actor.may(LedgerRight.READ) else None,
        me=actor.key,
        may_approve=actor.may(LedgerRight.APPROVE),
        outcome_options=[
            ("", gettext("Choose")),
            *((str(one), gettext(word)) for one, word in OUTCOMES.items()),
        ],
        text=text,
        files=uploaded_files(session, actor=actor, ids=files),
        **words(),
        **{**shown, "beside": lambda line: shown["errors"](f"/lines/{line}/")},
    )
