"""Tell a dealer's people of orders, shipments and statements; and a letter as a message of the mail.

A letter that is sent twice, because a worker died in between, carries the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from email.message import EmailMessage
from email.utils import formataddr, formatdate, parseaddr
from typing import Any

from sqlalchemy.orm import Session

from config import Settings
from jobs import letters, resources
from jobs import statements as statements_jobs
from jobs.letters import Letter
from portal.identity import queries as identity
from portal.identity.queries import Reader
from portal.identity.rules import Role
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.opaque import Sealer
from portal.kernel.outbox import Effect
from portal.notifications.links import LETTER
from portal.notifications.tell import tell
from portal.orders import queries as orders
from portal.orders.queries import OrderDetail
from portal.shipping import queries as shipping
from portal.statements import queries as statements


def order_placed(effect: Effect) -> None:
    """Tell the buyers that their order was received."""
    number = effect.payload["number"]
    with within(effect) as session:
        order = orders.order(session, number)
        facts = {
            "number": number,
            "purchase_order_no": order.purchase_order_no,
            "lines": len(order.lines),
            "total": order.total,
            "currency": order.currency,
            "held": bool(order.holds),
            "reserved": sum(line.reserved for line in order.lines),
            **_waiting(order),
        }
        tell_role(session, effect, "order.placed", Role.DEALER_BUYER, f"/orders/{number}", facts)


def _waiting(order: OrderDetail) -> dict[str, Any]:
    """How many units wait for goods, and until when the last of them; no day where one of them has none."""
    waiting = [line for line in order.lines if line.backordered] if order.backorder else []
    days = [line.promised_on for line in waiting if line.promised_on is not None]
    return {
        "waiting": sum(line.backordered for line in waiting),
        "promised_on": max(days).isoformat() if days and len(days) == len(waiting) else None,
    }


def order_filled(effect: Effect) -> None:
    """Tell the buyers that goods they waited for have arrived."""
    number = effect.payload["number"]
    with within(effect) as session:
        order = orders.order(session, number)
        facts = {
            "number": number,
            "purchase_order_no": order.purchase_order_no,
            "units": effect.payload["units"],
            "waiting": sum(line.backordered for line in order.lines),
        }
        tell_role(session, effect, "order.filled", Role.DEALER_BUYER, f"/orders/{number}", facts)


def order_shipped(effect: Effect) -> None:
    """Tell the buyers which shipment is on its way."""
    number = effect.payload["number"]
    with within(effect) as session:
        order = orders.order(session, number)
        shipment = shipping.waybill(session, effect.payload["shipment"])
        facts = {"number": number, "purchase_order_no": order.purchase_order_no} | shipment._asdict()
        tell_role(session, effect, "order.shipped", Role.DEALER_BUYER, f"/orders/{number}", facts)


def statement_issued(effect: Effect) -> None:
    """Tell finance that the month's statement is there."""
    number = effect.payload["number"]
    with within(effect) as session:
        row = statements.statement(session, number)
        facts = {
            "number": number,
            "period": row.period,
            "closing": row.closing,
            "overdue": row.overdue,
            "currency": row.currency,
        }
        tell_role(session, effect, "statement.issued", Role.DEALER_FINANCE, f"/statements/{number}", facts)


def statement_corrected(effect: Effect) -> None:
    """Make the papers of a corrected version and tell finance; the earlier one is superseded."""
    statements_jobs.paper(effect)
    number = effect.payload["number"]
    with within(effect) as session:
        row = statements.statement(session, number)
        facts = {"number": number, "period": row.period, "version": effect.payload["version"]}
        tell_role(session, effect, "statement.corrected", Role.DEALER_FINANCE, f"/statements/{number}", facts)


def tell_role(
    session: Session, effect: Effect, event: str, role: Role, path: str, facts: Mapping[str, Any]
) -> None:
    """Tell the people of an effect's dealer who hold a role."""
    readers = identity.readers(session, dealer_id=effect.dealer_id, role=role)
    tell(session, effect=effect, event=event, readers=readers, path=path, facts=facts, at=clock.now())


def compose(letter: Letter, reader: Reader, *, letter_id: list[Any], settings: Settings) -> EmailMessage:
    """The letter to one reader. letter_id: what is the same when the same letter is sent again."""
    sender = settings.company_name_zh if reader.locale.startswith("zh") else settings.company_name_en
    about = {
        "locale": reader.locale,
        "name": reader.name,
        "sender": sender,
        "base_url": settings.base_url.rstrip("/"),
    }
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    message = EmailMessage()
    sealer = Sealer(*settings.secret_keys)
    message["Message-ID"] = f"<{sealer.seal(LETTER, letter_id)}@{domain}>"
    message["Date"] = formatdate(localtime=True)
    message["From"] = settings.mail_from
    message["To"] = formataddr((reader.name, reader.email))
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:  # RFC 8058: one click of the mail program, without a page
        message["List-Unsubscribe"] = f"<{about['base_url']}{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letters.as_text(letter, **about))
    message.add_alternative(letters.as_html(letter, **about), subtype="html")
    return message


def within(effect: Effect) -> AbstractContextManager[Session]:
    """A transaction that sees the rows of the dealer whom an effect is about."""
    if effect.dealer_id is None:
        raise ValueError("this is about one dealer's business")
    return transaction(resources.database().dealer_session(resources.acting_for(effect.dealer_id)))
