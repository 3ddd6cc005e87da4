"""Documents of an account beside bills, payments and notes: a table that the ledger's `models` names."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.ledger.kinds import DocumentKind


class AccountDocument(Base):
    """A deposit, what became of it, a write-off, a refund, an opening balance, or a note of interest.

    source: number of what it came of: the deposit that is used or paid back, the credit that is refunded, the
    reminder that reckoned the interest; what an opening balance was in earlier books. issued_on: date on the
    paper, for an opening balance that of the earlier document. amount: positive, and negative for the credit
    that an opening balance brings. A trigger refuses to use or pay back more of a deposit than there is.
    """

    __tablename__ = "account_document"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("ix_account_document_number", "number"),
        Index("ix_account_document_dealer_id_source", "dealer_id", "source"),
        Index("ix_account_document_kind_id", "kind", "id"),
        one_of("kind", DocumentKind),
        CheckConstraint("amount > 0 OR (kind = 'opening' AND amount <> 0)", name="amount"),
        CheckConstraint("(kind IN ('deposit', 'write_off')) = (source = '')", name="source"),
        CheckConstraint(
            "(kind = 'interest' OR (kind = 'opening' AND amount > 0)) = (due_on IS NOT NULL)", name="due_on"
        ),
        CheckConstraint("kind <> 'write_off' OR reason <> ''", name="reason"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    kind: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")
    issued_on: Mapped[date]
    due_on: Mapped[date | None]
    amount: Mapped[Amount]
    method: Mapped[str] = mapped_column(server_default="")
    reference: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
