"""Payments that headquarters received."""

from __future__ import annotations

from backoffice.api.schemas.headquarters import PaymentBody, PaymentShape
from portal.kernel.errors import N_
from portal.ledger.record_payment import caution_of, record_payment
from portal.ledger.rules import Doubt
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import buyer_id, now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/hq/payments",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=PaymentBody,
    answers=PaymentShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Book a payment of a dealer"),
    about=N_(
        "It settles the debts that fell due first; what exceeds them is the dealer's credit. "
        "Negative when it is paid back. "
        "A bank reference that was booked before and an unusual amount are 409 until they are confirmed."
    ),
)
def pay(body: PaymentBody) -> Answer:
    at, today = now_and_today()
    posted = record_payment(
        current_session(),
        actor=current_actor(),
        dealer_id=buyer_id(body.dealer),
        amount=body.amount,
        received_on=body.received_on,
        method=body.method,
        reference=body.reference,
        advance_for=body.advance_for,
        today=today,
        at=at,
        caution=caution_of(portal().settings),
        confirmed=_confirmed(body),
    )
    return Answer(
        {
            "number": posted.document_no,
            "dealer": body.dealer,
            "amount": body.amount,
            "received_on": posted.occurred_on,
            "period": posted.period,
            "late": posted.late,
        },
        201,
    )


def _confirmed(body: PaymentBody) -> set[Doubt]:
    said = {Doubt.DUPLICATE: body.confirm_duplicate, Doubt.AMOUNT: body.confirm_amount}
    return {doubt for doubt, confirmed in said.items() if confirmed}
