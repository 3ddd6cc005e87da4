"""Lines of an order or a quote out of a body that may be wrong in places.

What can be understood is checked all the same. So that somebody who sent a misspelt member, a quantity of 1.5
and an unknown SKU learns of all three at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from portal.blueprints.api.schemas.catalogue import WantedLine
from portal.blueprints.api.schemas.orders import OrderedLine
from portal.kernel import typed
from portal.kernel.errors import Fault
from portal.orders.rules import Wanted
from portal.web.api.fields import Money
from portal.web.api.reading import Reading

M = TypeVar("M", bound=BaseModel)
_MONEY = TypeAdapter(Money)


def wanted(lines: Iterable[WantedLine]) -> list[Wanted]:
    """Well-formed lines, as the rules want them."""
    return [
        Wanted(line.sku, line.quantity, f"/lines/{place}", _expected(line))
        for place, line in enumerate(lines)
    ]


def _expected(line: WantedLine) -> Decimal | None:
    return line.expected_unit_price if isinstance(line, OrderedLine) else None


def all_faults(
    reading: Reading[M], model: type[M], check: Callable[[M, list[Wanted]], Iterable[Fault]]
) -> list[Fault]:
    """The faults of a malformed body and those that `check` finds in what can be understood of it.

    From top to bottom.
    """
    salvaged, lines = _salvage(reading, model)
    found = list(reading.faults)
    if salvaged is not None and lines:
        found += (fault for fault in check(salvaged, lines) if fault.pointer not in reading.pointers)
    return sorted(found, key=_place)


def _place(fault: Fault) -> tuple[tuple[bool, int, str], ...]:
    """By line, as somebody reads the body from the top.

    The name of a member may be any text, thousands of digits too.
    """
    steps = ((typed.own_number(step), step) for step in fault.pointer.split("/"))
    return tuple((number is not None, number or 0, step) for number, step in steps)


def _salvage(reading: Reading[M], model: type[M]) -> tuple[M | None, list[Wanted]]:
    """The members without faults, with an empty list for the lines, and the lines that name a product."""
    if not isinstance(reading.raw, dict):
        return None, []
    faulty = {fault.pointer.split("/")[1] for fault in reading.faults if fault.pointer}
    kept = {name: value for name, value in reading.raw.items() if name not in faulty}
    try:
        salvaged = model.model_validate(kept | {"lines": []})
    except ValidationError:
        return None, []
    return salvaged, list(_understood(reading))


def _understood(reading: Reading[Any]) -> Iterable[Wanted]:
    lines = reading.raw.get("lines")
    if not isinstance(lines, list) or "/lines" in reading.pointers:  # as many as nobody may order
        return
    for place, line in enumerate(lines):
        pointer = f"/lines/{place}"
        if (
            isinstance(line, dict)
            and isinstance(line.get("sku"), str)
            and f"{pointer}/sku" not in reading.pointers
        ):
            quantity = line.get("quantity")
            yield Wanted(
                line["sku"], quantity if type(quantity) is int else None, pointer, _expected_in(line)
            )


def _expected_in(line: dict[str, Any]) -> Decimal | None:
    try:
        return _MONEY.validate_python(line.get("expected_unit_price"))
    except ValidationError:
        return None
