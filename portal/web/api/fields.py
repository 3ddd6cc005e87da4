"""The field types of the API. What comes in is read strictly: nothing is rounded, trimmed or guessed.

A wrong value raises PydanticCustomError with the code of its fault; `portal.web.api.wording` has the words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from portal.kernel import clock, typed
from portal.kernel.errors import N_

V = TypeVar("V")

LIMIT_MAX = 200  # items of a page

_MONEY = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"
_MONEY_TEXT = r"^-?[0-9]+\.[0-9]{2}$"

LINES_MAX = "lines_max"
"""Name, in the context of a validation, of how many lines an order may have."""


class Shape(BaseModel):
    """A JSON object with these members and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def __init_subclass__(cls, about: str = "", **options: Any) -> None:
        """`about`: what the documentation says of it, in the reader's language, so it is no docstring."""
        super().__init_subclass__(**options)
        cls.__doc__ = about or cls.__doc__


def _storable(value: str) -> str:
    """PostgreSQL keeps no NUL; half a surrogate pair pydantic refuses itself."""
    if "\x00" in value:
        raise PydanticCustomError("unreadable_text", "unreadable_text")
    return value


def _quantity(value: Any) -> int:
    if type(value) is not int:  # neither true nor "5" nor 5.0
        raise PydanticCustomError("quantity_not_whole", "quantity_not_whole")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise PydanticCustomError("not_whole", "not_whole")
    return value


def _day(value: Any) -> date:
    return _read(partial(typed.day, strict=True), value)


def _moment(value: Any) -> datetime:
    return _read(typed.strict_moment, value)


def _money(value: Any) -> Decimal:
    return _read(partial(typed.money, strict=True), value)


def _read(read: Callable[[object], V], value: Any) -> V:
    """What a reader of `portal.kernel.typed` makes of a value; an error with its code where it refuses."""
    try:
        return read(value)
    except typed.Misread as misread:
        raise PydanticCustomError(misread.code, misread.code) from None


def _number_of_query(value: Any) -> int:
    number = typed.own_number(value) if isinstance(value, str) else None
    if number is None:
        raise PydanticCustomError("not_a_number", "not_a_number")
    return number


def _period(value: Any) -> str:
    try:
        if isinstance(value, str) and clock.first_day(value).year in typed.YEARS:
            return value
    except ValueError:
        pass
    raise PydanticCustomError("not_a_period", "not_a_period")


def _limit(value: Any) -> int:
    limit = typed.own_number(value) if isinstance(value, str) else None
    if limit is None or not 1 <= limit <= LIMIT_MAX:
        raise PydanticCustomError("limit", "limit")
    return limit


Text = Annotated[str, AfterValidator(_storable)]
"""Any text that can be stored."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_storable)]
"""A code or number: SKU, dealer, warehouse, document."""

Quantity = Annotated[int, BeforeValidator(_quantity), WithJsonSchema({"type": "integer", "minimum": 1})]
Whole = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer"})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Period = Annotated[
    str, BeforeValidator(_period), WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"})
]
Money = Annotated[Decimal, BeforeValidator(_money), WithJsonSchema({"type": "string", "pattern": _MONEY})]
Limit = Annotated[
    int, BeforeValidator(_limit), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX})
]
QueryNumber = Annotated[
    int, BeforeValidator(_number_of_query), WithJsonSchema({"type": "integer", "minimum": 0})
]
"""A whole number in an address, where everything is text."""
Cursor = Annotated[str, StringConstraints(max_length=1024), AfterValidator(_storable)]

# What goes out. Text, because it is written as text: a Decimal or a datetime that slipped through fails the
# contract tests.
MoneyText = Annotated[str, Field(pattern=_MONEY_TEXT, examples=["128.50"])]
RateText = Annotated[
    str,
    Field(pattern=r"^0(\.[0-9]{1,4})?$", examples=["0.13"], description=N_("As a fraction: 0.13 is 13 %.")),
]
MomentText = Annotated[
    str, Field(pattern=r"^[0-9-]{10}T[0-9:]{8}(\.[0-9]{6})?Z$", json_schema_extra={"format": "date-time"})
]
DayText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"})]
PeriodText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", examples=["2026-10"])]

PRICED = "priced"
"""Marks a member that is left out of an answer to whoever may not see prices (`portal.web.api.serving`)."""

PriceText = Annotated[
    MoneyText, Field(default_factory=str, description=N_("Absent without the scope prices:read.")), PRICED
]
Receipt = Annotated[
    list[dict[str, Any]],
    Field(
        default_factory=list,
        description=N_("The rules applied, in order: rule, policy, version, effect, unit_price after it."),
    ),
    PRICED,
]


class PageQuery(Shape):
    """Query of a list."""

    limit: Limit = Field(50, description=N_("How many items at most."))
    cursor: Cursor | None = Field(None, description=N_("`next_cursor` of the page before. Opaque."))
