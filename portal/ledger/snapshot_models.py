"""A dealer's account as a month closed it: a table of the ledger, which its `models` names."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base


class AccountSnapshot(Base):
    """Balance and open items at the end of a month that is shut.

    open_entries, open_due, open_amounts: side by side, what was left of each entry: of a debt positive, of a
    credit negative. Together they are the balance; a trigger compares, and refuses a month that is open.
    accounts, debits, credits: side by side, all that was ever posted to each account by the end of the month.
    """

    __tablename__ = "account_snapshot"
    __table_args__ = (
        CheckConstraint(
            "cardinality(open_entries) = cardinality(open_due)"
            " AND cardinality(open_entries) = cardinality(open_amounts)",
            name="open",
        ),
        CheckConstraint(
            "cardinality(accounts) = cardinality(debits) AND cardinality(accounts) = cardinality(credits)",
            name="accounts",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    period: Mapped[str] = mapped_column(ForeignKey("accounting_period.period"), primary_key=True)
    closing: Mapped[Amount]
    open_entries: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    open_due: Mapped[list[date]] = mapped_column(ARRAY(Date))
    open_amounts: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric(16, 2)))
    accounts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    debits: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric(16, 2)))
    credits: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric(16, 2)))
    taken_at: Mapped[datetime]
