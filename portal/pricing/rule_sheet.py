"""The rules of a policy as a table: one row a rule, one cell a field, the steps side by side. Pure.

A table that was exported, changed and imported again says the same; whichever language its head is in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.spreadsheet import Table, cell_name
from portal.pricing.rule_input import RuleInput
from portal.pricing.rules import BREAKS_MAX

FIELDS = {
    "dealer": N_("Dealer code"),
    "region": N_("Region code"),
    "tier": N_("Tier"),
    "sku": N_("SKU"),
    "category": N_("Product line code"),
    "kind": N_("Kind of price"),
    "breaks_are": N_("Breaks count for"),
    "max_quantity": N_("At most"),
    "tax_included": N_("Tax included"),
}
YES_OR_NO = {"yes": N_("Yes"), "no": N_("No")}
_SCOPE = ("dealer", "region", "tier", "sku", "category")
_BETWEEN = re.compile(r"[\s,，()]+")
_TRUE, _FALSE = frozenset({"", "yes", "1", "true"}), frozenset({"no", "0", "false"})


def step_labels(place: int) -> tuple[str, str]:
    """Names of the two columns of a step: from how many units, and the value. Heads may say them too."""
    return f"min_{place}", f"value_{place}"


def folded(word: str) -> str:
    """A word however it is typed: case, width and what parts its unit from it say nothing.

    ``Net price, ¥`` is ``net price ¥``, and ``净价（元）`` is ``净价(元)``.
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", word)).casefold()


def without_unit(word: str) -> str:
    """The name of a kind of price alone: ``Net price`` of ``Net price, ¥``, ``净价`` of ``净价（元）``."""
    return re.split("[,（]", word, maxsplit=1)[0]


class Words(NamedTuple):
    """What heads and cells may say, `folded`, and what it stands for; in every language of ours."""

    heads: Mapping[str, str]
    kinds: Mapping[str, str]
    breaks_are: Mapping[str, str]
    yes_or_no: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SheetRules:
    """The rules of a table, and where each field of each stands."""

    rules: tuple[RuleInput, ...]
    places: tuple[tuple[int, Mapping[str, int]], ...]

    def beside_cells(self, faults: Sequence[Fault]) -> list[Fault]:
        """The faults with the names of cells for pointers (``/F7312``)."""
        return [replace(fault, pointer=f"/{self._cell(fault.pointer)}") for fault in faults]

    def _cell(self, pointer: str) -> str:
        parts = pointer.strip("/").split("/")
        if len(parts) < 2 or parts[0] != "rules" or not parts[1].isdigit():
            return "A1"
        row, columns = self.places[int(parts[1])]
        exactly, roughly = "/".join(parts[2:]), parts[2] if len(parts) > 2 else ""
        column = columns.get(exactly, columns.get(roughly, min(columns.values(), default=0)))
        return cell_name(row, column)


class _Head(NamedTuple):
    """Where each field stands, and the labels of the steps that there are columns for."""

    columns: Mapping[str, int]
    steps: tuple[tuple[str, str], ...]


def read_sheet(table: Table, words: Words) -> SheetRules:
    """The rules of a table. Raises Invalid with every cell that holds none, or when its head is none."""
    if not table.rows:
        raise Invalid("empty_table", N_("The file is empty."), faults=[Fault("/A1", "empty_table", _EMPTY)])
    head_row, head = table.rows[0]
    faults = list(table.faults)
    columns = _columns(head_row, head, words, faults)
    steps = tuple(
        step for step in map(step_labels, range(1, BREAKS_MAX + 1)) if any(name in columns for name in step)
    )
    known = _Head(columns, steps)
    rules: list[RuleInput] = []
    places: list[tuple[int, Mapping[str, int]]] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, texts in table.rows[1:]:
        rule, place = _rule(number, texts, known, words, faults)
        _require_new(rule, number, place, seen, faults)
        rules.append(rule)
        places.append((number, place))
    if faults:
        raise Invalid("bad_cells", _BAD, faults=faults)
    return SheetRules(tuple(rules), tuple(places))


_EMPTY = N_("The file is empty.")
_BAD = N_("Nothing was imported: some cells need attention.")


def _columns(row: int, head: Sequence[str], words: Words, faults: list[Fault]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, label in enumerate(head):
        name = words.heads.get(folded(label))
        if not label:
            continue
        if name is None or name in columns:
            message = N_("This column is unknown.") if name is None else N_("This column appears twice.")
            fix = N_("Take the heads of an exported file.")
            faults.append(Fault(f"/{cell_name(row, place)}", "unknown_column", message, fix))
        else:
            columns[name] = place
    for name in ("kind", *step_labels(1)):
        if name not in columns:
            message = N_("The column %(name)s is missing.")
            faults.append(
                Fault(f"/{cell_name(row, len(head))}", "missing_column", message, _TAKE_HEADS, {"name": name})
            )
    return columns


_TAKE_HEADS = N_("Take the heads of an exported file.")


def _rule(
    row: int, texts: Sequence[str], head: _Head, words: Words, faults: list[Fault]
) -> tuple[RuleInput, dict[str, int]]:
    columns = head.columns

    def cell(name: str) -> str:
        place = columns.get(name, len(texts))
        return texts[place] if place < len(texts) else ""

    def word(name: str, known: Mapping[str, str], otherwise: str) -> str:
        return known.get(folded(cell(name)), cell(name)) or otherwise

    steps = [step for step in head.steps if any(cell(name) for name in step)]
    places = {name: columns[name] for name in FIELDS if name in columns}
    for order, (least, value) in enumerate(steps):
        places[f"breaks/{order}/min_quantity"] = columns.get(least, 0)
        places[f"breaks/{order}/value"] = columns.get(value, 0)
    places["breaks"] = columns.get(steps[0][0] if steps else "min_1", 0)
    taxed = word("tax_included", words.yes_or_no, "").casefold()
    if taxed not in _TRUE | _FALSE:
        message, fix = N_("There is no %(value)s."), N_("Enter yes or no.")
        pointer = f"/{cell_name(row, places['tax_included'])}"
        faults.append(Fault(pointer, "tax_included", message, fix, {"value": taxed[:40]}))
    rule = RuleInput(
        word("kind", words.kinds, ""),
        [(cell(least), cell(value)) for least, value in steps],
        breaks_are=word("breaks_are", words.breaks_are, "all_units"),
        max_quantity=cell("max_quantity"),
        tax_included=taxed not in _FALSE,
        **{name: cell(name) for name in _SCOPE},
    )
    return rule, places


def _require_new(
    rule: RuleInput,
    row: int,
    places: Mapping[str, int],
    seen: dict[tuple[str, ...], int],
    faults: list[Fault],
) -> None:
    scope = tuple(getattr(rule, name).strip().upper() for name in _SCOPE)
    first = seen.setdefault(scope, row)
    if first != row:
        column = next(
            (places[name] for name in reversed(_SCOPE) if getattr(rule, name) and name in places), 0
        )
        message, fix = N_("Row %(row)s is a rule for the same thing."), N_("Keep one of them.")
        faults.append(Fault(f"/{cell_name(row, column)}", "tie", message, fix, {"row": first}))
