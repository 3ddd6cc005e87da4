"""Headquarters' books: payments received, months closed."""

from __future__ import annotations

from typing import Any

from portal.kernel import clock
from portal.web.api.buyer import buyer_id, now_and_today
from portal.web.api.operations import Answer, Tag, operation
from backoffice.api.schemas.headquarters import ClosingBegun, ClosingBody, ClosingShape, PaymentBody, PaymentShape
from portal.kernel.errors import N_, NotFound
from portal.identity.rules import Right
from portal.ledger.record_payment import caution_of, record_payment
from portal.ledger.rules import Doubt
from portal.web.request import current_actor, current_session, portal
from portal.statements import queries
from portal.statements.begin_close import begin_close

FINANCE = (Right.HQ_FINANCE,)


@operation(
    "POST", "/hq/payments", tag=Tag.HEADQUARTERS, rights=FINANCE, body=PaymentBody, answers=PaymentShape, status=201, creates=True,
    conflicts=True, summary=N_("Book a payment of a dealer"),
    about=N_(
        "It settles the debts that fell due first; what exceeds them is the dealer's credit. Negative when it is paid back. "
        "A bank reference that was booked before and an unusual amount are 409 until they are confirmed."
    ),
)  # fmt: skip
def pay(body: PaymentBody) -> Answer:
    at, today = now_and_today()
    posted = record_payment(
        current_session(), actor=current_actor(), dealer_id=buyer_id(body.dealer), amount=body.amount, received_on=body.received_on,
        method=body.method, reference=body.reference, today=today, at=at, caution=caution_of(portal().settings), confirmed=_confirmed(body),
    )  # fmt: skip
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


@operation(
    "POST", "/hq/period-closes", tag=Tag.HEADQUARTERS, rights=FINANCE, body=ClosingBody, answers=ClosingBegun, status=202, creates=True,
    conflicts=True, located="/hq/period-closes/{period}", summary=N_("Start a month close"),
    about=N_("Nothing more is posted in it; jobs issue the statements. Location shows the progress."),
)  # fmt: skip
def close(body: ClosingBody) -> Answer:
    at, today = now_and_today()
    begun = begin_close(current_session(), actor=current_actor(), period=body.period, today=today, at=at)
    return Answer({"period": begun.period, "dealers": begun.dealers}, 202)


@operation(
    "GET", "/hq/period-closes/<period>", tag=Tag.HEADQUARTERS, rights=FINANCE, answers=ClosingShape,
    summary=N_("Progress of a month close"),
    about=N_("`dealers` are due a statement; `done` have it, `failed` need somebody to look."),
)  # fmt: skip
def progress(period: str) -> dict[str, Any]:
    try:
        clock.first_day(period)
    except ValueError:
        raise NotFound() from None
    closing = queries.close_progress(current_session(), period=period, at=clock.now())
    return {
        "period": closing.period,
        "state": closing.state,
        "closing_at": closing.closing_at,
        "closed_at": closing.closed_at,
        "dealers": closing.progress.total,
        "done": closing.progress.done,
        "failed": closing.progress.failed,
    }
