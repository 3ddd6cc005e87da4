"""Tax invoices: what is answered."""

from __future__ import annotations

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import DayText, MoneyText, Shape


class OwnTaxInvoiceShape(Shape, about=N_("What the tax platform issued for a document.")):
    number: str = Field(description=N_("The tax platform's 20 digits."))
    document: str
    issued_on: DayText
    gross: MoneyText
    left: MoneyText = Field(description=N_("What of it no red-letter invoice takes back."))
    takes_back: str | None = Field(description=N_("Of a red-letter invoice: the number it takes back."))
