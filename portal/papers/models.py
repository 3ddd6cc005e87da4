"""Papers of dealers and their authorisations, from filing or proposal to the end. None is ever deleted."""

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
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.papers.rules import AuthorisationState, PaperKind, PaperState


class DealerPaper(Base):
    """A paper of a dealer as it was filed; what was filed never changes.

    number: ``ZZ…``, ours. paper_no: what stands on it. valid_to: its last day. replaces_id: the paper it
    renews, of a receipt the licence whose renewal was asked for. ended_on: the last day on which a replaced
    or revoked one counts. filed_by, decided_by: `Actor.key`.
    """

    __tablename__ = "dealer_paper"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        ForeignKeyConstraint(["dealer_id", "replaces_id"], ["dealer_paper.dealer_id", "dealer_paper.id"]),
        one_of("kind", PaperKind),
        one_of("state", PaperState),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="dates"),
        CheckConstraint("paper_no <> ''", name="paper_no"),
        CheckConstraint("kind <> 'renewal_receipt' OR replaces_id IS NOT NULL", name="receipt"),
        CheckConstraint("decided_by <> filed_by", name="other_person"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (state IN ('filed', 'withdrawn')) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refused"),
        CheckConstraint(
            "(state IN ('replaced', 'revoked')) = (ended_on IS NOT NULL)"
            " AND (state <> 'revoked' OR end_reason <> '')",
            name="ended",
        ),
        Index("ix_dealer_paper_number", "number"),
        Index("ix_dealer_paper_filed_at", "filed_at", "id"),
        Index("ix_dealer_paper_state", "state", "filed_at", "id"),
        Index("ix_dealer_paper_dealer_id_filed_at", "dealer_id", "filed_at", "id"),
        Index("ix_dealer_paper_ending", "valid_to", "id", postgresql_where="state = 'accepted'"),
        Index(
            "ix_dealer_paper_replaces_id",
            "dealer_id",
            "replaces_id",
            postgresql_where="replaces_id IS NOT NULL",
        ),
        Index(
            "uq_dealer_paper_standing",
            "dealer_id",
            "kind",
            "paper_no",
            "valid_from",
            unique=True,
            postgresql_where="state IN ('filed', 'accepted')",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="filed")
    paper_no: Mapped[str]
    issuer: Mapped[str] = mapped_column(server_default="")
    category_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(server_default="")
    replaces_id: Mapped[int | None] = mapped_column(BigInteger)
    filed_by: Mapped[str]
    filed_by_label: Mapped[str]
    filed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    ended_on: Mapped[date | None]
    ended_by_label: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(server_default="")


class PaperReminder(Base):
    """People were told so many days before the end of a paper: once each."""

    __tablename__ = "paper_reminder"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "paper_id"], ["dealer_paper.dealer_id", "dealer_paper.id"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    paper_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    days: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    told_at: Mapped[datetime]


class Authorisation(Base):
    """What headquarters authorises a dealer to sell, and where; proposed by one, approved by another.

    number: ``SQ…``. region_id: a sales area or a province. category_codes: beginnings of the codes of the
    product lines, none for all. hospitals: codes of the only hospitals, none for all. valid_to: its last day.
    ended_on: the last day on which one that was ended counts.
    """

    __tablename__ = "authorisation"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        one_of("state", AuthorisationState),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="dates"),
        CheckConstraint("decided_by <> proposed_by", name="other_person"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (state IN ('proposed', 'withdrawn')) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("state <> 'rejected' OR reason <> ''", name="rejected"),
        CheckConstraint(
            "(state = 'ended') = (ended_on IS NOT NULL) AND (ended_on IS NULL OR end_reason <> '')",
            name="ended",
        ),
        Index("ix_authorisation_number", "number"),
        Index("ix_authorisation_proposed_at", "proposed_at", "id"),
        Index("ix_authorisation_state", "state", "proposed_at", "id"),
        Index("ix_authorisation_dealer_id_proposed_at", "dealer_id", "proposed_at", "id"),
        Index("ix_authorisation_ending", "valid_to", "id", postgresql_where="state = 'in_force'"),
        Index(
            "ix_authorisation_region_id",
            "region_id",
            postgresql_where="state IN ('proposed', 'in_force')",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    state: Mapped[str] = mapped_column(server_default="proposed")
    region_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    category_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    hospitals: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    is_exclusive: Mapped[bool] = mapped_column(server_default="false")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(server_default="")
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    ended_on: Mapped[date | None]
    ended_by_label: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(server_default="")
