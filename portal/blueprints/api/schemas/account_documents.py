"""Documents of an account beside bills and payments."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import DayText, MoneyText, PageQuery, Shape

DocumentKindName = Literal[
    "opening", "deposit", "deposit_use", "deposit_return", "write_off", "refund", "interest"
]


class AccountDocumentShape(Shape, about=N_("A deposit, what became of it, or another document.")):
    number: str = Field(examples=["DE2611-5D2N7WQ4B"])
    kind: DocumentKindName
    source: str = Field(
        description=N_("What it came of: the deposit that is used, the credit that is paid back, a number.")
    )
    issued_on: DayText
    due_on: DayText | None
    amount: MoneyText
    left: MoneyText | None = Field(description=N_("What is still held of a deposit."))
    reversed: bool


class AccountDocumentPage(Shape, about=N_("Documents of the account, the latest first.")):
    items: list[AccountDocumentShape]
    next_cursor: str | None


class AccountDocumentsQuery(PageQuery):
    """Which documents."""

    kind: DocumentKindName | None = None
