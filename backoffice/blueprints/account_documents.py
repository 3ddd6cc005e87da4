"""Deposits, write-offs, refunds, opening balances, interest: the list, and what is done with each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dealers.queries import dealer_id_of
from portal.kernel.errors import N_, DomainError, Invalid, NotFound
from portal.kernel.paging import Page
from portal.ledger import corrections, documents
from portal.ledger.corrections import Correction
from portal.ledger.document_queries import (
    DocumentPage,
    DocumentRow,
    account_document,
    account_documents,
    count_documents,
)
from portal.ledger.kinds import CorrectionState, DocumentKind
from portal.ledger.open_entries import open_entries
from portal.ledger.pay_back import propose_deposit_return
from portal.ledger.propose_correction import propose_document_reversal
from portal.ledger.receive_deposit import use_deposit
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import DOCUMENT_KINDS, ENTRY_KINDS, METHODS
from portal.web.account_forms import PayBackForm, debts_of_form, faults_by_document, said_of, typed_debts
from portal.web.acting import Answer, acted, refused
from portal.web.api.buyer import now_and_today
from portal.web.forms import Form, read_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("account_documents", __name__, url_prefix="/hq/account-documents")

DOCUMENTS = Listing(
    "account-documents",
    N_("Deposits, refunds and write-offs"),
    (
        Column("number", N_("Document"), Kind.CODE, width="c-18"),
        Column("kind", N_("Kind"), Kind.WORD, words=DOCUMENT_KINDS, width="c-15", css="cell-corner"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("source", N_("Came of"), Kind.CODE, width="c-18"),
        Column("issued_on", N_("Date"), Kind.DATE, width="c-12"),
        Column("due_on", N_("Due"), Kind.DATE, shown=False, width="c-12"),
        Column("amount", N_("Amount"), Kind.MONEY, width="c-12"),
        Column("left", N_("Still held"), Kind.MONEY, width="c-12"),
        Column("is_reversed", N_("Reversed"), Kind.FLAG, shown=False, width="c-10"),
    ),
)


class ReasonForm(Form):
    """Why a document is reversed."""

    reason: str


@blueprint.get("")
@requires(LedgerRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Documents of every dealer in scope, the latest first; of one kind or dealer."""
    session, kind = current_session(), request.args.get("kind", "")
    kind = kind if kind in list(DocumentKind) else ""
    dealer = request.args.get("dealer", "").strip()[:64]
    sought: dict[str, Any] = {"kind": kind or None, "dealer_id": _dealer_of(dealer)}

    def fetch(cursor: str | None, limit: int) -> Page[DocumentRow]:
        if sought["dealer_id"] == 0:
            return Page((), None)
        return account_documents(session, cursor=cursor, limit=limit, **sought)

    return show_list(
        DOCUMENTS,
        fetch,
        "backoffice/account_documents/index.html",
        {"kind": kind, "dealer": dealer},
        page_only=lambda: {
            "kind_options": [(str(one), word) for one, word in labels(DOCUMENT_KINDS).items()]
        },
        count=lambda: count_documents(session, **sought),
        dealer_id=sought["dealer_id"] or None,
    )


@blueprint.get("/<number>")
@requires(LedgerRight.READ)
def show(number: str) -> str:
    """One document with what it settles, and what can be done with it."""
    return _page(account_document(current_session(), number))


@blueprint.post("/<number>/reversal")
@requires(LedgerRight.POST)
@fresh_sign_in
def reversal(number: str) -> Answer:
    """Reverse it, or ask for it."""
    found, (at, today) = account_document(current_session(), number), now_and_today()

    def act() -> Correction:
        return propose_document_reversal(
            current_session(),
            actor=current_actor(),
            number=number,
            reason=read_form(ReasonForm).reason,
            today=today,
            at=at,
            alone_max=portal().settings.correction_alone_max,
        )

    return _acted(act, found, "correct")


@blueprint.post("/<number>/repayment")
@requires(LedgerRight.POST)
@fresh_sign_in
def repayment(number: str) -> Answer:
    """Pay a deposit back, or ask for it."""
    found, (at, today) = _deposit(number), now_and_today()

    def act() -> Correction:
        return propose_deposit_return(
            current_session(),
            actor=current_actor(),
            number=number,
            today=today,
            at=at,
            alone_max=portal().settings.correction_alone_max,
            **read_form(PayBackForm).model_dump(),
        )

    return _acted(act, found, "repay")


@blueprint.post("/<number>/application")
@requires(LedgerRight.POST)
@takes_columns("document", "amount", "whole")
def application(number: str) -> Answer:
    """Let a deposit pay debts."""
    found, (at, today) = _deposit(number), now_and_today()

    def act() -> str:
        debts, faults = debts_of_form()
        if faults:
            raise Invalid(faults=faults)
        posted = use_deposit(
            current_session(), actor=current_actor(), number=number, debts=debts, today=today, at=at
        )
        return posted.document_no

    return acted(
        act,
        shown=lambda refusal: _page(found, refusal, "apply"),
        then=lambda made: Said(
            gettext("%(number)s has been posted.", number=made),
            url_for("account_documents.show", number=number),
        ),
    )


def _dealer_of(code: str) -> int | None:
    """Of the filter: None for everybody's, 0 for nobody's."""
    if not code:
        return None
    try:
        return dealer_id_of(current_session(), code)
    except NotFound:
        return 0


def _deposit(number: str) -> DocumentPage:
    found = account_document(current_session(), number)
    if found.kind != DocumentKind.DEPOSIT:
        raise NotFound()
    return found


def _acted(act: Callable[[], Correction], found: DocumentPage, form: str) -> Answer:
    address = url_for("account_documents.show", number=found.number)
    return acted(
        act,
        shown=lambda refusal: _page(found, refusal, form),
        then=lambda correction: Said(said_of(correction), address),
    )


def _page(found: DocumentPage, refusal: DomainError | None = None, form: str = "") -> str:
    """form: the one that was refused."""
    session, may_post = current_session(), current_actor().may(LedgerRight.POST)
    asked = corrections.requests_about(session, dealer_id=found.dealer_id, subject=found.number)
    stands = may_post and found.reversed_at is None
    may_take = bool(stands and found.left)
    debts = open_entries(session, found.dealer_id, debts=True) if may_take else []
    return render_template(
        "backoffice/account_documents/show.html",
        found=found,
        form=form,
        kinds=labels(ENTRY_KINDS),
        methods={str(method): word for method, word in labels(METHODS).items()},
        allocations=documents.allocations(session, found),
        requests=asked,
        waits=any(one.state == CorrectionState.WAITING for one in asked),
        may_reverse=stands and not (found.left is not None and found.left != found.amount),
        may_take=may_take,
        debts=debts,
        typed_debts=typed_debts(),
        debt_faults=faults_by_document(refusal),
        alone_max=portal().settings.correction_alone_max,
        today=now_and_today()[1],
        **refused(refusal),
    )
