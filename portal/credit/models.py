"""What of a dealer's credit was proposed, approved and in force."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.credit.rules import ChangeKind
from portal.kernel.db import Amount, Base, Key, one_of
from portal.kernel.proposals import Proposal, proposal_checks


class CreditChange(Proposal, Base):
    """Another limit or other terms of a dealer, from a day on, or until one (`valid_until`, its last day).

    number: ``LM…``. why: what was said for it. taken_over: what was in force before anybody proposed
    anything; nobody approved it here. ended_at: when a temporary one was taken out of force. Published is
    what has been in force.
    """

    __tablename__ = "credit_change"
    __table_args__ = (
        *proposal_checks(),
        UniqueConstraint("dealer_id", "number"),
        one_of("kind", ChangeKind),
        CheckConstraint(
            "(kind = 'limit') = (amount IS NOT NULL) AND (kind = 'terms') = (days IS NOT NULL)", name="value"
        ),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("days BETWEEN 0 AND 365", name="days"),
        CheckConstraint("valid_from <= valid_until", name="dates"),
        CheckConstraint(
            "approved_by IS NOT NULL OR taken_over OR (published_at IS NULL AND state <> 'approved')",
            name="approved",
        ),
        Index("ix_credit_change_number", "number"),
        Index("ix_credit_change_created_at", "created_at", "id"),
        Index("ix_credit_change_dealer_id_kind", "dealer_id", "kind", "valid_from"),
        Index("uq_credit_change_taken_over", "dealer_id", "kind", unique=True, postgresql_where="taken_over"),
        Index("ix_credit_change_begins", "valid_from", postgresql_where="state = 'approved'"),
        Index(
            "ix_credit_change_ends",
            "valid_until",
            postgresql_where="state = 'published' AND ended_at IS NULL AND valid_until IS NOT NULL",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str] = mapped_column()
    kind: Mapped[str]
    amount: Mapped[Amount | None]
    days: Mapped[int | None] = mapped_column(SmallInteger)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    why: Mapped[str]
    taken_over: Mapped[bool] = mapped_column(server_default="false")
    ended_at: Mapped[datetime | None]
