"""Tax invoices beside our documents, as the tax platform signed them, and by how much they may differ."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.tax_invoices.red_form_rules import RedFormState
from portal.tax_invoices.rules import State, Verdict


class TaxInvoice(Base):
    """A tax invoice of one of our documents (`document_no`). number: the tax platform's 20 digits.

    content: the XML as it came, with its signature; it never changes. differences: as they were found when it
    was taken in. blue_no: number of the one that a red-letter invoice takes back. What was removed leaves its
    number free.
    """

    __tablename__ = "tax_invoice"
    __table_args__ = (
        Index("uq_tax_invoice_number", "number", unique=True, postgresql_where="state <> 'removed'"),
        Index("ix_tax_invoice_dealer_id_document_no", "dealer_id", "document_no"),
        Index("ix_tax_invoice_dealer_id_blue_no", "dealer_id", "blue_no", postgresql_where="blue_no <> ''"),
        Index("ix_tax_invoice_taken_at", "taken_at", "id"),
        Index("ix_tax_invoice_dealer_id_taken_at", "dealer_id", "taken_at", "id"),
        Index("ix_tax_invoice_differs", "id", postgresql_where="state = 'differs'"),
        one_of("state", State),
        one_of("verdict", Verdict),
        CheckConstraint("number ~ '^[0-9]{20}$'", name="number"),
        CheckConstraint("gross = net + tax", name="gross"),
        CheckConstraint("verdict <> 'refused'", name="taken"),
        CheckConstraint(
            "(state = 'accepted') = (accepted_by IS NOT NULL) OR state = 'removed'", name="accepted"
        ),
        CheckConstraint("accepted_by IS DISTINCT FROM taken_by", name="other_person"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    document_no: Mapped[str]
    blue_no: Mapped[str] = mapped_column(server_default="")
    issued_on: Mapped[date]
    net: Mapped[Amount]
    tax: Mapped[Amount]
    gross: Mapped[Amount]
    state: Mapped[str]
    verdict: Mapped[str]
    differences: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    taken_by: Mapped[str]
    taken_by_label: Mapped[str]
    taken_at: Mapped[datetime]
    accepted_by: Mapped[str | None]
    accepted_by_label: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")


class TaxInvoiceLimit(Base):
    """By how much a tax invoice may differ by rounding from a day on: of a line, and of a whole invoice."""

    __tablename__ = "tax_invoice_limit"
    __table_args__ = (
        CheckConstraint("per_line BETWEEN 0 AND 10 AND per_invoice BETWEEN per_line AND 100", name="limits"),
    )

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    per_line: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    per_invoice: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    set_by_label: Mapped[str]
    set_at: Mapped[datetime]


class RedForm(Base):
    """A form by which both sides agree to a red-letter invoice (红字信息确认单), as the platform shows it.

    blue_no: number of the invoice it takes back. gross: what of it, negative. It stands apart from our credit
    note: either may come first.
    """

    __tablename__ = "red_form"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("uq_red_form_number", "number", unique=True),
        Index("ix_red_form_asked_at", "asked_at", "id"),
        Index("ix_red_form_dealer_id_asked_at", "dealer_id", "asked_at", "id"),
        Index("ix_red_form_dealer_id_blue_no", "dealer_id", "blue_no"),
        one_of("state", RedFormState),
        CheckConstraint("gross < 0", name="gross"),
        CheckConstraint("number ~ '^[0-9]{20}$' AND blue_no ~ '^[0-9]{20}$'", name="number"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    blue_no: Mapped[str]
    gross: Mapped[Amount]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    moved_by_label: Mapped[str]
