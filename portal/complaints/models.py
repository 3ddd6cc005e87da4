"""Complaints and adverse events: the record that is kept. Nothing of it is ever deleted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.complaints.clock_rules import Stage, TermName, Unit
from portal.complaints.report_rules import ReportKind
from portal.complaints.rules import Category, ComplaintState, EventState, Grade, Harm, Source
from portal.kernel.db import Base, one_of

_REQUEST = (["dealer_id", "id"], ["service_request.dealer_id", "service_request.id"])
_EVENT = (["dealer_id", "event_id"], ["adverse_event.dealer_id", "adverse_event.id"])


class Complaint(Base):
    """What the dealer sees of a complaint, which is its request's: `id` is that of the request, whose lock
    guards it. closed_round: after so many reopenings of the request quality closed it last.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        ForeignKeyConstraint(*_REQUEST),
        one_of("state", ComplaintState),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("(closed_at IS NULL) = (closed_round IS NULL)", name="round"),
        CheckConstraint("closed_at IS NULL OR (measure <> '' AND answer <> '')", name="answered"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    state: Mapped[str]
    stop_use: Mapped[str] = mapped_column(server_default="")
    measure: Mapped[str] = mapped_column(server_default="")
    answer: Mapped[str] = mapped_column(server_default="")
    closed_at: Mapped[datetime | None]
    closed_round: Mapped[int | None] = mapped_column(SmallInteger)


class ComplaintAnalysis(Base):
    """What only headquarters sees of it: no session of a dealer reads or writes it. serials: one a line."""

    __tablename__ = "complaint_analysis"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "id"], ["complaint.dealer_id", "complaint.id"]),
        one_of("category", Category),
        one_of("grade", Grade),
        CheckConstraint("(told_at IS NULL) = (told_how = '')", name="told"),
        CheckConstraint("(decided_by_label = '') = (decided_at IS NULL)", name="decided"),
        Index("ix_complaint_analysis_lot", "product_id", "lot_no", postgresql_where="lot_no <> ''"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    category: Mapped[str]
    grade: Mapped[str]
    possible_event: Mapped[bool]
    event_reason: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("product.id"))
    lot_no: Mapped[str] = mapped_column(server_default="")
    serials: Mapped[str] = mapped_column(server_default="")
    cause: Mapped[str] = mapped_column(server_default="")
    follow_up: Mapped[str] = mapped_column(server_default="")
    told_how: Mapped[str] = mapped_column(server_default="")
    told_at: Mapped[datetime | None]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by_label: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    closed_by_label: Mapped[str] = mapped_column(server_default="")


class ComplaintEntry(Base):
    """A field of a complaint as somebody wrote it. Never changed; no session of a dealer sees it."""

    __tablename__ = "complaint_entry"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "complaint_id"], ["complaint.dealer_id", "complaint.id"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    field: Mapped[str]
    value: Mapped[str]
    author: Mapped[str]
    author_label: Mapped[str]
    said_at: Mapped[datetime]


class AdverseEvent(Base):
    """A possible adverse event of a complaint, with the regulator's clock; `id` is that of the request.

    version_no: of the report that was written last, submitted_no: of the one submitted last. notice_…: of a
    group event, which authorities and registrant are told of before the report. No dealer's session sees it.
    """

    __tablename__ = "adverse_event"
    __table_args__ = (
        ForeignKeyConstraint(*_REQUEST),
        one_of("state", EventState),
        one_of("source", Source),
        one_of("harm", Harm),
        CheckConstraint("(state IN ('closed', 'dismissed')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(state IN ('submitted', 'closed')) = (submitted_at IS NOT NULL)", name="submitted"),
        CheckConstraint("(submitted_no > 0) = (submitted_at IS NOT NULL)", name="submitted_no"),
        CheckConstraint("submitted_no <= version_no", name="versions"),
        CheckConstraint("is_group = (notice_due_at IS NOT NULL)", name="group_notice"),
        CheckConstraint("(notice_at IS NULL) = (notice_how = '')", name="notice"),
        CheckConstraint("aware_at <= warn_first_at AND warn_last_at <= due_at", name="clock"),
        Index("ix_adverse_event_due", "due_at", "id"),
        Index("ix_adverse_event_open", "warn_first_at", postgresql_where="state IN ('open', 'submitted')"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    state: Mapped[str] = mapped_column(server_default="open")
    source: Mapped[str]
    harm: Mapped[str]
    is_group: Mapped[bool] = mapped_column(server_default="false")
    aware_at: Mapped[datetime]
    due_at: Mapped[datetime]
    warn_first_at: Mapped[datetime]
    warn_last_at: Mapped[datetime]
    notice_due_at: Mapped[datetime | None]
    notice_at: Mapped[datetime | None]
    notice_how: Mapped[str] = mapped_column(server_default="")
    notice_by_label: Mapped[str] = mapped_column(server_default="")
    opened_by_label: Mapped[str]
    opened_at: Mapped[datetime]
    version_no: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    submitted_no: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    submitted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by_label: Mapped[str] = mapped_column(server_default="")
    ending_note: Mapped[str] = mapped_column(server_default="")


class AdverseReport(Base):
    """A version of the report form, as somebody wrote it. Never changed."""

    __tablename__ = "adverse_report"
    __table_args__ = (
        ForeignKeyConstraint(*_EVENT),
        UniqueConstraint("dealer_id", "event_id", "version_no", "written_by"),
        one_of("kind", ReportKind),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    content: Mapped[dict[str, Any]]
    written_by: Mapped[str]
    written_by_label: Mapped[str]
    written_at: Mapped[datetime]


class AdverseSubmission(Base):
    """A version that was submitted to the regulator, by another person than who wrote it. Never changed."""

    __tablename__ = "adverse_submission"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "event_id", "version_no", "written_by"],
            [
                "adverse_report.dealer_id",
                "adverse_report.event_id",
                "adverse_report.version_no",
                "adverse_report.written_by",
            ],
        ),
        CheckConstraint("submitted_by <> written_by", name="another_submits"),
        CheckConstraint("reference <> ''", name="reference"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    written_by: Mapped[str]
    submitted_by: Mapped[str]
    submitted_by_label: Mapped[str]
    submitted_on: Mapped[date]
    reference: Mapped[str]
    recorded_at: Mapped[datetime]


class AdversePaper(Base):
    """A version as PDF, rendered once in each language."""

    __tablename__ = "adverse_paper"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "event_id", "version_no"],
            ["adverse_report.dealer_id", "adverse_report.event_id", "adverse_report.version_no"],
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime]


class AdverseWarning(Base):
    """Quality was told that a clock runs out: once for each stage and due moment."""

    __tablename__ = "adverse_warning"
    __table_args__ = (ForeignKeyConstraint(*_EVENT), one_of("stage", Stage))

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]


class ComplaintTerm(Base):
    """How long a report may take, from a day on, and when a signal is raised; of several the last set."""

    __tablename__ = "complaint_term"
    __table_args__ = (
        one_of("name", TermName),
        one_of("unit", Unit),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("0 < warn_first AND warn_first < warn_last AND warn_last < 100", name="warnings"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    set_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    valid_from: Mapped[date]
    amount: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str]
    warn_first: Mapped[int] = mapped_column(SmallInteger)
    warn_last: Mapped[int] = mapped_column(SmallInteger)
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]
