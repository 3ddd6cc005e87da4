"""Recalls with their scope, the lots they blocked, and a response of every dealer that held some of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.recalls.rules import RecallState, ResponseState, ScopeKind


class Recall(Base):
    """A recall from draft to closing. None is ever deleted.

    version_no: of the scope; a wider one is another version. decided_at: of the first decision, from which
    the clocks run. written_by: `Actor.key` of everybody who had a hand in the version at hand; neither they
    nor confirmed_by decide it. kept_until: the record is kept at least to that day.
    """

    __tablename__ = "recall"
    __table_args__ = (
        one_of("state", RecallState),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        CheckConstraint("version_no >= 1", name="version_no"),
        CheckConstraint(
            "decided_by <> ALL (written_by) AND decided_by <> confirmed_by OR state = 'draft'"
            " OR state = 'confirmed'",
            name="other_person",
        ),
        CheckConstraint(
            "(decided_at IS NOT NULL) = (decided_by IS NOT NULL) AND (decided_at IS NOT NULL"
            " OR state IN ('draft', 'confirmed', 'withdrawn'))",
            name="decided",
        ),
        CheckConstraint(
            "(state IN ('closed', 'withdrawn')) = (ended_at IS NOT NULL)"
            " AND (ended_at IS NULL OR end_reason <> '')",
            name="ended",
        ),
        Index("ix_recall_state", "state", "drafted_at", "id"),
        Index("ix_recall_drafted_at", "drafted_at", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    state: Mapped[str] = mapped_column(server_default="draft")
    version_no: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    level: Mapped[int] = mapped_column(SmallInteger)
    is_drill: Mapped[bool] = mapped_column(Boolean)
    title: Mapped[str]
    reason: Mapped[str]
    demands: Mapped[str]
    notice_text: Mapped[str] = mapped_column(server_default="")
    written_by: Mapped[list[str]] = mapped_column(ARRAY(Text))
    drafted_by_label: Mapped[str]
    drafted_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    confirmed_by_label: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    notices_by: Mapped[date | None]
    report_by: Mapped[date | None]
    ended_by_label: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(server_default="")
    summary_by: Mapped[date | None]
    kept_until: Mapped[date | None]


class RecallScope(Base):
    """A line of the scope in one version: what of a product is recalled."""

    __tablename__ = "recall_scope"
    __table_args__ = (
        one_of("kind", ScopeKind),
        CheckConstraint("(kind = 'lots') = (lots <> '{}')", name="lots"),
        CheckConstraint(
            "(kind = 'serials') = (serial_from <> '') AND (serial_from <> '') = (serial_to <> '')"
            " AND (kind = 'serials' OR without = '{}')",
            name="serials",
        ),
        CheckConstraint(
            "(kind = 'made') = (made_from IS NOT NULL) AND (made_from IS NULL) = (made_to IS NULL)"
            " AND made_from <= made_to",
            name="made",
        ),
        Index("ix_recall_scope_product_id", "product_id"),
    )

    recall_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("recall.id"), primary_key=True)
    version_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    kind: Mapped[str]
    lots: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    serial_from: Mapped[str] = mapped_column(server_default="")
    serial_to: Mapped[str] = mapped_column(server_default="")
    without: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    made_from: Mapped[date | None]
    made_to: Mapped[date | None]


class RecallLot(Base):
    """A lot that a decision blocked, or would have, of a drill. is_whole: not merely some of its serials."""

    __tablename__ = "recall_lot"
    __table_args__ = (Index("ix_recall_lot_lot_id", "lot_id"),)

    recall_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("recall.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"), primary_key=True)
    version_no: Mapped[int] = mapped_column(SmallInteger)
    is_whole: Mapped[bool] = mapped_column(Boolean)


class RecallResponse(Base):
    """What a dealer held when it was decided, and what it says became of it.

    held: by our books, with what a wider scope added. passed_to: who has what was passed on. reminded: the
    share of its time, in percent, at which it was reminded last. open_reason: why the recall was closed
    although this is open.
    """

    __tablename__ = "recall_response"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id"], ["dealer.id"]),
        ForeignKeyConstraint(["recall_id"], ["recall.id"]),
        one_of("state", ResponseState),
        CheckConstraint("held > 0", name="held"),
        CheckConstraint(
            "found >= 0 AND used >= 0 AND passed_on >= 0 AND returned >= 0 AND destroyed >= 0"
            " AND found + used + passed_on + returned + destroyed <= held",
            name="units",
        ),
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="answered"),
        CheckConstraint("destroyed = 0 OR witness <> ''", name="witnessed"),
        CheckConstraint("passed_on = 0 OR passed_to <> ''", name="passed_on"),
        Index("ix_recall_response_recall_id", "recall_id"),
        Index("ix_recall_response_silent", "recall_id", "reminded", postgresql_where="answered_at IS NULL"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    recall_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version_no: Mapped[int] = mapped_column(SmallInteger)
    held: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(server_default="notified")
    notified_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by_label: Mapped[str] = mapped_column(server_default="")
    found: Mapped[int] = mapped_column(Integer, server_default="0")
    used: Mapped[int] = mapped_column(Integer, server_default="0")
    passed_on: Mapped[int] = mapped_column(Integer, server_default="0")
    returned: Mapped[int] = mapped_column(Integer, server_default="0")
    destroyed: Mapped[int] = mapped_column(Integer, server_default="0")
    passed_to: Mapped[str] = mapped_column(server_default="")
    witness: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    reminded: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    telephoned_at: Mapped[datetime | None]
    telephoned_by_label: Mapped[str] = mapped_column(server_default="")
    telephone_note: Mapped[str] = mapped_column(server_default="")
    open_reason: Mapped[str] = mapped_column(server_default="")
