"""Double entry, append-only: documents, journal, periods, and each dealer's running account."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, Rate, UnitPrice, one_of
from portal.ledger.adjustment_models import AdjustmentNote, AdjustmentNoteLine
from portal.ledger.correction_models import CorrectionRequest
from portal.ledger.document_models import AccountDocument
from portal.ledger.kinds import Account, EntryKind, InvoiceKind, PeriodState
from portal.ledger.note_models import RebateNote, RebateNoteLine
from portal.ledger.service_models import ServiceInvoice, ServiceInvoiceLine
from portal.ledger.snapshot_models import AccountSnapshot

__all__ = [  # tables of the ledger too
    "AccountDocument",
    "AccountSnapshot",
    "AdjustmentNote",
    "AdjustmentNoteLine",
    "CorrectionRequest",
    "RebateNote",
    "RebateNoteLine",
    "ServiceInvoice",
    "ServiceInvoiceLine",
]

# Without width, case and blanks: "ＦＴ 2611-001" is "ft2611-001".
REFERENCE_KEY = r"lower(regexp_replace(normalize(reference, NFKC), '\s+', '', 'g'))"


class AccountingPeriod(Base):
    """A month of the books.

    Documents dated in a period that is not open are posted in the next open one and marked late. paused_at,
    paused_by: while its closing hands out no more statements.
    """

    __tablename__ = "accounting_period"
    __table_args__ = (
        one_of("state", PeriodState),
        CheckConstraint("period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="period"),
    )

    period: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="open")
    closing_at: Mapped[datetime | None]
    closing_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None]


class Invoice(Base):
    """An invoice, or a credit note (红字) with negative amounts. VAT-inclusive `gross` = `net` + `tax`."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("ix_invoice_number", "number"),
        Index("ix_invoice_dealer_id_issued_on", "dealer_id", "issued_on", "id"),
        Index("ix_invoice_dealer_id_order_id", "dealer_id", "order_id"),
        ForeignKeyConstraint(["dealer_id", "order_id"], ["sales_order.dealer_id", "sales_order.id"]),
        ForeignKeyConstraint(["dealer_id", "shipment_id"], ["shipment.dealer_id", "shipment.id"]),
        one_of("kind", InvoiceKind),
        CheckConstraint("gross = net + tax", name="gross"),
        CheckConstraint(
            "(kind = 'invoice' AND gross >= 0) OR (kind = 'credit_note' AND gross <= 0)", name="sign"
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    kind: Mapped[str]
    order_id: Mapped[int] = mapped_column(BigInteger)
    shipment_id: Mapped[int | None] = mapped_column(BigInteger)
    issued_on: Mapped[date]
    due_on: Mapped[date]
    net: Mapped[Amount]
    tax: Mapped[Amount]
    gross: Mapped[Amount]
    reason: Mapped[str] = mapped_column(server_default="")


class InvoiceLine(Base):
    """A line per order line and shipment; quantities are negative on a credit note.

    amount, tax, discount: the units' shares of the order line's.
    """

    __tablename__ = "invoice_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "invoice_id"], ["invoice.dealer_id", "invoice.id"]),
        CheckConstraint(
            "amount * quantity >= 0 AND discount * quantity >= 0"
            " AND abs(amount + discount - unit_price * quantity) <= 0.005 * abs(quantity) + 0.02",
            name="amount",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    order_line_no: Mapped[int] = mapped_column(SmallInteger)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price: Mapped[UnitPrice]
    discount: Mapped[Amount] = mapped_column(server_default="0")
    amount: Mapped[Amount]
    tax_rate: Mapped[Rate]
    tax: Mapped[Amount]


class Payment(Base):
    """Money received from a dealer (negative: paid back).

    `reference_key`: the reference as two banks' spellings of it agree. advance_for: number of the order that
    it pays ahead of its invoice, if it is said.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_payment_number", "number"),
        Index("ix_payment_dealer_id_received_on", "dealer_id", "received_on", "id"),
        Index(
            "ix_payment_dealer_id_reference_key",
            "dealer_id",
            "reference_key",
            postgresql_where="reference_key <> ''",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    received_on: Mapped[date]
    method: Mapped[str]
    reference: Mapped[str] = mapped_column(server_default="")
    amount: Mapped[Amount]
    advance_for: Mapped[str] = mapped_column(server_default="")
    reference_key: Mapped[str] = mapped_column(Computed(REFERENCE_KEY, persisted=True))


class JournalEntry(Base):
    """A posted fact.

    Its lines sum to zero (checked at commit); it is never changed, only reversed by another.

    occurred_on: date of the document. period: the month it counts in; `late` when that is not the month of
    its date. A trigger refuses a period that is not open. It is no foreign key: that would write a lock on
    the month's one row.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index("ix_journal_entry_dealer_id_period", "dealer_id", "period", "occurred_on", "id"),
        Index(
            "uq_journal_entry_document",
            "dealer_id",
            "document_no",
            unique=True,
            postgresql_where="reverses_id IS NULL",
        ),
        ForeignKeyConstraint(["dealer_id", "reverses_id"], ["journal_entry.dealer_id", "journal_entry.id"]),
        Index(
            "uq_journal_entry_reverses",
            "dealer_id",
            "reverses_id",
            unique=True,
            postgresql_where="reverses_id IS NOT NULL",
        ),
        Index("ix_journal_entry_period", "period", "occurred_on", "id"),
        Index("ix_journal_entry_document_no", "document_no"),
        one_of("kind", EntryKind),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    kind: Mapped[str]
    document_no: Mapped[str]
    reference: Mapped[str] = mapped_column(server_default="")
    occurred_on: Mapped[date]
    due_on: Mapped[date | None]
    period: Mapped[str]
    late: Mapped[bool] = mapped_column(Boolean, server_default="false")
    receivable: Mapped[Amount]
    posted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    posted_by: Mapped[str]
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)


class JournalLine(Base):
    """Amount on an account: debit positive, credit negative.

    Accounts: `kinds.Account`; what they are called in the finance system says `chart`.
    """

    __tablename__ = "journal_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "entry_id"], ["journal_entry.dealer_id", "journal_entry.id"]),
        one_of("account", Account),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Amount]


class Allocation(Base):
    """What of a credit (a payment, a credit note) settles which debt; both are entries of the journal.

    Append-only: it is undone by a row of the opposite amount. period, occurred_on: month and day from which
    it counts, the latest of those of its two entries and of the entry it was posted with (`posted_with_id`);
    a trigger writes the day. Another refuses to allocate more of an entry than there is.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        Index("ix_allocation_dealer_id_credit_id", "dealer_id", "credit_id"),
        Index("ix_allocation_dealer_id_debit_id", "dealer_id", "debit_id"),
        Index("ix_allocation_dealer_id_period", "dealer_id", "period", "occurred_on"),
        ForeignKeyConstraint(["dealer_id", "credit_id"], ["journal_entry.dealer_id", "journal_entry.id"]),
        ForeignKeyConstraint(["dealer_id", "debit_id"], ["journal_entry.dealer_id", "journal_entry.id"]),
        ForeignKeyConstraint(
            ["dealer_id", "posted_with_id"], ["journal_entry.dealer_id", "journal_entry.id"]
        ),
        CheckConstraint("amount <> 0", name="amount"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    credit_id: Mapped[int] = mapped_column(BigInteger)
    debit_id: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[Amount]
    period: Mapped[str]
    occurred_on: Mapped[date]
    posted_with_id: Mapped[int] = mapped_column(BigInteger)
