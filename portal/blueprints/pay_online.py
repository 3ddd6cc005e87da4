"""A dealer pays: it chooses what, pays at Stripe, and comes back to see what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_babel import gettext

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock, typed
from portal.kernel.errors import Conflict, DomainError, Fault, Invalid, Unavailable
from portal.ledger.queries import settlement
from portal.payments import queries
from portal.payments.begin_payment import Pending, Request
from portal.payments.queries import OnlineDetail
from portal.payments.rules import AMOUNT_MAX, MAY_BE_CANCELLED, PENDING, Stage
from portal.payments.vocabulary import PaymentRight
from portal.payments.words import POSTINGS
from portal.web import language, pay_page
from portal.web.acting import Answer, acted, refused
from portal.web.error_handlers import status_of
from portal.web.forms import column_of_form, takes_columns
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import FIELD, Said

blueprint = Blueprint("pay_online", __name__, url_prefix="/online-payments")
blueprint.context_processor(dealer_frame)

_PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


@blueprint.get("/new")
@requires(PaymentRight.CREATE)
def new() -> str:
    """What is open, to choose from; all that is due is chosen at first."""
    pay_page.require_stripe()
    chosen = request.args.getlist("invoice")[:100]
    return _form(chosen, request.args.get("amount", "")[:32])


@blueprint.post("")
@requires(PaymentRight.CREATE)
@takes_columns("invoice")
def create() -> Answer:
    """Begin to pay what was chosen, and go where it is paid."""
    invoices, entered = list(column_of_form("invoice")), request.form.get("amount", "").strip()
    try:
        begun, _ = pay_page.begin(invoices, _amount(entered), _request())
    except (Invalid, Conflict, Unavailable) as refusal:
        current_session().rollback()
        return make_response(_form(invoices, entered, refusal), status_of(refusal))
    return redirect(url_for("pay_online.show", number=begun.number), 303)


@blueprint.get("/<number>")
@requires(PaymentRight.CREATE)
def show(number: str) -> str:
    """Where it is paid, as long as it can be; after that what became of it."""
    pay_page.require_stripe()
    found = queries.online_payment(current_session(), number)
    away, secret = None, ""
    if found.intent and found.stage in PENDING:
        try:
            intent = pay_page.asked(found.intent)
            found = queries.online_payment(current_session(), number)
            secret = intent.secret if intent.content.get("status") in _PAYABLE else ""
            return _shown(found, secret, str(intent.content.get("status", "")))
        except (Conflict, Unavailable) as refusal:
            away = refusal
    return _shown(found, secret, "", away)


@blueprint.post("/<number>/cancellation")
@requires(PaymentRight.CREATE)
def cancellation(number: str) -> Answer:
    """Give the payment up."""
    return acted(
        lambda: pay_page.cancel(number),
        shown=lambda refusal: _shown(queries.online_payment(current_session(), number), "", "", refusal),
        then=lambda _: Said(
            gettext("Payment %(number)s is cancelled.", number=number),
            url_for("payments.index"),
        ),
    )


def _amount(entered: str) -> Decimal | None:
    if not entered:
        return None
    faults: list[Fault] = []
    amount = typed.field(typed.money, entered, "/amount", faults)
    if faults:
        raise Invalid(faults=faults)
    return amount


def _request() -> Request | None:
    """A double click, or the same form again, begins one payment."""
    key = request.form.get(FIELD, "")[:64]
    if not key:
        return None
    said = repr((request.form.getlist("invoice"), request.form.get("amount", "")))
    fingerprint = hashlib.blake2b(said.encode(), digest_size=24).hexdigest()
    # With other entries it is another payment.
    return Request(f"form-{key}-{fingerprint}", fingerprint)


def _form(chosen: Sequence[str], amount: str, refusal: DomainError | None = None) -> str:
    session, dealer_id = current_session(), current_actor().own_dealer_id
    today = clock.business_date(clock.now(), portal().settings.timezone)
    owed = settlement(session, dealer_id)
    if not chosen and not amount and refusal is None:
        chosen = [item.document_no for item in owed.items if item.due_on <= today]
    return render_template(
        "payments/new.html",
        items=owed.items,
        credit=-owed.unallocated,
        chosen=frozenset(chosen),
        amount=amount,
        today=today,
        amount_max=AMOUNT_MAX,
        bank=pay_page.bank_transfer(dealer_id),
        pending=refusal.number if isinstance(refusal, Pending) else None,
        **refused(refusal),
    )


def _shown(found: OnlineDetail, secret: str, status: str, refusal: DomainError | None = None) -> str:
    settings = portal().settings
    if secret:
        pay_page.allow_stripe()
    return render_template(
        "payments/online.html",
        found=found,
        secret=secret,
        is_being_booked=status in ("succeeded", "processing") and found.stage in PENDING,
        may_cancel=found.stage in MAY_BE_CANCELLED and (bool(secret) or found.stage == Stage.STARTING),
        publishable_key=settings.stripe_publishable_key,
        script=settings.stripe_script,
        back=settings.base_url.rstrip("/") + url_for("pay_online.show", number=found.number),
        spoken="zh" if language.current().startswith("zh") else "en",
        postings=labels(POSTINGS),
        bank=pay_page.bank_transfer(found.dealer_id),
        refusal=in_full(refusal) if refusal else "",
    )
