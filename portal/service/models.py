"""Service requests with their conversation; who serves what, and what is promised."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.service.rules import EntryKind, RequestState, ServiceKind, Severity
from portal.service.sla_rules import Clock, Stage

OPEN_STATES = "state IN ('new', 'assigned', 'in_progress', 'waiting')"
_EARLIER = "CASE WHEN first_answered_at IS NULL THEN least({first}, {last}) ELSE {last} END"


class ServiceRequest(Base):
    """What a dealer asks for. Its own lock guards it.

    serial, lot_no: as on the label. warranty_until: as it was known when it was opened. region_id: of the
    dealer, category: of the product, then. since: when its clocks began, at the opening or the last
    reopening; stood_minutes: business minutes that they stood since. first_answer_took: business minutes.
    due_at, warn_at: of the clock that runs out first. touched_at: when something happened that the dealer
    sees. is_held: only quality brings it to an end. merged_into: id of the request of the same dealer in
    which it goes on.
    """

    __tablename__ = "service_request"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        ForeignKeyConstraint(
            ["dealer_id", "merged_into"], ["service_request.dealer_id", "service_request.id"]
        ),
        one_of("kind", ServiceKind),
        one_of("severity", Severity),
        one_of("state", RequestState),
        CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged"),
        CheckConstraint("merged_into <> id", name="merged_elsewhere"),
        CheckConstraint("state NOT IN ('resolved', 'closed') OR resolved_at IS NOT NULL", name="resolved"),
        CheckConstraint(
            "(state IN ('closed', 'cancelled', 'merged')) = (ended_at IS NOT NULL)", name="ended"
        ),
        CheckConstraint("(state = 'waiting') = (paused_at IS NOT NULL)", name="paused"),
        CheckConstraint(
            "state NOT IN ('assigned', 'in_progress') OR assignee_id IS NOT NULL", name="assigned"
        ),
        CheckConstraint("(rating IS NULL) = (rated_at IS NULL) AND rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_service_request_number", "number"),
        Index("ix_service_request_dealer_id_asked_at", "dealer_id", "asked_at", "id"),
        Index("ix_service_request_asked_at", "asked_at", "id"),
        Index("ix_service_request_due", "due_at", "id", postgresql_where=OPEN_STATES),
        Index("ix_service_request_assignee", "assignee_id", "due_at", "id", postgresql_where=OPEN_STATES),
        Index("ix_service_request_warn", "warn_at", postgresql_where=f"{OPEN_STATES} AND paused_at IS NULL"),
        Index("ix_service_request_resolved", "resolved_at", postgresql_where="state = 'resolved'"),
        Index("ix_service_request_serial", "dealer_id", "serial", postgresql_where="serial <> ''"),
        Index(
            "ix_service_request_merged_into",
            "dealer_id",
            "merged_into",
            postgresql_where="merged_into IS NOT NULL",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    kind: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="new")
    subject: Mapped[str]
    text: Mapped[str]
    stops_treatment: Mapped[bool] = mapped_column(server_default="false")
    somebody_harmed: Mapped[bool] = mapped_column(server_default="false")
    is_held: Mapped[bool] = mapped_column(server_default="false")
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_no: Mapped[str] = mapped_column(server_default="")
    serial: Mapped[str] = mapped_column(server_default="")
    order_no: Mapped[str] = mapped_column(server_default="")
    contact: Mapped[str] = mapped_column(server_default="")
    preferred_on: Mapped[date | None]
    warranty_until: Mapped[date | None]
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    category: Mapped[str] = mapped_column(server_default="")
    assignee_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    assignee_label: Mapped[str] = mapped_column(server_default="")
    lead_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    asked_by: Mapped[str]
    asked_by_label: Mapped[str]
    asked_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    since: Mapped[datetime]
    first_answer_minutes: Mapped[int] = mapped_column(Integer)
    resolution_minutes: Mapped[int] = mapped_column(Integer)
    first_answer_due_at: Mapped[datetime]
    first_answer_warn_at: Mapped[datetime]
    first_answered_at: Mapped[datetime | None]
    first_answer_took: Mapped[int | None] = mapped_column(Integer)
    resolution_due_at: Mapped[datetime]
    resolution_warn_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(
        Computed(_EARLIER.format(first="first_answer_due_at", last="resolution_due_at"), persisted=True)
    )
    warn_at: Mapped[datetime] = mapped_column(
        Computed(_EARLIER.format(first="first_answer_warn_at", last="resolution_warn_at"), persisted=True)
    )
    paused_at: Mapped[datetime | None]
    stood_minutes: Mapped[int] = mapped_column(Integer, server_default="0")
    resolved_at: Mapped[datetime | None]
    resolved_by_label: Mapped[str] = mapped_column(server_default="")
    resolution: Mapped[str] = mapped_column(server_default="")
    reopenings: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    ended_at: Mapped[datetime | None]
    merged_into: Mapped[int | None] = mapped_column(BigInteger)
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    rating_text: Mapped[str] = mapped_column(server_default="")
    rated_at: Mapped[datetime | None]


class ServiceEntry(Base):
    """A message, a note or an event of a request. Never changed. Internal ones no dealer's session sees.

    files: ids of those that came with it, in their order. details: what an event says besides.
    """

    __tablename__ = "service_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "request_id"], ["service_request.dealer_id", "service_request.id"]
        ),
        one_of("kind", EntryKind),
        CheckConstraint("is_internal = (kind IN ('note', 'escalated'))", name="internal"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    request_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str]
    is_internal: Mapped[bool]
    is_staff: Mapped[bool]
    author: Mapped[str]
    author_label: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    files: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    said_at: Mapped[datetime]


class ServiceEscalation(Base):
    """Somebody was told that a clock runs out: once for each clock and stage of what was promised.

    round: after so many reopenings. minutes: of business, that were promised then: a request that is sorted
    anew has another promise.
    """

    __tablename__ = "service_escalation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "request_id"], ["service_request.dealer_id", "service_request.id"]
        ),
        one_of("clock", Clock),
        one_of("stage", Stage),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    request_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    round: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    minutes: Mapped[int] = mapped_column(Integer, primary_key=True, server_default="0", autoincrement=False)
    told_at: Mapped[datetime]


class ServiceTarget(Base):
    """What is promised of a kind and severity from a day on; of several the one that was set last."""

    __tablename__ = "service_target"
    __table_args__ = (
        one_of("kind", ServiceKind),
        one_of("severity", Severity),
        CheckConstraint(
            "first_answer_minutes > 0 AND resolution_minutes >= first_answer_minutes", name="minutes"
        ),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str] = mapped_column(primary_key=True)
    set_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    valid_from: Mapped[date]
    first_answer_minutes: Mapped[int] = mapped_column(Integer)
    resolution_minutes: Mapped[int] = mapped_column(Integer)
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]


class ServiceTeam(Base):
    """People who serve together. lead_id: who is told when time runs out."""

    __tablename__ = "service_team"

    id: Mapped[Key]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    lead_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    ended_at: Mapped[datetime | None]


class ServiceDuty(Base):
    """Somebody of a team serves a kind, a product category and a region; empty means any."""

    __tablename__ = "service_duty"
    __table_args__ = (
        ForeignKeyConstraint(["team_id"], ["service_team.id"]),
        one_of("kind", ServiceKind),
    )

    team_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    kind: Mapped[str | None]
    category: Mapped[str] = mapped_column(server_default="")
    region: Mapped[str] = mapped_column(server_default="")
