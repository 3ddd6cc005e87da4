"""Fields of a form that are there once for every lot of an order line."""

from __future__ import annotations

from collections.abc import Iterator

from portal.kernel import typed
from portal.kernel.errors import Fault, Invalid
from portal.shipping.packing_rules import PACKAGES_MAX, PackageKind, PackageWanted
from portal.shipping.rules import LotChoice
from portal.web.request import request


def lot_choices() -> list[LotChoice]:
    """Lots somebody asked for: fields ``lot|LINE|LOT NUMBER`` hold units; one reason for all.

    An empty field asks for nothing.

    Raises Invalid with every quantity that is none, beside its line.
    """
    reason, choices = request.form.get("lot_reason", ""), []
    faults: list[Fault] = []
    for (line_no, lot_no), entered in _by_lot("lot"):
        pointer = f"/lots/{line_no}/{lot_no}"
        units = typed.field(typed.quantity, entered, f"{pointer}/quantity", faults)
        if units is not None:
            choices.append(LotChoice(line_no, lot_no, units, reason, pointer))
    if faults:
        raise Invalid(faults=faults)
    return choices


def lot_serials() -> dict[tuple[int, str], list[str]]:
    """Serial numbers typed one a line: fields ``serials|LINE|LOT NUMBER``.

    Those of two fields for the same units are all meant.
    """
    serials: dict[tuple[int, str], list[str]] = {}
    for key, entered in _by_lot("serials"):
        serials.setdefault(key, []).extend(entered.split())
    return serials


def packages_typed() -> list[PackageWanted]:
    """Packages as they were packed: ``kind-1``, ``weight-1`` (kg), ``units-1|LINE|LOT`` of the first.

    Raises Invalid with every field that cannot be read.
    """
    faults: list[Fault] = []
    count = min(typed.own_number(request.form.get("packages")) or 0, PACKAGES_MAX)
    packages = []
    for number in range(1, count + 1):
        kind = request.form.get(f"kind-{number}", "")
        entered = request.form.get(f"weight-{number}", "").strip()
        pointer = f"/packages/{number}"
        weight = typed.field(typed.money, entered, f"{pointer}/weight", faults) if entered else None
        grams = None if weight is None else int(weight * 1000)
        units = {
            key: found
            for key, said in _by_lot(f"units-{number}")
            if (found := typed.field(typed.quantity, said, f"{pointer}/units", faults))
        }
        level = PackageKind(kind) if kind in list(PackageKind) else PackageKind.CASE
        packages.append(PackageWanted(level, grams, units, pointer))
    if faults:
        raise Invalid(faults=faults)
    return packages


def _by_lot(kind: str) -> Iterator[tuple[tuple[int, str], str]]:
    """The fields ``KIND|LINE|LOT NUMBER`` that were filled in.

    Order line and lot number, and what was typed.
    """
    for name, entered in request.form.items():
        head, *parts = name.split("|", 2)
        line_no = typed.own_number(parts[0]) if head == kind and len(parts) == 2 else None
        if line_no is not None and entered.strip():
            yield (line_no, parts[1]), entered
