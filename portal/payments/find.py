"""Online payments, found by the beginning of their number."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import begins_with, number_beginning
from portal.payments.begin_payment import PREFIX

_PAYMENTS = text(
    f"""
    SELECT o.number, o.state, d.name_zh, d.name_en
      FROM (SELECT number, state, dealer_id FROM online_payment
             WHERE {begins_with("number", "beginning")} ORDER BY number LIMIT :limit) o
      JOIN dealer d ON d.id = o.dealer_id
     ORDER BY o.number
    """
)


def find_payments(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """A dealer's own, or those of the dealers of an employee."""
    endpoint = "online_payments.show" if actor.is_staff else "pay_online.show"
    parameters = {"beginning": number_beginning(PREFIX, q), "limit": limit}
    for row in session.execute(_PAYMENTS, parameters):
        names, status = (row.name_zh, row.name_en), ("online payment", row.state)
        yield Hit(endpoint, {"number": row.number}, row.number, names, status)
