"""The company's own books: entries that belong to no dealer. Balanced, append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.company.rules import CompanyAccount, CompanyEntryKind
from portal.kernel.db import Amount, Base, one_of


class CompanyEntry(Base):
    """A fact of a month: what of its kind is posted about its subject, once. Its lines sum to zero."""

    __tablename__ = "company_entry"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "month", name="uq_company_entry_subject"),
        Index("ix_company_entry_month", "month", "id"),
        one_of("kind", CompanyEntryKind),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    month: Mapped[str]
    posted_at: Mapped[datetime]
    posted_by: Mapped[str]


class CompanyLine(Base):
    """Amount on an account: debit positive, credit negative."""

    __tablename__ = "company_line"
    __table_args__ = (one_of("account", CompanyAccount),)

    entry_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("company_entry.id"), primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
