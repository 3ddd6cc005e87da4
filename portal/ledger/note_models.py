"""Rebate notes: tables of the ledger, which its `models` names."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, Rate, one_of
from portal.ledger.kinds import NoteTreatment


class RebateNote(Base):
    """A rebate that is given (negative, as a credit note) or taken back. `source`: number of what it pays.

    As a price reduction it takes back tax of the invoices that its lines name (红字); as a service it carries
    none: the dealer invoices it to us.
    """

    __tablename__ = "rebate_note"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("ix_rebate_note_number", "number"),
        Index("ix_rebate_note_dealer_id_source", "dealer_id", "source"),
        one_of("treatment", NoteTreatment),
        CheckConstraint("gross = net + tax AND gross <> 0", name="gross"),
        CheckConstraint("treatment = 'price_reduction' OR tax = 0", name="tax"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    treatment: Mapped[str]
    source: Mapped[str]
    issued_on: Mapped[date]
    net: Mapped[Amount]
    tax: Mapped[Amount]
    gross: Mapped[Amount]
    reason: Mapped[str] = mapped_column(server_default="")


class RebateNoteLine(Base):
    """What a rebate note gives on one invoice, at one rate of tax. invoice: empty where there is none."""

    __tablename__ = "rebate_note_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "note_id"], ["rebate_note.dealer_id", "rebate_note.id"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    note_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    invoice: Mapped[str]
    tax_rate: Mapped[Rate]
    gross: Mapped[Amount]
    tax: Mapped[Amount]
