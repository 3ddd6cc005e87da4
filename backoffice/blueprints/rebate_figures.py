"""Figures and tiers that were typed in a form of rebates: a programme's, or an amendment's."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from portal.kernel import typed
from portal.kernel.errors import N_, Fault
from portal.rebates.amendment_faults import Amending
from portal.rebates.terms import TierTerms
from portal.web.forms import Form, Stripped, read_form, rows_of_form

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

TIER_ROW = ("from", "percent", "amount_per_unit", "fixed")


class AmendingForm(Form):
    """An amendment."""

    starts_on: Stripped
    why: str


def typed_amending() -> Amending:
    """The amendment that was typed; what cannot be read goes along as faults."""
    form, reader = read_form(AmendingForm), Figures()
    starts_on = reader.value(typed.day, form.starts_on, "/from")
    return Amending(starts_on, reader.tiers(), form.why, tuple(reader.faults))


class Figures:
    """Reads figures of one form and gathers what cannot be read."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def tiers(self) -> tuple[TierTerms, ...]:
        """The rows of tiers that were filled in."""
        found = []
        for place, (start, percent, per_unit, fixed) in enumerate(tier_rows()):
            here = f"/tiers_of/{place}"
            found.append(
                TierTerms(
                    self.figure(typed.money, start, f"{here}/from", 0),
                    self.figure(typed.percent, percent, f"{here}/percent"),
                    self.figure(typed.money, per_unit, f"{here}/amount_per_unit"),
                    self.figure(typed.money, fixed, f"{here}/fixed"),
                )
            )
        return tuple(found)

    def value(self, read: Callable[[Any], T], entered: str, pointer: str) -> T | None:
        """What a field says; None where it was left empty or cannot be read."""
        return typed.field(read, entered, pointer, self.faults) if entered else None

    def figure(
        self,
        read: Callable[[Any], Any],
        entered: str,
        pointer: str,
        empty: Any = None,
        *,
        is_asked: bool = False,
    ) -> Any:
        """What a field says, `empty` where nothing is asked for and nothing was typed.

        What cannot be read counts as 0 beside its fault, so that no further fault follows from it.
        """
        if not entered.strip() and not is_asked and empty is None:
            return None
        value = typed.field(read, entered, pointer, self.faults)
        return value if value is not None else empty or 0

    def one_of(self, kind: type[E], entered: str, pointer: str) -> E:
        """What was chosen; the first choice beside its fault, where it is none of them."""
        if entered in list(kind):
            return kind(entered)
        message, fix = N_("Choose one of the list."), N_("Load the page again if it has none.")
        self.faults.append(Fault(pointer, "choice", message, fix))
        return next(iter(kind))


def tier_rows() -> list[tuple[str, ...]]:
    """The rows of tiers in which something was typed."""
    return [row for row in rows_of_form(*TIER_ROW) if any(value.strip() for value in row)]


def shown(value: Any) -> str:
    """A figure as a field shows it: without the noughts behind a point that say nothing."""
    if value is None:
        return ""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
