"""Floors as a table: SKU, floor price and, where it is to come, since when. Pure.

Any other column is passed over, so that the list as it was exported may be sent back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.kernel import typed
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.spreadsheet import Table, cell_name
from portal.pricing.rule_sheet import folded
from portal.pricing.set_floor import Floor

FIELDS = {"sku": N_("SKU"), "floor": N_("Floor price"), "valid_from": N_("Valid from")}


class FloorSheet:
    """The floors of a table, and where each field of each stands."""

    def __init__(self, table: Table, heads: Mapping[str, str], zone: ZoneInfo) -> None:
        """heads: what a head may say, `folded`, and the field it stands for. Raises Invalid, cell by cell."""
        self.floors: list[Floor] = []
        self._rows: list[int] = []
        if not table.rows:
            message = N_("The file is empty.")
            raise Invalid("empty_table", message, faults=[Fault("/A1", "empty_table", message)])
        faults = list(table.faults)
        self._columns = _columns(*table.rows[0], heads, faults)
        seen: dict[str, int] = {}
        for row, texts in table.rows[1:] if not faults else ():
            self._read(row, texts, zone, seen, faults)
        if faults:
            raise Invalid("bad_cells", N_("Nothing was imported: some cells need attention."), faults=faults)

    def cell_of(self, pointer: str) -> str:
        """The cell that a fault of `set_floors` speaks of."""
        parts = pointer.strip("/").split("/")
        if len(parts) != 3 or not parts[1].isdigit():
            return "A1"
        return cell_name(self._rows[int(parts[1])], self._columns.get(parts[2], self._columns["sku"]))

    def _read(
        self, row: int, texts: Sequence[str], zone: ZoneInfo, seen: dict[str, int], faults: list[Fault]
    ) -> None:
        def cell(name: str) -> str:
            place = self._columns.get(name, len(texts))
            return texts[place].strip() if place < len(texts) else ""

        def pointer(name: str) -> str:
            return f"/{cell_name(row, self._columns[name])}"

        if not cell("floor"):
            return  # a product of the list without a floor
        floor = typed.field(typed.money, cell("floor"), pointer("floor"), faults)
        starts: datetime | None = None
        if cell("valid_from"):
            starts = typed.field(
                lambda entered: _moment(entered, zone), cell("valid_from"), pointer("valid_from"), faults
            )
        first = seen.setdefault(cell("sku").upper(), row)
        if first != row:
            message, fix = N_("Row %(row)s names the same product."), N_("Keep one of them.")
            faults.append(Fault(pointer("sku"), "tie", message, fix, {"row": first}))
        if floor is not None:
            self.floors.append(Floor(cell("sku"), floor, starts))
            self._rows.append(row)


def _columns(row: int, head: Sequence[str], heads: Mapping[str, str], faults: list[Fault]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, label in enumerate(head):
        name = heads.get(folded(label))
        if name is not None and name in columns:
            fix = N_("Keep one of them.")
            faults.append(
                Fault(f"/{cell_name(row, place)}", "unknown_column", N_("This column appears twice."), fix)
            )
        elif name is not None:
            columns[name] = place
    for name in ("sku", "floor"):
        if name not in columns:
            message, fix = N_("The column %(name)s is missing."), N_("Take the heads of an exported file.")
            pointer = f"/{cell_name(row, len(head))}"
            faults.append(Fault(pointer, "missing_column", message, fix, {"name": name}))
    return columns


def _moment(entered: object, zone: ZoneInfo) -> datetime:
    """A minute, or the beginning of a day of the business."""
    if isinstance(entered, str) and len(entered) <= len("2026-12-31"):
        return datetime.combine(typed.day(entered), datetime.min.time(), zone)
    return typed.moment(entered, zone)
