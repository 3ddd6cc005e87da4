"""Corrections that wait for a second person: a table of the ledger, which its `models` names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Amount, Base, Key, one_of
from portal.ledger.kinds import CorrectionKind, CorrectionState


class CorrectionRequest(Base):
    """What one person may not post alone, waiting for another's decision: a reversal, a credit note, a
    write-off, money paid back.

    number: ``CR…``. subject: number of the document to reverse, of the invoice to credit, of the (first) debt
    to write off, of the credit or deposit that is paid back. content: what is needed to post it (returned
    lines; debts with their amounts; how it is paid). `posted_no` is the document that came of it.
    """

    __tablename__ = "correction_request"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("ix_correction_request_number", "number"),
        Index("ix_correction_request_state_id", "state", "id"),
        Index("ix_correction_request_dealer_id_subject", "dealer_id", "subject"),
        Index(
            "uq_correction_request_waiting",
            "dealer_id",
            "kind",
            "subject",
            unique=True,
            postgresql_where="state = 'waiting'",
        ),
        one_of("kind", CorrectionKind),
        one_of("state", CorrectionState),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "(state = 'waiting') = (decided_by IS NULL) AND decided_by IS DISTINCT FROM proposed_by",
            name="other_person",
        ),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    amount: Mapped[Amount]
    reason: Mapped[str]
    content: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(server_default="waiting")
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(server_default="")
    posted_no: Mapped[str | None]
