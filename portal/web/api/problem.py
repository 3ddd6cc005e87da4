"""Every refusal: application/problem+json, RFC 9457, with all faults at once."""

from __future__ import annotations

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import MoneyText, Shape


class ProposedProduct(
    Shape, about=N_("A product to take instead, if you want it: yours to buy, and in stock.")
):
    sku: str
    quantity: int = Field(description=N_("Units that would take the place of what was asked."))
    available: int
    unit_price: MoneyText | None = Field(
        None, description=N_("Before promotions. Absent without the scope prices:read.")
    )


class ProblemFault(Shape, about=N_("One fault, and how to fix it.")):
    pointer: str = Field(
        description=N_("JSON pointer into the body, or the name of a parameter; empty for the whole."),
        examples=["/lines/0/quantity"],
    )
    code: str = Field(examples=["pack_multiple"])
    message: str
    fix: str
    paper: str | None = Field(None, description=N_("Number of the licence or filing that is in the way."))
    ended_on: str | None = Field(None, description=N_("Its last day, where it has ended."))
    expected: str | None = Field(
        None, description=N_("What the request expected, where something else is so.")
    )
    actual: str | None = Field(None, description=N_("What is so instead."))
    proposals: list[ProposedProduct] | None = Field(
        None, description=N_("Of a line that cannot be served, where there are substitutes; the best first.")
    )


class Problem(
    Shape,
    about=N_(
        "A refusal. `code` is stable; `detail` and the messages are in the language of Accept-Language."
    ),
):
    type: str = Field(examples=["urn:tonglu:problem:order_refused"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["order_refused"])
    errors: list[ProblemFault]
    request_id: str | None = Field(description=N_("Quote it to support; it is in the log."))
