"""What Stripe would send, signed with the test's secret, and what then stands in the tables."""

from __future__ import annotations

import itertools
import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import stripe
from pydantic import SecretStr
from sqlalchemy import Connection, text

from config import Settings
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from portal.payments.begin_payment import Begun, begin_payment, note_intent
from portal.payments.handle_event import Handled, handle_event
from portal.payments.keep_event import keep_event
from tests import cast
from tests.ledger.acts import CAUTION
from tests.roles import Dealer

SECRET = "whsec_only_for_tests"
SHAPES: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "stripe_shapes.json").read_text())
_numbers = itertools.count(1)


def with_keys(settings: Settings, api_base: str = "http://127.0.0.1:9") -> Settings:
    """Settings of a portal that takes payments; of a Stripe that does not answer, unless one is named."""
    keys = {
        "stripe_secret_key": SecretStr("sk_test_only_for_tests"),
        "stripe_webhook_secret": SecretStr(SECRET),
        "stripe_publishable_key": "pk_test_only_for_tests",
        "stripe_api_base": api_base,
    }
    return settings.model_copy(update=keys)


def begun(
    database: Database,
    *invoices: str,
    amount: str | None = None,
    dealer: Dealer = cast.huadong,
    intent: str | None = None,
) -> Begun:
    """A dealer's finance has begun to pay, and Stripe has made an intent of it."""
    actor = dealer.finance.actor()
    with transaction(database.session_for(actor)) as session:
        made = begin_payment(
            session,
            actor=actor,
            invoices=invoices,
            amount=None if amount is None else Decimal(amount),
            currency="CNY",
            today=cast.TODAY,
            at=cast.NOW,
        )
        name = intent or f"pi_{made.number}"
        note_intent(session, actor=actor, number=made.number, intent=name, at=cast.NOW)
    return made


def intent_event(made: Begun | str, status: str = "succeeded", *, at: int = 0, **more: Any) -> dict[str, Any]:
    """What Stripe tells of an intent. at: seconds after the run began."""
    number = made if isinstance(made, str) else made.number
    total = 0 if isinstance(made, str) else int(made.amount * 100)
    kinds = {"succeeded": "succeeded", "processing": "processing", "canceled": "canceled"}
    changes = {
        "id": f"pi_{number}",
        "amount": total,
        "amount_received": total if status == "succeeded" else 0,
        "currency": "cny",
        "status": status,
        "metadata": {"payment": number},
        "last_payment_error": None,
    }
    kind = f"payment_intent.{kinds.get(status, 'created')}"
    return event(kind, SHAPES["payment_intent"] | changes | more, at=at)


def failed_event(made: Begun, *, at: int = 0) -> dict[str, Any]:
    """An attempt failed; the intent may be tried again."""
    error = {"code": "card_declined", "decline_code": "insufficient_funds", "type": "card_error"}
    told = intent_event(made, "requires_payment_method", at=at, last_payment_error=error)
    return told | {"type": "payment_intent.payment_failed"}


def refund_event(made: Begun, refunded: str, *, at: int = 0, **more: Any) -> dict[str, Any]:
    """So much went back in all."""
    changes = {
        "amount": int(made.amount * 100),
        "amount_captured": int(made.amount * 100),
        "amount_refunded": int(Decimal(refunded) * 100),
        "currency": "cny",
        "payment_intent": f"pi_{made.number}",
    }
    return event("charge.refunded", SHAPES["charge"] | changes | more, at=at)


def dispute_event(
    made: Begun, status: str, amount: str | None = None, *, at: int = 0, name: str = "dp_1"
) -> dict[str, Any]:
    """The payer's bank disputes it."""
    disputed = made.amount if amount is None else Decimal(amount)
    changes = {
        "id": f"{name}_{made.number}",
        "amount": int(disputed * 100),
        "currency": "cny",
        "payment_intent": f"pi_{made.number}",
        "status": status,
        "reason": "fraudulent",
    }
    kind = "closed" if status in ("won", "lost") else "created"
    return event(f"charge.dispute.{kind}", SHAPES["dispute"] | changes, at=at)


def event(kind: str, found: dict[str, Any], *, at: int = 0) -> dict[str, Any]:
    """An event about something."""
    created = int(cast.NOW.timestamp()) + at
    about = {"id": f"evt_test{next(_numbers)}", "type": kind, "created": created, "data": {"object": found}}
    return SHAPES["event"] | about


def signed(told: dict[str, Any], *, secret: str = SECRET, ago: int = 0) -> dict[str, Any]:
    """The body and the header with which Stripe would post it."""
    body = json.dumps(told)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()) - ago)
    return {"data": body, "headers": {"Stripe-Signature": header, "Content-Type": "application/json"}}


def told(database: Database, *events: dict[str, Any]) -> list[Handled]:
    """Stripe tells them, one after the other, and each is handled."""
    return [handled(database, kept(database, one)) for one in events]


def kept(database: Database, one: dict[str, Any]) -> int:
    """The id of an event that was kept."""
    with transaction(database.system_session()) as session:
        keep_event(session, actor=SYSTEM, event=one)
        query = text("SELECT id FROM stripe_event WHERE event = :event")
        event_id: int = session.execute(query, {"event": one["id"]}).scalar_one()
    return event_id


def handled(database: Database, event_id: int) -> Handled:
    """What became of an event."""
    with transaction(database.system_session()) as session:
        return handle_event(
            session, actor=SYSTEM, event_id=event_id, zone=cast.ZONE, at=cast.NOW, caution=CAUTION
        )


def postings(owner: Connection, made: Begun) -> list[tuple[str, Decimal, Decimal]]:
    """Kind and amount of what was posted, and the amount of its payment in the books."""
    query = """
        SELECT s.kind, s.amount, p.amount AS booked FROM online_posting s
          JOIN online_payment x ON (x.dealer_id, x.id) = (s.dealer_id, s.payment_id)
          JOIN payment p ON (p.dealer_id, p.number) = (s.dealer_id, s.payment_no)
         WHERE x.number = :number ORDER BY s.id
    """
    return [tuple(row) for row in owner.execute(text(query), {"number": made.number})]


def state(owner: Connection, made: Begun) -> str:
    """How a payment is shown."""
    query = text("SELECT state FROM online_payment WHERE number = :number")
    found: str = owner.execute(query, {"number": made.number}).scalar_one()
    return found


def paid_online(database: Database, dealer: Dealer, amount: str = "12.00") -> str:
    """The number of a payment on account that a dealer made, and that is booked."""
    made = begun(database, amount=amount, dealer=dealer)
    told(database, intent_event(made))
    return made.number
