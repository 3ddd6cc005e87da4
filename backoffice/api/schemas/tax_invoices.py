"""Tax invoices at headquarters: what is sent, what is answered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import DayText, Moment, MomentText, Money, MoneyText, PageQuery, Shape, Text

State = Literal["attached", "differs", "accepted", "removed"]


class TaxInvoiceBody(
    Shape, about=N_("A tax invoice's XML as a form with a `file`; or its text, without its encoding.")
):
    text: Text = Field("", max_length=900_000)
    document: Text = Field(
        "", max_length=64, description=N_("Our document, where the remark does not name it.")
    )


class TaxInvoicesQuery(PageQuery):
    state: State | None = None
    document: str = Field("", max_length=64)


class TaxDifferenceShape(Shape, about=N_("One difference between a tax invoice and our document.")):
    kind: str
    lines: list[int] = Field(description=N_("Of our document."))
    amount: MoneyText | None
    ours: str | None
    theirs: str | None


class TaxInvoiceShape(Shape, about=N_("A tax invoice beside one of our documents.")):
    number: str
    document: str
    dealer: str
    issued_on: DayText
    net: MoneyText
    tax: MoneyText
    gross: MoneyText
    state: State
    verdict: Literal["agree", "agree_with_rounding", "differ"]
    taken_at: MomentText


class TaxInvoiceDetailShape(TaxInvoiceShape, about=N_("A tax invoice with what was found.")):
    takes_back: str | None
    left: MoneyText
    differences: list[TaxDifferenceShape]
    repeated: bool = Field(False, description=N_("The same file was here already: nothing has changed."))


class TaxInvoicePage(Shape, about=N_("A page of tax invoices, the latest first.")):
    items: list[TaxInvoiceShape]
    next_cursor: str | None


class TaxReasonBody(Shape, about=N_("Why a tax invoice stands although it differs, or is removed.")):
    reason: Text = Field(max_length=500)


class RedFormBody(Shape, about=N_("A red-letter confirmation form as the tax platform shows it.")):
    number: Text = Field(max_length=20)
    gross: Money = Field(description=N_("Negative, VAT included."))
    state: Literal["01", "02", "03", "04", "05", "06", "07", "08", "09"]
    asked_at: Moment


class RedFormShape(Shape, about=N_("A red-letter confirmation form.")):
    number: str
    takes_back: str
    gross: MoneyText
    state: str
    asked_at: MomentText
    moved_at: MomentText


class RedFormList(Shape, about=N_("The forms of a tax invoice, the latest first.")):
    number: str
    items: list[RedFormShape]
