"""What headquarters posts to a dealer's account beside payments: deposits, write-offs, refunds, openings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.dealers.queries import dealer_id_of, load_dealer
from portal.kernel import typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.money import ZERO
from portal.ledger.corrections import Correction
from portal.ledger.deposits import held
from portal.ledger.journal import Posted
from portal.ledger.open_entries import open_entries, open_of_documents
from portal.ledger.pay_back import propose_refund
from portal.ledger.post_openings import OpenItem, post_openings
from portal.ledger.receive_deposit import receive_deposit
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import ENTRY_KINDS, METHODS
from portal.ledger.write_off import propose_write_off
from portal.web.account_forms import (
    PayBackForm,
    debts_of_form,
    faults_by_document,
    said_of,
    typed_debts,
)
from portal.web.acting import Answer, acted, refused
from portal.web.api.buyer import now_and_today
from portal.web.forms import Day, Form, Money, read_form, rows_of_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("document_forms", __name__, url_prefix="/hq/dealers/<code>")

ITEM_COLUMNS = ("document", "issued_on", "due_on", "amount")
EMPTY_ROWS = 5  # of open items, that a form shows


class DepositForm(Form):
    """A deposit that came in."""

    amount: Money
    received_on: Day
    method: str
    reference: str


class RefundForm(PayBackForm):
    """credit: number of what is paid back."""

    credit: str


class WriteOffForm(Form):
    """Why debts are given up."""

    reason: str


@blueprint.get("/deposits/new")
@requires(LedgerRight.POST)
def new_deposit(code: str) -> str:
    """An empty form."""
    return _page("deposit", code)


@blueprint.post("/deposits")
@requires(LedgerRight.POST)
def deposit(code: str) -> Answer:
    """Take a deposit."""
    at, today = now_and_today()

    def act(dealer_id: int) -> Posted:
        form = read_form(DepositForm).model_dump()
        return receive_deposit(
            current_session(), actor=current_actor(), dealer_id=dealer_id, today=today, at=at, **form
        )

    return _posted(act, "deposit", code)


@blueprint.get("/refunds/new")
@requires(LedgerRight.POST)
def new_refund(code: str) -> str:
    """An empty form with the dealer's credits."""
    return _page("refund", code)


@blueprint.post("/refunds")
@requires(LedgerRight.POST)
@fresh_sign_in
def refund(code: str) -> Answer:
    """Pay a credit back, or ask for it."""
    at, today = now_and_today()

    def act(dealer_id: int) -> Correction:
        session, form = current_session(), read_form(RefundForm)
        if form.credit not in open_of_documents(session, dealer_id, [form.credit]):
            message, fix = N_("Choose a credit of this dealer."), N_("Take one of the list.")
            raise Invalid(faults=[Fault("/credit", "unknown_credit", message, fix)])
        return propose_refund(
            session,
            actor=current_actor(),
            today=today,
            at=at,
            alone_max=portal().settings.correction_alone_max,
            **form.model_dump(),
        )

    return _asked(act, "refund", code)


@blueprint.get("/write-offs/new")
@requires(LedgerRight.POST)
def new_write_off(code: str) -> str:
    """An empty form with the dealer's open debts."""
    return _page("write_off", code)


@blueprint.post("/write-offs")
@requires(LedgerRight.POST)
@fresh_sign_in
@takes_columns("document", "amount", "whole")
def write_off(code: str) -> Answer:
    """Give debts up, or ask for it."""
    at, today = now_and_today()

    def act(dealer_id: int) -> Correction:
        debts, faults = debts_of_form()
        if faults:
            raise Invalid(faults=faults)
        return propose_write_off(
            current_session(),
            actor=current_actor(),
            dealer_id=dealer_id,
            debts=debts,
            reason=read_form(WriteOffForm).reason,
            today=today,
            at=at,
            alone_max=portal().settings.correction_alone_max,
        )

    return _asked(act, "write_off", code)


@blueprint.get("/opening-balances/new")
@requires(LedgerRight.POST)
def new_opening(code: str) -> str:
    """An empty form."""
    return _page("opening", code)


@blueprint.post("/opening-balances")
@requires(LedgerRight.POST)
@fresh_sign_in
@takes_columns(*ITEM_COLUMNS)
def opening(code: str) -> Answer:
    """Take open items of earlier books over."""
    at, today = now_and_today()

    def act(dealer_id: int) -> list[Posted]:
        return post_openings(
            current_session(),
            actor=current_actor(),
            dealer_id=dealer_id,
            items=_items(),
            today=today,
            at=at,
        )

    return acted(
        lambda: act(dealer_id_of(current_session(), code)),
        shown=lambda refusal: _page("opening", code, refusal),
        then=lambda made: Said(
            gettext("%(count)s open items have been posted.", count=len(made)),
            url_for("ledger.account", code=code),
        ),
    )


def _filled_in() -> list[tuple[int, tuple[str, ...]]]:
    """Rows in which something was typed, with their places."""
    rows = enumerate(rows_of_form(*ITEM_COLUMNS))
    return [(place, cells) for place, cells in rows if any(map(str.strip, cells))]


def _items() -> list[OpenItem]:
    """Raises Invalid for everything that cannot be read."""
    faults: list[Fault] = []
    items = []
    for index, (_, (document, issued_on, due_on, amount)) in enumerate(_filled_in()):
        at = f"/items/{index}"
        day = typed.field(typed.day, issued_on, f"{at}/issued_on", faults)
        due = typed.field(typed.day, due_on, f"{at}/due_on", faults) if due_on.strip() else None
        money = typed.field(typed.money, amount, f"{at}/amount", faults)
        items.append(OpenItem(document, day or date.min, due, money or ZERO))
    if faults:
        raise Invalid(faults=faults)
    return items


def _posted(act: Callable[[int], Posted], what: str, code: str) -> Answer:
    return acted(
        lambda: act(dealer_id_of(current_session(), code)),
        shown=lambda refusal: _page(what, code, refusal),
        then=lambda posted: Said(
            gettext("%(number)s has been posted.", number=posted.document_no),
            url_for("account_documents.show", number=posted.document_no),
        ),
    )


def _asked(act: Callable[[int], Correction], what: str, code: str) -> Answer:
    def address(correction: Correction) -> str:
        if correction.document_no is None:
            return url_for("ledger.account", code=code)
        return url_for("account_documents.show", number=correction.document_no)

    return acted(
        lambda: act(dealer_id_of(current_session(), code)),
        shown=lambda refusal: _page(what, code, refusal),
        then=lambda correction: Said(said_of(correction), address(correction)),
    )


def _page(what: str, code: str, refusal: DomainError | None = None) -> str:
    session, (_, today) = current_session(), now_and_today()
    dealer = load_dealer(session, dealer_id_of(session, code), day=today)
    context: dict[str, Any] = {"dealer": dealer, "today": today, "kinds": labels(ENTRY_KINDS)}
    context |= {"methods": [(str(method), word) for method, word in labels(METHODS).items()]}
    context |= {"alone_max": portal().settings.correction_alone_max, **refused(refusal)}
    if what == "deposit":
        context["held"] = held(session, dealer.id)
    elif what == "refund":
        context["credits"] = open_entries(session, dealer.id, debts=False)
    elif what == "write_off":
        context["debts"] = open_entries(session, dealer.id, debts=True)
        context |= {"typed_debts": typed_debts(), "debt_faults": faults_by_document(refusal)}
    else:
        context["rows"] = _rows(refusal)
    return render_template(f"backoffice/account_documents/new_{what}.html", **context)


def _rows(refusal: DomainError | None) -> list[dict[str, Any]]:
    """The rows of the form with what was typed and what is wrong with it, and some that are empty."""
    sent = "document" in request.form
    typed_rows = [dict(zip(ITEM_COLUMNS, row, strict=True)) for row in rows_of_form(*ITEM_COLUMNS)]
    rows: list[dict[str, Any]] = [{**row, "faults": []} for row in typed_rows] if sent else []
    faults = refusal.faults if refusal else ()
    for index, (place, _) in enumerate(_filled_in() if sent else []):
        rows[place]["faults"] = [one for one in faults if one.pointer.startswith(f"/items/{index}/")]
    empty = {**dict.fromkeys(ITEM_COLUMNS, ""), "faults": []}
    return rows + [dict(empty) for _ in range(max(EMPTY_ROWS - len(rows), 1))]
