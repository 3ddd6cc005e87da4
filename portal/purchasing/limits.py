"""The amounts above which a dealer's own people and systems need a colleague's approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.rules import DEALER_ROLES
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.registry import registry
from portal.orders.vocabulary import OrderRight
from portal.purchasing import rules
from portal.purchasing.vocabulary import PurchasingAction, PurchasingRight

AMOUNT_MAX = Decimal("1e12")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose orders an amount may be set for. subject: as `order_limit` names it.

    name: of a person, or of a role that the dealer composed; empty for a built-in role and for the dealer's
    systems. amount: None for any.
    """

    subject: str
    name: str
    amount: Decimal | None


def amount_without_approval(session: Session, *, actor: Actor) -> Decimal | None:
    """¥ up to which the actor orders alone; None for any amount, as for headquarters.

    One statement, and none for headquarters.
    """
    if actor.dealer_id is None:
        return None
    amounts, composed = _amounts(session, actor.dealer_id)
    return rules.amount_for(
        amounts,
        user_id=actor.user_id,
        roles=actor.roles,
        ordering=ordering_roles(),
        composed=composed,
    )


def ordering_roles() -> frozenset[str]:
    """The built-in roles of a dealer that may order."""
    held = registry().rights
    return frozenset(str(role) for role in DEALER_ROLES if OrderRight.WRITE in held.get(role, ()))


def buyers(session: Session, *, actor: Actor) -> list[Buyer]:
    """Everybody an amount may be set for: roles, those that the dealer composed too, its systems, people."""
    amounts, composed = _amounts(session, actor.own_dealer_id)
    subjects = [(rules.role(name), "") for name in sorted(ordering_roles())]
    subjects += [*((rules.role(code), name) for code, name in composed.items()), (rules.SYSTEMS, "")]
    roles = [*ordering_roles(), *composed]
    people = session.execute(_PEOPLE, {"dealer_id": actor.own_dealer_id, "roles": roles})
    subjects += [(rules.person(row.id), row.display_name) for row in people]
    return [Buyer(subject, name, amounts.get(subject)) for subject, name in subjects]


def set_amount(session: Session, *, actor: Actor, subject: str, amount: Decimal | None, at: datetime) -> None:
    """From now on orders of `subject` above `amount` need approval; None: none do by this amount.

    Raises Invalid for an amount out of range or a subject that is none.
    """
    actor.require(PurchasingRight.APPROVE)
    known = {buyer.subject: buyer.amount for buyer in buyers(session, actor=actor)}
    faults = []
    if subject not in known:
        message, fix = N_("Nobody here orders under this name."), N_("Load the page again.")
        faults.append(Fault("/subject", "unknown_subject", message, fix))
    if amount is not None and not 0 <= amount < AMOUNT_MAX:
        faults.append(Fault("/amount", "amount", N_("Enter 0 or more."), N_("Write it like 5000.00.")))
    if faults:
        raise Invalid(faults=faults)
    whose = {"dealer_id": actor.own_dealer_id, "subject": subject}
    if amount is None:
        session.execute(_LIFT, whose)
    else:
        session.execute(_SET, {**whose, "amount": amount, "label": actor.label, "at": at})
    record(
        session,
        PurchasingAction.LIMIT_SET,
        subject,
        actor=actor,
        dealer_id=actor.own_dealer_id,
        before={"amount": _text(known[subject])},
        after={"amount": _text(amount)},
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _amounts(session: Session, dealer_id: int) -> tuple[dict[str, Decimal], dict[str, str]]:
    """The amounts that were set, by subject; and names by code of the roles that the dealer composed and that
    may order.
    """
    rows = session.execute(_AMOUNTS, {"dealer_id": dealer_id, "right": OrderRight.WRITE}).all()
    amounts = {row.subject: row.amount for row in rows if row.amount is not None}
    return amounts, {row.subject: row.name for row in rows if row.name is not None}


_AMOUNTS = text(
    """
    SELECT subject, amount, CAST(NULL AS text) AS name FROM order_limit WHERE dealer_id = :dealer_id
    UNION ALL
    (SELECT code, NULL, name FROM custom_role WHERE dealer_id = :dealer_id AND :right = ANY (rights)
      ORDER BY lower(name), code)
    """
)
_PEOPLE = text(
    """
    SELECT id, display_name FROM user_account
     WHERE dealer_id = :dealer_id AND disabled_at IS NULL AND roles && CAST(:roles AS text[])
     ORDER BY display_name, id
    """
)
_SET = text(
    """
    INSERT INTO order_limit (dealer_id, subject, amount, set_by_label, set_at)
    VALUES (:dealer_id, :subject, :amount, :label, :at)
    ON CONFLICT (dealer_id, subject) DO UPDATE
      SET amount = excluded.amount, set_by_label = excluded.set_by_label, set_at = excluded.set_at
    """
)
_LIFT = text("DELETE FROM order_limit WHERE dealer_id = :dealer_id AND subject = :subject")
