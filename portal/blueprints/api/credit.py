"""A dealer's credit: its limit, what is used of it, and what was in force."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.credit import CreditShape
from portal.credit.manifest import CHAPTER
from portal.credit.queries import ChangeRow, History, history
from portal.credit.stop_queries import stop_of_dealer
from portal.dealers.queries import load_dealer
from portal.kernel.errors import N_
from portal.ledger.queries import position
from portal.statements.vocabulary import StatementRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/credit",
    tag=CHAPTER,
    rights=(StatementRight.READ,),
    answers=CreditShape,
    summary=N_("Credit of the dealer"),
    about=N_("Limit, use and terms, what was in force before, and whether new orders are held."),
)
def show() -> dict[str, Any]:
    session, dealer_id = current_session(), current_actor().own_dealer_id
    _at, today = now_and_today()
    stands, stop = position(session, dealer_id), stop_of_dealer(session, dealer_id, today=today)
    found = history(session, dealer_id, today=today)
    return {
        "credit_limit": stands.credit_limit,
        "balance": stands.balance,
        "open_orders": stands.open_orders,
        "available_credit": stands.available,
        "payment_terms_days": load_dealer(session, dealer_id, day=today).payment_terms_days,
        "stopped": stop is not None,
        "stopped_until": stop and stop.until,
        "history": [_change(one, found) for one in found.changes],
    }


def _change(one: ChangeRow, found: History) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "amount": one.amount,
        "days": one.days,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "in_force": one in (found.limit, found.terms),
    }
