"""Notes that adjust what was billed without moving goods: a price that was wrong, agreed in a dispute."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, Rate


class AdjustmentNote(Base):
    """A price difference of an invoice: negative gives back (红字), positive bills more. number: ``AN…``.

    invoice: number of the invoice whose lines it adjusts. source: number of the dispute that it resolves.
    """

    __tablename__ = "adjustment_note"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("ix_adjustment_note_number", "number"),
        Index("ix_adjustment_note_dealer_id_invoice", "dealer_id", "invoice"),
        Index("ix_adjustment_note_dealer_id_source", "dealer_id", "source"),
        CheckConstraint("gross = net + tax AND gross <> 0", name="gross"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    invoice: Mapped[str]
    source: Mapped[str]
    issued_on: Mapped[date]
    net: Mapped[Amount]
    tax: Mapped[Amount]
    gross: Mapped[Amount]
    reason: Mapped[str]


class AdjustmentNoteLine(Base):
    """What of a line of the invoice is adjusted. line_no: the line's. tax: what of gross is VAT."""

    __tablename__ = "adjustment_note_line"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "note_id"], ["adjustment_note.dealer_id", "adjustment_note.id"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    note_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"))
    tax_rate: Mapped[Rate]
    gross: Mapped[Amount]
    tax: Mapped[Amount]
