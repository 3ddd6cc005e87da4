"""Tell a dealer's people by mail: orders to its buyers, statements to its finance, each in the own language.

A letter that is sent twice, because a worker died in between, carries the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, parseaddr

from sqlalchemy import text
from sqlalchemy.orm import Session

from config import Settings
from jobs import letters, resources
from jobs.letters import Letter
from portal.kernel import mail
from portal.kernel.db import transaction
from portal.identity.rules import Role
from portal.kernel.opaque import Sealer
from portal.orders import queries as orders
from portal.statements import queries as statements


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets a letter."""

    user_id: int
    email: str
    name: str
    locale: str


_READERS = text(
    """
    SELECT id, email, display_name, locale FROM user_account
     WHERE dealer_id = :dealer_id AND disabled_at IS NULL AND :role = ANY (roles) ORDER BY id
    """
)
_PARCEL = text("SELECT carrier, tracking_no FROM shipment WHERE number = :number")


def order_placed(effect_id: int, dealer_id: int, *, number: str) -> None:
    """Tell the buyers that their order was received."""
    with _within(dealer_id) as session:
        order, readers = orders.order(session, number), _readers(session, dealer_id, Role.DEALER_BUYER)
    facts = {
        "number": number, "purchase_order_no": order.purchase_order_no, "lines": len(order.lines),
        "total": order.total, "currency": order.currency, "held": bool(order.holds),
    }  # fmt: skip
    _send(effect_id, readers, lambda locale: letters.order_placed(locale, **facts))


def order_shipped(effect_id: int, dealer_id: int, *, number: str, shipment: str) -> None:
    """Tell the buyers which parcel is on its way."""
    with _within(dealer_id) as session:
        order, readers = orders.order(session, number), _readers(session, dealer_id, Role.DEALER_BUYER)
        parcel = session.execute(_PARCEL, {"number": shipment}).one()
    facts = {"number": number, "purchase_order_no": order.purchase_order_no} | parcel._asdict()
    _send(effect_id, readers, lambda locale: letters.order_shipped(locale, **facts))


def statement_issued(effect_id: int, dealer_id: int, *, number: str) -> None:
    """Tell finance that the month's statement is there."""
    with _within(dealer_id) as session:
        row, readers = statements.statement(session, number), _readers(session, dealer_id, Role.DEALER_FINANCE)
    facts = {
        "number": number, "period": row.period, "closing": row.closing, "overdue": row.overdue, "currency": row.currency,
    }  # fmt: skip
    _send(effect_id, readers, lambda locale: letters.statement_issued(locale, **facts))


def compose(letter: Letter, reader: Reader, *, effect_id: int, settings: Settings) -> EmailMessage:
    """The letter to one reader."""
    sender = settings.company_name_zh if reader.locale.startswith("zh") else settings.company_name_en
    about = {"locale": reader.locale, "name": reader.name, "sender": sender, "base_url": settings.base_url.rstrip("/")}
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    message = EmailMessage()
    message["Message-ID"] = f"<{Sealer(settings.secret_key.get_secret_value()).seal('letter', [effect_id, reader.user_id])}@{domain}>"
    message["Date"] = formatdate(localtime=True)
    message["From"] = settings.mail_from
    message["To"] = formataddr((reader.name, reader.email))
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letters.as_text(letter, **about))
    message.add_alternative(letters.as_html(letter, **about), subtype="html")
    return message


def _within(dealer_id: int) -> AbstractContextManager[Session]:
    return transaction(resources.database().dealer_session(resources.acting_for(dealer_id)))


def _readers(session: Session, dealer_id: int, role: Role) -> list[Reader]:
    return [Reader(*row) for row in session.execute(_READERS, {"dealer_id": dealer_id, "role": str(role)})]


def _send(effect_id: int, readers: list[Reader], letter: Callable[[str], Letter]) -> None:
    settings = resources.settings()
    for reader in readers:
        mail.send(settings.mail_url, compose(letter(reader.locale), reader, effect_id=effect_id, settings=settings))
