"""What a code on a package says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from portal.kernel.errors import N_
from portal.scanning.rules import TEXT_MAX
from portal.web.api.fields import DayText, Shape, Text


class ScanBody(Shape, about=N_("What a reader sent.")):
    data: Text = Field(
        min_length=1,
        max_length=TEXT_MAX,
        description=N_(
            "As the reader sends it, FNC1 as U+001D: an element string of GS1, with brackets or without, a "
            "Digital Link of any domain, a code of MA, a GTIN alone, or our SKU."
        ),
        examples=["010690123451002717280131" + "10AB-1\u001d21S9"],
    )
    symbology: Annotated[str, StringConstraints(max_length=3)] | None = Field(
        None,
        description=N_(
            "What the reader calls the symbology (ISO/IEC 15424), if it is not in front of the data."
        ),
        examples=["]d2"],
    )


class ScannedShape(Shape, about=N_("What a code says.")):
    issuer: Literal["GS1", "MA"] = Field(description=N_("Who gave out the device identifier."))
    di: str = Field(
        description=N_("Device identifier: of GS1 the GTIN with 14 digits."), examples=["06901234510027"]
    )
    lot: str | None
    serial: str | None
    expiry: DayText | None = Field(description=N_("A day 00 in the code is the last of its month."))
    production: DayText | None
    sku: str | None = Field(description=N_("Our article of that identifier; null if we have none."))
    units: int = Field(
        description=N_("Units of sale in what bears the code: more than one for a package of its own number.")
    )
