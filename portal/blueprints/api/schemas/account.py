"""A dealer's account: ledger, invoices, statements."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.catalogue import DEALER, OF_DEALER
from portal.kernel.errors import N_
from portal.web.api.entry_kinds import EntryKindName
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    MomentText,
    MoneyText,
    PageQuery,
    Period,
    PeriodText,
    QueryNumber,
    RateText,
    Shape,
)

StatementStateName = Literal["issued", "disputed", "resolved", "confirmed"]


class RangeQuery(PageQuery):
    """Between two dates, both included."""

    from_: Day | None = Field(None, alias="from")
    to: Day | None = None
    dealer: Code | None = DEALER


class LedgerQuery(RangeQuery):
    """Between two dates, or what counts in a month."""

    period: Period | None = Field(
        None,
        description=N_(
            "The month entries count in: exactly the lines of its statement, "
            "late documents of earlier months included."
        ),
    )


class LedgerEntryShape(
    Shape, about=N_("A posted fact. `amount` is positive when the dealer owes more by it.")
):
    id: str = Field(description=N_("Opaque; the same for the same entry."))
    kind: EntryKindName
    document_no: str
    document: str = Field(description=N_("The same as `document_no`, as the differences of ledgers name it."))
    reference: str
    occurred_on: DayText
    due_on: DayText | None
    period: PeriodText = Field(
        description=N_("The month it counts in; a later one than its date's when that was closed.")
    )
    late: bool = Field(
        description=N_("Whether it counts in a later month than its date's, which was closed.")
    )
    amount: MoneyText
    posted_at: MomentText


class LedgerPage(Shape, about=N_("A page of the ledger by date.")):
    items: list[LedgerEntryShape]
    next_cursor: str | None


class InvoiceShape(
    Shape,
    about=N_(
        "An invoice of goods or of a service, or a credit note with negative amounts; "
        "`gross` = `net` + `tax`."
    ),
):
    number: str
    kind: Literal["invoice", "credit_note", "service"]
    order: str | None = Field(description=N_("Of goods."))
    shipment: str | None
    service_request: str | None = Field(description=N_("The request whose repair a service invoice bills."))
    issued_on: DayText
    due_on: DayText
    net: MoneyText
    tax: MoneyText
    gross: MoneyText


class InvoiceLineShape(Shape, about=N_("What an invoice charges or gives back, VAT included.")):
    line: int
    sku: str | None
    text: str = Field(description=N_("Of a service, as it was quoted; empty for goods."))
    units: str = Field(description=N_("Units of goods, or hours, kilometres and units of a service."))
    unit_price: MoneyText
    discount: MoneyText = Field(description=N_("Taken off: `amount` is what is left."))
    amount: MoneyText
    tax_rate: RateText
    tax: MoneyText


class InvoiceDetailShape(InvoiceShape, about=N_("An invoice with its lines and what is open of it.")):
    open: MoneyText
    reversed_at: MomentText | None = Field(description=N_("When it was taken back whole."))
    lines: list[InvoiceLineShape]


class InvoicePage(Shape, about=N_("A page of invoices, the latest first.")):
    items: list[InvoiceShape]
    next_cursor: str | None


class StatementsQuery(PageQuery):
    """Which statements."""

    state: StatementStateName | None = None
    period: Period | None = None
    dealer: Code | None = OF_DEALER


class StatementSummary(Shape, about=N_("A month's statement; `opening` + `debits` − `credits` = `closing`.")):
    number: str
    period: PeriodText
    dealer: str = Field(description=N_("Code of a dealer."))
    currency: str
    opening: MoneyText
    debits: MoneyText
    credits: MoneyText
    closing: MoneyText
    overdue: MoneyText
    line_count: int
    issued_at: MomentText
    state: StatementStateName
    version: int = Field(description=N_("A corrected statement has the next version."))


class VersionQuery(Shape):
    """Which version of a statement."""

    version: QueryNumber | None = Field(
        default=None, ge=1, le=999, description=N_("Number of a version; without it the current one.")
    )


class SignedShape(Shape, about=N_("Who confirmed a statement, when, and the SHA-256 of what was signed.")):
    name: str = Field(description=N_("Empty where time did, by the clause of a contract."))
    by_clause: bool
    confirmed_at: MomentText
    sha256: str


class LateCorrectionShape(Shape, about=N_("A later document that belongs to the month of a statement.")):
    document_no: str
    date: DayText
    kind: str
    amount: MoneyText
    period: PeriodText


class StatementPage(Shape, about=N_("A page of statements, the latest month first.")):
    items: list[StatementSummary]
    next_cursor: str | None


class StatementLineShape(Shape, about=N_("A document of the month and the balance after it.")):
    date: DayText
    kind: str
    document_no: str
    reference: str
    late: bool = Field(
        description=N_(
            "Dated in an earlier month, which was closed when it was posted: it counts in this one."
        )
    )
    debit: MoneyText
    credit: MoneyText
    balance: MoneyText


class OpenItemShape(Shape, about=N_("An invoice that was not, or not wholly, paid at the end of the month.")):
    document_no: str
    issued_on: DayText
    due_on: DayText
    open_amount: MoneyText
    days_overdue: int


class AgeingShape(Shape, about=N_("How old the closing balance is.")):
    current_due: MoneyText
    days_1_30: MoneyText
    days_31_60: MoneyText
    days_61_90: MoneyText
    days_over_90: MoneyText
    unallocated: MoneyText


class PartyShape(Shape, about=N_("A company as it was named when the statement was issued.")):
    name_zh: str
    name_en: str
    credit_code: str
    address: str


class PayToShape(Shape, about=N_("Where to pay, and the payment reference.")):
    holder: str
    bank: str
    account: str
    reference: str


class StatementShape(
    StatementSummary,
    about=N_(
        "A statement with every document, as it was issued: "
        "later changes of names, addresses or terms do not show."
    ),
):
    addressee: PartyShape
    issuer: PartyShape
    terms_days: int
    payment: PayToShape
    lines: list[StatementLineShape]
    ageing: AgeingShape
    open_items: list[OpenItemShape]
    confirmation: SignedShape | None
    current_version: int = Field(description=N_("Above `version` where a corrected one superseded this."))
    corrections: list[LateCorrectionShape]
    corrected_closing: MoneyText = Field(
        description=N_("The closing balance with the later documents that belong to the month.")
    )
    verify_url: str = Field(description=N_("Where anybody asks whether it is genuine, without signing in."))
    audit_root: str = Field(
        description=N_("Root of the audit when it was issued, in hexadecimal; may be empty.")
    )
