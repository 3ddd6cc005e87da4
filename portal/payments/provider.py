"""Stripe, asked: the one place from which anything is sent there. Never called within a transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe

from portal.kernel.errors import N_, Conflict, Unavailable, Unreadable
from portal.payments.begin_payment import Begun
from portal.payments.keys import Keys
from portal.payments.stripe_rules import API_VERSION, minor

CONNECT_SECONDS, ANSWER_SECONDS = 3, 10
logging.getLogger("stripe").setLevel(logging.WARNING)  # it tells of every question
RETRIES = 1
TOLERANCE_SECONDS = 300
"""How old a signature may be: what is replayed later is refused."""
_EXPANDED = ["latest_charge.balance_transaction"]


class Away(Unavailable):
    """Stripe did not answer."""

    code = "stripe_away"
    message = N_("Stripe does not answer. Nothing was charged; try again in a moment.")


class Unsigned(Unreadable):
    """What came was not signed by Stripe, or too long ago."""

    code = "unsigned"
    message = N_("The signature is wrong.")


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment at Stripe. secret: what the browser confirms it with. content: all that Stripe says of it."""

    id: str
    secret: str
    content: dict[str, Any]


class Provider:
    """Stripe by the keys of an installation."""

    def __init__(self, keys: Keys) -> None:
        self._client = stripe.StripeClient(
            keys.stripe_secret_key.get_secret_value(),
            stripe_version=API_VERSION,
            base_addresses={"api": keys.stripe_api_base},
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
            max_network_retries=RETRIES,
        )

    def create(self, payment: Begun) -> Intent:
        """Make the intent of a payment, or find the one that was made of it. Raises Away, Conflict."""
        return _intent(
            lambda: self._client.v1.payment_intents.create(
                {
                    "amount": minor(payment.amount),
                    "currency": payment.currency.lower(),
                    "metadata": {"payment": payment.number},
                },
                {"idempotency_key": payment.number},
            )
        )

    def retrieve(self, intent: str) -> Intent:
        """How a payment stands. Raises Away, Conflict."""
        return _intent(lambda: self._client.v1.payment_intents.retrieve(intent, {"expand": _EXPANDED}))

    def cancel(self, intent: str) -> Intent:
        """Give a payment up. Raises Away; Conflict when it is too late."""
        return _intent(lambda: self._client.v1.payment_intents.cancel(intent))


def require_signature(keys: Keys, payload: bytes, header: str) -> None:
    """Raise Unsigned unless Stripe signed this within the last minutes."""
    secret = keys.stripe_webhook_secret.get_secret_value()
    if not header.isascii():  # it is compared in constant time, which wants that
        raise Unsigned()
    try:
        stripe.WebhookSignature.verify_header(payload, header, secret, tolerance=TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise Unsigned() from error


def _intent(ask: Callable[[], stripe.PaymentIntent]) -> Intent:
    try:
        found = ask()
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise Away() from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise Away("stripe_keys", N_("Stripe refuses our keys. Tell headquarters.")) from error
    except stripe.StripeError as error:
        message = N_("Stripe refuses this payment: %(why)s")
        raise Conflict("stripe_refuses", message, why=error.user_message or error.code or "") from error
    return Intent(found.id, found.client_secret or "", found.to_dict())
