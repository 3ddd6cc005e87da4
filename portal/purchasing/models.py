"""Templates, drafts, the amounts above which a dealer approves its own orders, recurring orders.

No price is kept but what an approval was asked for: everything else is asked anew each time.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, UnitPrice, one_of
from portal.purchasing.rules import DraftState, Outcome, RecurringAct, Rhythm


class OrderTemplate(Base):
    """What a dealer orders again and again, under a name, for all its people: also called a saved list."""

    __tablename__ = "order_template"
    __table_args__ = (
        UniqueConstraint("dealer_id", "name"),
        CheckConstraint("length(name) BETWEEN 1 AND 60", name="name"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    name: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    updated_at: Mapped[datetime]
    updated_by_label: Mapped[str]


class OrderTemplateLine(Base):
    """A product of a template. place: from 1, in the order in which it was written."""

    __tablename__ = "order_template_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "template_id"],
            ["order_template.dealer_id", "order_template.id"],
            ondelete="CASCADE",
        ),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    template_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger)
    quantity: Mapped[int] = mapped_column(Integer)


class OrderDraft(Base):
    """An order that is not placed yet: kept under a name for colleagues, or asking for their approval.

    asked_by: whose order it is that needs approval; `total`, `seen` (what was shown, as
    `portal.orders.assess.Assessment.seen` has it) and `allowed` (¥ without approval) as they were then.
    request_key: the idempotency key of the call that asked. order_number: of what was placed.

    state: open, waiting, placed, rejected, taken, discarded (diagram in docs/purchasing.md).
    """

    __tablename__ = "order_draft"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        UniqueConstraint("dealer_id", "made_by", "request_key"),
        Index("ix_order_draft_dealer_id_state", "dealer_id", "state", "id"),
        one_of("state", DraftState),
        CheckConstraint("length(name) <= 60", name="name"),
        CheckConstraint("(state = 'placed') = (order_number IS NOT NULL)", name="order_number"),
        CheckConstraint(
            "state <> 'waiting' OR num_nulls(asked_by, asked_at, total, seen, allowed) = 0", name="asked"
        ),
        CheckConstraint(
            "state NOT IN ('placed', 'rejected') OR decided_by IS DISTINCT FROM asked_by", name="other_person"
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    state: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    purchase_order_no: Mapped[str] = mapped_column(server_default="")
    ship_to: Mapped[str | None]
    requested_date: Mapped[date | None]
    warehouse: Mapped[str | None]
    channel: Mapped[str] = mapped_column(server_default="portal")
    backorder: Mapped[bool] = mapped_column(server_default=false())
    split: Mapped[bool] = mapped_column(server_default=false())
    hospital: Mapped[str] = mapped_column(server_default="")
    made_by: Mapped[str]
    made_by_label: Mapped[str]
    made_at: Mapped[datetime]
    request_key: Mapped[str | None]
    asked_by: Mapped[str | None]
    asked_by_label: Mapped[str | None]
    asked_at: Mapped[datetime | None]
    total: Mapped[Amount | None]
    seen: Mapped[str | None]
    allowed: Mapped[Amount | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    order_number: Mapped[str | None]


class OrderDraftLine(Base):
    """A line of a draft. unit_price: what it cost when approval was asked, else nothing."""

    __tablename__ = "order_draft_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "draft_id"], ["order_draft.dealer_id", "order_draft.id"]),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    draft_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price: Mapped[UnitPrice | None]


class OrderLimit(Base):
    """¥ up to which some people of a dealer order without approval.

    subject: ``user:7``, ``role:dealer_buyer`` or ``systems``.
    """

    __tablename__ = "order_limit"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"),)

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]


class RecurringOrder(Base):
    """A template with a rhythm.

    day: of the week from 1, Monday, or of the month. next_on: the date that comes next, before it is moved
    off a weekend. user_id: who set it up, and in whose name it orders.
    """

    __tablename__ = "recurring_order"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        ForeignKeyConstraint(["dealer_id", "template_id"], ["order_template.dealer_id", "order_template.id"]),
        Index("ix_recurring_order_next_on", "next_on", postgresql_where="NOT paused"),
        one_of("rhythm", Rhythm),
        one_of("act", RecurringAct),
        CheckConstraint("day BETWEEN 1 AND CASE rhythm WHEN 'weekly' THEN 7 ELSE 31 END", name="day"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    template_id: Mapped[int]
    rhythm: Mapped[str]
    day: Mapped[int] = mapped_column(SmallInteger)
    next_on: Mapped[date]
    act: Mapped[str]
    paused: Mapped[bool] = mapped_column(server_default=false())
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    made_by_label: Mapped[str]
    made_at: Mapped[datetime]


class RecurringRun(Base):
    """What became of a recurring order on one of its dates: one row a date, so that none is run twice.

    document: number of the order or of the draft. faults: why it was skipped, as
    ``{message, params}`` in English.
    """

    __tablename__ = "recurring_run"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "recurring_id"],
            ["recurring_order.dealer_id", "recurring_order.id"],
            ondelete="CASCADE",
        ),
        one_of("outcome", Outcome),
        CheckConstraint("(outcome = 'skipped') = (document IS NULL)", name="document"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    recurring_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    document: Mapped[str | None]
    faults: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]")
    run_at: Mapped[datetime]
