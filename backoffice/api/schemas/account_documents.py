"""Deposits, write-offs, refunds and opening balances, as headquarters' programs post them."""

from __future__ import annotations

from pydantic import Field

from portal.blueprints.api.schemas.account_documents import AccountDocumentShape, DocumentKindName
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, Money, MoneyText, PageQuery, PeriodText, Shape, Text


class DepositBody(Shape, about=N_("A deposit that a dealer paid.")):
    dealer: Code
    amount: Money
    received_on: Day
    method: Text = Field(min_length=1, max_length=64, examples=["bank transfer"])
    reference: Text = Field("", max_length=140)


class NamedDebtBody(Shape, about=N_("An open debt; all of it where no amount is said.")):
    document: Code
    amount: Money | None = None


class DepositUseBody(Shape, about=N_("Debts that a deposit pays.")):
    debts: list[NamedDebtBody] = Field(min_length=1, max_length=200)


class PayBackBody(Shape, about=N_("Money that is paid back to a dealer.")):
    amount: Money
    paid_on: Day
    method: Text = Field(min_length=1, max_length=64, examples=["bank transfer"])
    reference: Text = Field("", max_length=140)
    reason: Text = Field(min_length=1, max_length=500)


class RefundBody(PayBackBody, about=N_("What of a payment or another credit settles nothing, paid back.")):
    credit: Code = Field(examples=["PY2611-5D2N7WQ4B"])


class WriteOffBody(Shape, about=N_("Debts that nobody is going to pay.")):
    dealer: Code
    debts: list[NamedDebtBody] = Field(min_length=1, max_length=200)
    reason: Text = Field(min_length=1, max_length=500)


class OpenItemBody(Shape, about=N_("A document of earlier books that is open.")):
    document: Text = Field(min_length=1, max_length=140, examples=["2026-10-0031"])
    issued_on: Day
    due_on: Day | None = Field(None, description=N_("Of a debt. A credit has none."))
    amount: Money = Field(description=N_("What is open of it; negative for a credit of the dealer."))


class OpeningBody(Shape, about=N_("A dealer's open items of earlier books: all are posted, or none.")):
    dealer: Code
    items: list[OpenItemBody] = Field(min_length=1, max_length=500)


class PostedDocumentShape(Shape, about=N_("A document that was posted.")):
    number: str = Field(examples=["DE2611-5D2N7WQ4B"])
    amount: MoneyText
    period: PeriodText
    late: bool


class PostedDocumentsShape(Shape, about=N_("Documents that were posted, in the order they were sent.")):
    items: list[PostedDocumentShape]


class HqAccountDocumentShape(AccountDocumentShape, about=N_("A document of a dealer's account.")):
    dealer: str
    reason: str


class HqAccountDocumentPage(Shape, about=N_("Documents of dealers' accounts, the latest first.")):
    items: list[HqAccountDocumentShape]
    next_cursor: str | None


class HqAccountDocumentsQuery(PageQuery):
    """Which documents."""

    kind: DocumentKindName | None = None
    dealer: Code | None = None
