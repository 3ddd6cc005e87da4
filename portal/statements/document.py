"""The monthly statement as one immutable value: what page, PDF, Excel and API all print.

The document is assembled once from the ledger and then only read. Amounts are VAT-inclusive `Decimal`
of two places in `currency`; a debit raises what the dealer owes, a credit lowers it, and a negative
balance is money the issuer owes the dealer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from portal.kernel.money import FEN, ZERO

Day = date
"""For lines of classes that have a `date` themselves."""


class EntryKind(StrEnum):
    """What a line of the statement records."""

    OPENING = "opening"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    REFUND = "refund"
    REVERSAL = "reversal"
    REBATE = "rebate"
    SERVICE = "service"
    DEPOSIT = "deposit"
    DEPOSIT_USE = "deposit_use"
    DEPOSIT_RETURN = "deposit_return"
    WRITE_OFF = "write_off"
    INTEREST = "interest"


class InconsistentStatement(ValueError):
    """The figures of a statement contradict each other; `findings` lists every contradiction."""

    def __init__(self, number: str, findings: tuple[str, ...]) -> None:
        super().__init__(f"statement {number}: " + "; ".join(findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Party:
    """A company as it is named on paper.

    `credit_code` is the unified social credit code; `code` our own key for it.
    """

    code: str
    name_zh: str
    name_en: str = ""
    credit_code: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where the dealer pays to. Empty fields are left off the paper."""

    bank: str
    number: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """One document that changed the balance.

    `debit` and `credit` are never negative and at most one is not zero.

    `late`: dated in an earlier month, which was shut when it was posted; `description` says so in words.
    """

    date: date
    kind: EntryKind
    document_no: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    reference: str = ""
    description: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class StatementLine(Movement):
    """A movement with the balance that follows it."""

    balance: Decimal = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class DueItem:
    """An invoice not yet fully paid at the end of the period; `open_amount` is what remains of it."""

    document_no: str
    date: date
    due_date: Day
    open_amount: Decimal

    def days_overdue(self, as_of: Day) -> int:
        """Calendar days past the due date; 0 on the due date itself and before it."""
        return max(0, (as_of - self.due_date).days)


@dataclass(frozen=True, slots=True)
class LateCorrection:
    """A document of a later month that belongs to the month of the statement.

    amount: positive raises what the dealer owes. period: the month whose books have it.
    """

    document_no: str
    date: date
    kind: EntryKind
    amount: Decimal
    period: str


@dataclass(frozen=True, slots=True)
class Ageing:
    """The closing balance split by how long it is overdue.

    The five buckets hold the open amounts of unpaid invoices and are never negative. `unallocated` holds
    payments and credits not yet set against an invoice and is never positive. All six together are the
    closing balance.
    """

    current: Decimal = ZERO
    d1_30: Decimal = ZERO
    d31_60: Decimal = ZERO
    d61_90: Decimal = ZERO
    over_90: Decimal = ZERO
    unallocated: Decimal = ZERO

    @classmethod
    def of(cls, items: Iterable[DueItem], as_of: date, unallocated: Decimal = ZERO) -> Ageing:
        """Sort open invoices into buckets by days overdue at the end of `as_of`."""
        buckets = dict.fromkeys(("current", "d1_30", "d31_60", "d61_90", "over_90"), ZERO)
        for item in items:
            buckets[_bucket(item.days_overdue(as_of))] += item.open_amount
        return cls(**buckets, unallocated=unallocated)

    @property
    def buckets(self) -> tuple[Decimal, ...]:
        """Open invoice amounts from not yet due to longest overdue."""
        return (self.current, self.d1_30, self.d31_60, self.d61_90, self.over_90)

    @property
    def overdue(self) -> Decimal:
        """Open invoice amounts past their due date, before unallocated credits."""
        return sum(self.buckets[1:], ZERO)

    @property
    def total(self) -> Decimal:
        """Buckets and unallocated credits together: the closing balance."""
        return sum(self.buckets, self.unallocated)


def _bucket(days_overdue: int) -> str:
    limits = ((0, "current"), (30, "d1_30"), (60, "d31_60"), (90, "d61_90"))
    return next((name for limit, name in limits if days_overdue <= limit), "over_90")


@dataclass(frozen=True, kw_only=True)
class StatementDocument:
    """A dealer's statement for one calendar month.

    `issued_at` is aware and in the business time zone; `locale` is "zh" or "en" and chooses only the
    language. `due` lists the unpaid invoices behind `ageing` and may be left empty. Late documents of an
    earlier month appear in the period that posted them, so a line may be dated before the period but never
    after it. A corrected one has the next `version` with the same figures, since a closed month never
    changes, and names in `corrections` the later documents that belong to it. `verify_url` is where anybody
    asks whether it is genuine, empty where nobody can. `audit_root` is what vouched for the whole audit when
    it was issued (`portal.audit.seals`), empty where nothing was sealed.
    """

    number: str
    period: str
    dealer: Party
    issuer: Party
    bank: BankAccount
    currency: str
    opening: Decimal
    lines: tuple[StatementLine, ...]
    closing: Decimal
    ageing: Ageing
    issued_at: datetime
    terms_days: int
    payment_reference: str
    due: tuple[DueItem, ...] = ()
    locale: str = "zh"
    version: int = 1
    verify_url: str = ""
    audit_root: str = ""
    corrections: tuple[LateCorrection, ...] = ()

    @property
    def period_start(self) -> date:
        """First day of the period. ValueError when `period` is not YYYY-MM."""
        return date.fromisoformat(f"{self.period}-01")

    @property
    def period_end(self) -> date:
        """Last day of the period, as of which the balance and its ageing are stated."""
        return (self.period_start + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @cached_property
    def total_debit(self) -> Decimal:
        return sum((line.debit for line in self.lines), ZERO)

    @cached_property
    def total_credit(self) -> Decimal:
        return sum((line.credit for line in self.lines), ZERO)

    @property
    def corrected_closing(self) -> Decimal:
        """The closing balance with the later documents that belong to the month."""
        return sum((one.amount for one in self.corrections), self.closing)

    def findings(self) -> tuple[str, ...]:
        """Every contradiction between the figures; empty when they agree to the fen."""
        return (*_balance_findings(self), *_ageing_findings(self), *_form_findings(self))

    def assert_consistent(self) -> None:
        """Raise InconsistentStatement unless opening, lines, closing and ageing agree to the fen."""
        if findings := self.findings():
            raise InconsistentStatement(self.number, findings)


def running_balances(opening: Decimal, movements: Iterable[Movement]) -> tuple[StatementLine, ...]:
    """Lines in the given order, each with the balance after it."""
    return tuple(_running(opening, movements))


def _running(balance: Decimal, movements: Iterable[Movement]) -> Iterator[StatementLine]:
    names = [f.name for f in fields(Movement)]
    for movement in movements:
        balance += movement.debit - movement.credit
        yield StatementLine(**{name: getattr(movement, name) for name in names}, balance=balance)


def _balance_findings(document: StatementDocument) -> Iterator[str]:
    balance = document.opening
    for position, line in enumerate(document.lines, start=1):
        balance += line.debit - line.credit
        if line.balance != balance:
            yield f"line {position} ({line.document_no}) shows balance {line.balance}, expected {balance}"
        if min(line.debit, line.credit) < 0 or (line.debit and line.credit):
            yield f"line {position} ({line.document_no}) must have one side, not negative"
    if balance != document.closing:
        yield f"closing is {document.closing}, opening and lines give {balance}"


def _ageing_findings(document: StatementDocument) -> Iterator[str]:
    ageing = document.ageing
    if ageing.total != document.closing:
        yield f"ageing sums to {ageing.total}, closing is {document.closing}"
    if min(ageing.buckets) < 0:
        yield "an ageing bucket is negative"
    if ageing.unallocated > 0:
        yield "unallocated credits are positive"
    if document.due and Ageing.of(document.due, document.period_end, ageing.unallocated) != ageing:
        yield "ageing differs from the due items"


def _form_findings(document: StatementDocument) -> Iterator[str]:
    amounts = [document.opening, document.closing, *document.ageing.buckets, document.ageing.unallocated]
    amounts += [amount for line in document.lines for amount in (line.debit, line.credit, line.balance)]
    if any(amount != amount.quantize(FEN) for amount in amounts):
        yield "an amount has more than two places"
    last_day = document.period_end
    if any(line.date > last_day for line in document.lines):
        yield "a line is dated after the period"
    if document.issued_at.tzinfo is None:
        yield "issued_at has no time zone"
