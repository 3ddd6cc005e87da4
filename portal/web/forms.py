"""The fields of a page's form or address: each once, but for the columns of a list, which a view declares.

A form is a `Form` with a type a field; `read_form` gives its values, or all that is wrong with them at once,
each beside its field. A field that stands twice with two values would be read as the first of them, whichever
was meant: it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Annotated, TypeVar

from flask import Flask, current_app, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from portal.kernel import typed
from portal.kernel.errors import N_, Fault, Invalid, Unreadable
from portal.kernel.manifest import Audience
from portal.web.request import portal

V = TypeVar("V", bound=Callable[..., object])
F = TypeVar("F", bound="Form")

ROWS_MAX = 5_000  # beyond the longest list of ours
_COLUMNS = "columns"


class Form(BaseModel):
    """The fields of a page's form. A field that was not sent reads as one that was left empty."""

    model_config = ConfigDict(frozen=True)


Flag = Annotated[bool, BeforeValidator(bool)]
"""A box that was ticked."""

Stripped = Annotated[str, BeforeValidator(str.strip)]
"""A text without the blanks around it."""

Money = Annotated[Decimal, BeforeValidator(typed.money)]
Celsius = Annotated[Decimal, BeforeValidator(typed.celsius)]
Day = Annotated[date, BeforeValidator(typed.day)]
DayIfAny = Annotated[date | None, BeforeValidator(lambda entered: typed.day(entered) if entered else None)]

OwnNumber = Annotated[int, BeforeValidator(lambda entered: typed.own_number(entered) or 0)]
"""A number that the portal wrote into the form; 0, which nothing of ours has, for what is none."""

PersonIfAny = Annotated[
    int, BeforeValidator(lambda entered: 0 if entered in ("", "0") else typed.own_number(entered) or -1)
]
"""Id of a person out of a list: 0 where nobody was chosen, -1, which nobody has, for what is none."""

Moment = Annotated[
    datetime, BeforeValidator(lambda entered: typed.moment(entered, portal().settings.timezone))
]
"""A point in time as somebody typed it, local to the business where it names no offset."""

MomentIfAny = Annotated[
    datetime | None,
    BeforeValidator(
        lambda entered: typed.moment(entered, portal().settings.timezone) if entered.strip() else None
    ),
]
"""The same, or nothing where the field was left empty."""


def read_form(form: type[F]) -> F:
    """The form of the request. Raises Invalid with a fault beside every field that cannot be read."""
    try:
        return form.model_validate({name: request.form.get(name, "") for name in form.model_fields})
    except ValidationError as error:
        raise Invalid(faults=[_fault(one) for one in error.errors()]) from None


def _fault(error: ErrorDetails) -> Fault:
    pointer, cause = f"/{error['loc'][0]}", error.get("ctx", {}).get("error")
    if isinstance(cause, typed.Misread):
        return cause.beside(pointer)
    return Fault(pointer, "unreadable", N_("This cannot be read."), N_("Enter it once more."))


def takes_columns(*names: str) -> Callable[[V], V]:
    """These fields of a view's form stand once for every row of a list.

    ``value-*`` is every field that begins so.
    """

    def declare(view: V) -> V:
        setattr(view, _COLUMNS, frozenset(names))
        return view

    return declare


def rows_of_form(*names: str) -> list[tuple[str, ...]]:
    """The rows of a list out of its columns.

    Raises Unreadable when there are too many, or the columns are not of one length.
    """
    columns = [request.form.getlist(name) for name in names]
    if max(map(len, columns)) > ROWS_MAX:
        raise Unreadable(
            "long_list",
            N_("A list in a form has at most %(max)s rows."),
            fix=N_("Send fewer at once."),
            max=ROWS_MAX,
        )
    if len({len(column) for column in columns}) > 1:
        raise Unreadable(
            "torn_list",
            N_("The list in this form is not complete."),
            fix=N_("Load the page again and send it once more."),
        )
    return list(zip(*columns, strict=True))


def column_of_form(name: str) -> tuple[str, ...]:
    """The values of a field that stands once for every choice."""
    return tuple(value for (value,) in rows_of_form(name))


def require_single_fields() -> None:
    """Before every view of a page. Raises Unreadable for a field with two values."""
    if current_app.extensions["audiences"].get(request.blueprint) not in (Audience.DEALERS, Audience.STAFF):
        return
    columns: frozenset[str] = getattr(
        current_app.view_functions[request.endpoint or ""], _COLUMNS, frozenset()
    )
    for name in _with_two_values([*request.args.lists(), *request.form.lists()]):
        if not any(fnmatchcase(name, column) for column in columns):
            message, fix = (
                N_("The field %(field)s appears twice with different values."),
                N_("Load the page again and send it once more."),
            )
            raise Unreadable("repeated_field", message, fix=fix, field=name[:64])


def _with_two_values(fields: Iterable[tuple[str, list[str]]]) -> Iterable[str]:
    return (name for name, values in fields if len(set(values)) > 1)


def init_app(app: Flask) -> None:
    """Look at every form before its view does."""
    app.before_request(require_single_fields)
