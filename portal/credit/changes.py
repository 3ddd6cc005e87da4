"""A change of a dealer's credit, locked behind the account; and the one that counts, written into it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.credit.models import CreditChange
from portal.credit.rules import ChangeKind, in_force
from portal.credit.vocabulary import CHANGED, CreditAction
from portal.dealers.account import lock_account, set_credit_limit, set_payment_terms
from portal.kernel import money, numbering, outbox, proposals
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.errors import NotFound
from portal.kernel.proposal_life import ProposalAct, ProposalState
from portal.notifications.tell import announce

PREFIX = "LM"

_DEALER_OF = text("SELECT dealer_id, id FROM credit_change WHERE number = :number")
_STANDS = text(
    """
    SELECT a.credit_limit, d.payment_terms_days, d.created_at
      FROM dealer d JOIN dealer_account a ON a.dealer_id = d.id WHERE d.id = :dealer_id
    """
)


def lock_change(
    session: Session, number: str, *, act: ProposalAct, revision: int | None = None
) -> CreditChange:
    """The change, locked behind its dealer's account, when the act is one of its state.

    Raises NotFound outside the session's scope, Conflict.
    """
    found = session.execute(_DEALER_OF, {"number": number}).one_or_none()
    row = None if found is None else session.get(CreditChange, (found.dealer_id, found.id))
    if row is None:
        raise NotFound()
    lock_account(session, row.dealer_id)
    return proposals.locked(session, row, act=act, revision=revision)


def put_in_force(session: Session, row: CreditChange, *, actor: Actor, at: datetime) -> None:
    """An approved change counts from now on; what was in force before anything is kept beside it."""
    _take_over(session, row, at)
    proposals.published(row, actor, at)
    record(session, CreditAction.IN_FORCE, row, actor=actor)


def write_in_force(session: Session, dealer_id: int, kind: ChangeKind, *, today: date) -> None:
    """Have the account say what counts today, and tell of it where that is another value.

    The caller has the account locked.
    """
    session.flush()
    query = select(CreditChange).where(
        CreditChange.dealer_id == dealer_id,
        CreditChange.kind == str(kind),
        CreditChange.state == str(ProposalState.PUBLISHED),
    )
    counts = in_force(session.scalars(query).all(), today)
    if counts is None:
        return
    stands = session.execute(_STANDS, {"dealer_id": dealer_id}).one()
    if kind is ChangeKind.LIMIT and counts.amount != stands.credit_limit:
        assert counts.amount is not None  # a limit has one, by its constraint
        set_credit_limit(session, dealer_id, counts.amount)
        _tell(session, counts, money.as_text(stands.credit_limit), money.as_text(counts.amount))
    if kind is ChangeKind.TERMS and counts.days != stands.payment_terms_days:
        assert counts.days is not None  # terms have some, by their constraint
        set_payment_terms(session, dealer_id, counts.days)
        _tell(session, counts, str(stands.payment_terms_days), str(counts.days))


def record(
    session: Session, action: CreditAction, row: CreditChange, *, actor: Actor, reason: str = ""
) -> None:
    """Write an act into the audit."""
    session.flush()
    after = {"kind": row.kind, "value": value_said(row.amount, row.days)} | _days(row)
    audit.record(
        session, action, row.number, actor=actor, dealer_id=row.dealer_id, after=after, reason=reason or None
    )


def value_said(amount: Decimal | None, days: int | None) -> str:
    """A limit or terms as plain text."""
    return money.as_text(amount) if amount is not None else str(days)


def _days(row: CreditChange) -> dict[str, Any]:
    until = row.valid_until
    return {"from": row.valid_from.isoformat(), "until": until and until.isoformat(), "state": row.state}


def _take_over(session: Session, row: CreditChange, at: datetime) -> None:
    """What was agreed before the first change of a kind, as the beginning of its history; once."""
    dealer_id, kind = row.dealer_id, ChangeKind(row.kind)
    query = select(CreditChange.id).where(
        CreditChange.dealer_id == dealer_id, CreditChange.kind == str(kind), CreditChange.taken_over
    )
    if session.execute(query).first() is not None:
        return
    stands = session.execute(_STANDS, {"dealer_id": dealer_id}).one()
    is_limit = kind is ChangeKind.LIMIT
    since = min(stands.created_at.date(), row.valid_from - timedelta(days=1))
    session.add(
        CreditChange(
            dealer_id=dealer_id,
            number=numbering.new_number(PREFIX, at.date()),
            kind=str(kind),
            amount=stands.credit_limit if is_limit else None,
            days=None if is_limit else stands.payment_terms_days,
            valid_from=since,
            why="",
            taken_over=True,
            state=str(ProposalState.PUBLISHED),
            proposed_by=SYSTEM.key,
            proposed_by_label=SYSTEM.label,
            published_by=SYSTEM.key,
            published_by_label=SYSTEM.label,
            published_at=stands.created_at,
            created_at=stands.created_at,
        )
    )
    session.flush()


def _tell(session: Session, row: CreditChange, before: str, after: str) -> None:
    told = {"number": row.number, "kind": row.kind}
    outbox.add(session, CHANGED, dealer_id=row.dealer_id, **told)
    facts = told | {
        "before": before,
        "after": after,
        "until": row.valid_until and row.valid_until.isoformat(),
    }
    announce(session, event=CHANGED, dealer_id=row.dealer_id, path="/credit", facts=facts)
