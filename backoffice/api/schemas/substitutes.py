"""Bodies and answers about substitutes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from portal.catalogue.substitute_rules import SUBSTITUTES_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Shape


class SubstitutesBody(Shape, about=N_("What may be offered instead of a product.")):
    substitutes: Annotated[list[Code], Field(max_length=SUBSTITUTES_MAX)] = Field(
        description=N_("SKUs, the one to be offered first in front; none takes all away."),
        examples=[["GLOVES"]],
    )


class SubstitutesShape(Shape, about=N_("What may be offered instead of a product.")):
    sku: str
    substitutes: list[str] = Field(description=N_("SKUs, the one to be offered first in front."))
