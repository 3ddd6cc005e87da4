"""Order sheets: what is sent, what is answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from portal.kernel.errors import N_
from portal.web.api.fields import PRICED, Code, MoneyText, PriceText, Shape, Text

TEXT_MAX = 1_000_000

PriceIfAny = Annotated[MoneyText | None, Field(default=None), PRICED]


class OrderSheetBody(
    Shape, about=N_("An order sheet, pasted; or a form with a `file`, CSV or an Excel workbook.")
):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "SKU\tQty\nSYRINGE\t20\nGLOVES\t5\nSYRINGE\t10"}]}
    )

    text: Text = Field(
        "",
        max_length=TEXT_MAX,
        description=N_(
            "Lines of a code (SKU, GTIN or what a barcode reader sends) and a quantity, "
            "by tab, comma, semicolon or blanks, with or without a head."
        ),
    )
    dealer: Code | None = Field(None, description=N_("Headquarters only: code of the dealer that orders."))


class SheetFaultShape(Shape, about=N_("What is to be said of a row: in words, and what to do about it.")):
    pointer: str = Field(
        description=N_("`/sku`, `/quantity`, or empty for the row; of the whole sheet, into this answer.")
    )
    code: str
    message: str
    fix: str


class ProposalShape(Shape, about=N_("What may be meant, or taken instead of what cannot be served.")):
    sku: str | None
    quantity: int | None
    available: int | None = Field(description=N_("Of what may be taken instead, else null."))
    unit_price: PriceIfAny


class SheetRowShape(
    Shape, about=N_("A row of a sheet. It can be ordered as it stands if `errors` is empty.")
):
    row: int = Field(description=N_("Its number in the sheet, from 1."))
    text: str = Field(description=N_("As it stands in the sheet."))
    sku: str = Field(description=N_("Of the product that is meant, else the code as it stands."))
    quantity: int | None
    merged_into: int | None = Field(
        description=N_("The first row of the same product: together they are one line, judged as a whole.")
    )
    unit_price: PriceIfAny
    amount: PriceIfAny = Field(description=N_("Of all rows of the product, at the first of them."))
    available: int | None
    errors: list[SheetFaultShape]
    notes: list[SheetFaultShape] = Field(description=N_("What is told and refuses nothing."))
    proposals: list[ProposalShape]


class SkippedRowShape(
    Shape, about=N_("A row that orders nothing: the head of a table, or a title above it.")
):
    row: int
    text: str
    because: Literal["head", "above_the_table"]


class GuessedColumnsShape(Shape, about=N_("Columns, from 1, of a table without a head.")):
    sku: int
    quantity: int


class OrderSheetShape(
    Shape, about=N_("Every row of a sheet that has something in it is among `rows` or `skipped`.")
):
    rows: list[SheetRowShape]
    skipped: list[SkippedRowShape]
    columns: GuessedColumnsShape | None = Field(description=N_("As they were guessed, null where none were."))
    accepted: int
    refused: int
    errors: list[SheetFaultShape] = Field(description=N_("What stands against ordering anything at all."))
    held_by: list[SheetFaultShape] = Field(description=N_("What would hold an order of the accepted rows."))
    warnings: list[SheetFaultShape] = Field(description=N_("What is told, and stops nothing."))
    total: PriceText
