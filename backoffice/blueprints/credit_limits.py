"""Limits and terms at headquarters: proposed by one person, decided on by another, on file for good."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.credit import queries
from portal.credit.decide_change import approve_change, reject_change, withdraw_change
from portal.credit.propose_change import propose_change, recall_change
from portal.credit.queries import ChangeRow
from portal.credit.rules import ChangeKind, Proposed, terms_warnings
from portal.credit.words import KINDS
from portal.dealers.queries import dealer_id_of, load_dealer
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.kernel.proposal_life import ProposalAct, ProposalState
from portal.ledger.queries import position
from portal.ledger.vocabulary import LedgerRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, OwnNumber, read_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("credit_limits", __name__, url_prefix="/hq/credit-limits")

READERS = (LedgerRight.READ, LedgerRight.POST)

CHANGES = Listing(
    "credit-limits",
    N_("Credit limits"),
    (
        Column("number", N_("Change no."), Kind.CODE, width="c-18"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("stands", N_("Status"), Kind.STATUS, status="credit change", width="c-15", css="cell-corner"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, shown=False, width="c-10"),
        Column("amount", N_("Limit"), Kind.MONEY, width="c-12"),
        Column("days", N_("Days"), Kind.QUANTITY, width="c-8"),
        Column("valid_from", N_("Valid from"), Kind.DATE, width="c-10"),
        Column("valid_until", N_("Until"), Kind.DATE, width="c-10"),
        Column("why", N_("Reason"), shown=False, width="c-20"),
        Column("proposed_by_label", N_("Proposed by"), shown=False, width="c-12"),
        Column("created_at", N_("Proposed at"), Kind.MOMENT, shown=False, width="c-15", is_sortable=True),
        Column("approved_by_label", N_("Approved by"), shown=False, width="c-12"),
        Column("approved_at", N_("Approved at"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(queries.CHANGES.latest_first),
)


class ChangeForm(Form):
    """A change as somebody types it; what is not of its kind stays empty."""

    dealer: str
    kind: str
    amount: str
    days: str
    valid_from: str
    valid_until: str
    reason: str


class DecisionForm(Form):
    """A decision on what was read at a revision."""

    revision: OwnNumber
    reason: str


@blueprint.get("")
@requires(*READERS, LedgerRight.APPROVE)
@takes_columns("column")
def index() -> str | Response:
    """Changes, the latest first."""
    said = {name: request.args.get(name, "").strip() for name in ("status", "kind", "q")}
    sought: dict[str, Any] = {
        "state": said["status"] if said["status"] in list(ProposalState) else "",
        "kind": said["kind"] if said["kind"] in list(ChangeKind) else "",
        "q": said["q"],
    }
    sort = sort_of_address(CHANGES)

    def fetch(cursor: str | None, limit: int) -> Page[ChangeRow]:
        return queries.changes(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("credit change", one).label) for one in ProposalState],
            "kind_options": [(str(one), gettext(word)) for one, word in KINDS.items()],
            "may_propose": current_actor().may(LedgerRight.POST),
        }

    return show_list(
        CHANGES,
        fetch,
        "backoffice/credit/index.html",
        {"status": sought["state"], "kind": sought["kind"], "q": sought["q"]},
        page_only=page_only,
        count=lambda: queries.count_changes(current_session(), **sought),
    )


@blueprint.get("/new")
@requires(LedgerRight.POST)
def new() -> str:
    """The form of a change."""
    return _form(request.args.get("dealer", "").strip())


@blueprint.post("")
@requires(LedgerRight.POST)
@fresh_sign_in
def create() -> Answer:
    """Propose a change."""
    form, at = read_form(ChangeForm), clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    dealer_id = dealer_id_of(current_session(), form.dealer.strip()[:64])

    def act() -> tuple[str, Proposed]:
        proposed = _read(form)
        number = propose_change(
            current_session(),
            actor=current_actor(),
            dealer_id=dealer_id,
            proposed=proposed,
            today=today,
            at=at,
        )
        return number, proposed

    def then(done: tuple[str, Proposed]) -> Said:
        number, proposed = done
        warned = terms_warnings(proposed.days, portal().settings.terms_days_by_law)
        words = gettext("%(number)s waits for another person's approval.", number=number)
        said = " ".join([words, *map(in_full, warned)])
        return Said(said, url_for("credit_limits.show", number=number), "warning" if warned else "success")

    return acted(act, shown=lambda refusal: _form(form.dealer.strip(), refusal), then=then)


@blueprint.get("/<number>")
@requires(*READERS, LedgerRight.APPROVE)
def show(number: str) -> str:
    """One change with what may be done to it."""
    return _page(number)


@blueprint.post("/<number>/approval")
@requires(LedgerRight.APPROVE)
@fresh_sign_in
def approval(number: str) -> Answer:
    """Approve what another person proposed."""
    form, at = read_form(DecisionForm), clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    return _decide(
        number,
        gettext("%(number)s is approved.", number=number),
        lambda: approve_change(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=form.revision,
            today=today,
            at=at,
        ),
    )


@blueprint.post("/<number>/rejection")
@requires(LedgerRight.APPROVE)
def rejection(number: str) -> Answer:
    """Send it back with the reason."""
    form = read_form(DecisionForm)
    return _decide(
        number,
        gettext("%(number)s has been rejected.", number=number),
        lambda: reject_change(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=form.revision,
            reason=form.reason,
        ),
    )


@blueprint.post("/<number>/withdrawal")
@requires(LedgerRight.APPROVE, LedgerRight.POST)
def withdrawal(number: str) -> Answer:
    """Take it out of force before its time, or, by whoever proposed it, back before anybody decided."""
    form, at = read_form(DecisionForm), clock.now()
    today = clock.business_date(at, portal().settings.timezone)

    def act() -> None:
        session, actor = current_session(), current_actor()
        if ProposalAct.RECALL in queries.change_of(session, number).acts:
            recall_change(session, actor=actor, number=number)
        else:
            withdraw_change(session, actor=actor, number=number, reason=form.reason, today=today, at=at)

    return _decide(number, gettext("%(number)s has been withdrawn.", number=number), act)


def _read(form: ChangeForm) -> Proposed:
    """The change that was typed. Raises Invalid with a fault beside every field that cannot be read."""
    faults: list[Fault] = []
    kind = ChangeKind(form.kind) if form.kind in list(ChangeKind) else ChangeKind.LIMIT
    amount: Decimal | None = None
    days: int | None = None
    if kind is ChangeKind.LIMIT:
        amount = typed.field(typed.money, form.amount, "/amount", faults)
    else:
        days = typed.field(typed.quantity, form.days, "/days", faults)
    valid_from = typed.field(typed.day, form.valid_from, "/valid_from", faults)
    until = form.valid_until.strip()
    valid_until = typed.field(typed.day, until, "/valid_until", faults) if until else None
    if faults or valid_from is None:
        raise Invalid(faults=faults)
    return Proposed(kind, amount, days, valid_from, valid_until, form.reason)


def _decide(number: str, done: str, act: Callable[[], None]) -> Answer:
    queries.change_of(current_session(), number)
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("credit_limits.show", number=number)),
    )


def _form(code: str, refusal: DomainError | None = None) -> str:
    session = current_session()
    today = clock.business_date(clock.now(), portal().settings.timezone)
    dealer = load_dealer(session, dealer_id_of(session, code[:64]), day=today) if code else None
    return render_template(
        "backoffice/credit/new.html",
        dealer=dealer,
        position=position(session, dealer.id) if dealer else None,
        kind_options=[(str(one), gettext(word)) for one, word in KINDS.items()],
        today=today,
        **refused(refusal),
    )


def _page(number: str, refusal: DomainError | None = None) -> str:
    session, actor = current_session(), current_actor()
    found = queries.change_of(session, number)
    decides = actor.may(LedgerRight.APPROVE) and actor.key not in found.written_by
    return render_template(
        "backoffice/credit/show.html",
        found=found,
        kinds=labels(KINDS),
        may_approve=decides and ProposalAct.APPROVE in found.acts,
        may_reject=decides and ProposalAct.REJECT in found.acts,
        may_recall=actor.key in found.written_by and ProposalAct.RECALL in found.acts,
        may_withdraw=decides and ProposalAct.WITHDRAW in found.acts,
        warnings=[in_full(one) for one in terms_warnings(found.days, portal().settings.terms_days_by_law)],
        **refused(refusal),
    )
