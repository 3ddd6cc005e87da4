"""What pages and calls of payments share: Stripe asked between transactions, the bank as another way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from flask import send_file
from werkzeug.wrappers import Response

from portal.dealers.payment_reference import grouped, reference_of
from portal.dealers.queries import load_dealer
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import transaction
from portal.kernel.errors import NotFound
from portal.kernel.paper.kept import KeptPaper
from portal.ledger.vocabulary import LedgerRight
from portal.payments.begin_payment import Begun, Request, begin_payment, note_intent
from portal.payments.give_up import cancel_unsent, payment_to_cancel, record_cancelled
from portal.payments.keep_event import keep_answer
from portal.payments.keys import takes_payments
from portal.payments.print_receipt import print_receipt
from portal.payments.provider import Intent, Provider
from portal.statements.company import Issuer
from portal.web.download_audit import undo_unsent_download
from portal.web.headers import allow_sources
from portal.web.request import current_actor, current_session, leave_database, own_transaction, portal

STRIPE = Actor("Stripe", frozenset({LedgerRight.POST}), region_ids=None)
"""Who keeps what Stripe told: for headquarters as a whole, with the one right to have it posted."""
_FRAMES = "https://js.stripe.com https://hooks.stripe.com"


@dataclass(frozen=True, slots=True)
class BankTransfer:
    """How to pay by bank. reference: the dealer's, by which the transfer is known."""

    holder: str
    bank: str
    account: str
    reference: str


def require_stripe() -> Provider:
    """Stripe. Raises NotFound where there are no keys."""
    settings = portal().settings
    if not takes_payments(settings):
        raise NotFound()
    return Provider(settings)


def bank_transfer(dealer_id: int) -> BankTransfer:
    """The company's account and what a dealer writes on a transfer to it."""
    settings = portal().settings
    today = clock.business_date(clock.now(), settings.timezone)
    dealer = load_dealer(current_session(), dealer_id, day=today)
    bank = Issuer.of(settings).bank
    return BankTransfer(bank.holder, bank.bank, bank.number, grouped(reference_of(dealer.code)))


def begin(invoices: list[str], amount: Decimal | None, request: Request | None) -> tuple[Begun, Intent]:
    """Begin a payment: ours is committed, then Stripe is asked, then its answer is.

    Raises what `begin_payment` raises, Away, Conflict, NotFound without keys.
    """
    provider, settings, at = require_stripe(), portal().settings, clock.now()
    with own_transaction() as session:
        begun = begin_payment(
            session,
            actor=current_actor(),
            invoices=invoices,
            amount=amount,
            currency=settings.currency,
            today=clock.business_date(at, settings.timezone),
            at=at,
            request=request,
        )
    leave_database()
    intent = provider.retrieve(begun.intent) if begun.intent else provider.create(begun)
    with own_transaction() as session:
        note_intent(session, actor=current_actor(), number=begun.number, intent=intent.id, at=at)
    return begun, intent


def asked(intent: str) -> Intent:
    """How a payment stands at Stripe. What it tells goes the way of all events, so that it is booked once."""
    provider = require_stripe()
    leave_database()
    found = provider.retrieve(intent)
    keep(found, clock.now())
    return found


def keep(found: Intent, at: datetime) -> None:
    """Keep what Stripe answered, to be handled."""
    with transaction(portal().database.session_for(STRIPE)) as session:
        keep_answer(session, actor=STRIPE, intent=found.content, at=at)


def cancel(number: str) -> None:
    """Give a payment up, here and at Stripe. Raises Conflict when it is too late, NotFound, Forbidden."""
    provider, actor, at = require_stripe(), current_actor(), clock.now()
    wanted = payment_to_cancel(current_session(), actor=actor, number=number)
    if not wanted.intent:
        cancel_unsent(current_session(), actor=actor, number=number, at=at)
        return
    leave_database()
    intent = provider.cancel(wanted.intent)
    keep(intent, clock.now())
    record_cancelled(current_session(), actor=actor, number=number)


def allow_stripe() -> None:
    """Let this page load Stripe's script and what that shows; every other page still loads ours alone."""
    settings = portal().settings
    script, api = (_origin(address) for address in (settings.stripe_script, settings.stripe_api_base))
    allow_sources(script_src=script, frame_src=_FRAMES, connect_src=f"{api} {script}", form_action=script)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def receipt(number: str, locale: str) -> KeptPaper:
    """The receipt of a payment in a language, kept from the first time it is asked for."""
    settings = portal().settings
    return print_receipt(
        current_session(),
        actor=current_actor(),
        number=number,
        locale=locale,
        company=(settings.company_name_zh, settings.company_name_en),
        currency=settings.currency,
        at=clock.now(),
    )


def send_receipt(number: str, locale: str) -> Response:
    """The receipt as it is printed."""
    paper = receipt(number, locale)
    about: dict[str, Any] = {"download_name": paper.filename, "etag": paper.sha256}
    return undo_unsent_download(send_file(BytesIO(paper.content), mimetype="application/pdf", **about))
