"""The units things are counted in.

They are stored as the Chinese trade writes them; this is their English.
"""

from __future__ import annotations

_ENGLISH = {
    "件": ("piece", "pieces"),
    "只": ("piece", "pieces"),
    "支": ("piece", "pieces"),
    "根": ("piece", "pieces"),
    "把": ("piece", "pieces"),
    "个": ("piece", "pieces"),
    "台": ("unit", "units"),
    "盒": ("box", "boxes"),
    "箱": ("case", "cases"),
    "套": ("set", "sets"),
    "块": ("block", "blocks"),
    "片": ("sheet", "sheets"),
    "张": ("sheet", "sheets"),
    "卷": ("roll", "rolls"),
    "包": ("pack", "packs"),
    "袋": ("bag", "bags"),
    "副": ("pair", "pairs"),
    "双": ("pair", "pairs"),
    "瓶": ("bottle", "bottles"),
    "桶": ("drum", "drums"),
}

_OTHER_WORDS = {
    "pc": "件",
    "pcs": "件",
    "ea": "件",
    "each": "件",
    "ctn": "箱",
    "carton": "箱",
    "cartons": "箱",
    "pk": "包",
}

UNITS_BY_WORD = (
    {word: unit for unit, words in reversed(_ENGLISH.items()) for word in words}
    | {unit: unit for unit in _ENGLISH}
    | _OTHER_WORDS
)
"""Units by every word that people write for them; of several for a piece the most general."""


def same_unit(one: str, other: str) -> bool:
    """Whether two units count the same: ``支`` and ``件`` are both a piece."""
    return in_english(one) == in_english(other)


def in_english(unit: str, count: int = 1) -> str:
    """``盒`` is ``box``, or ``boxes`` for any count but one. A unit that is not known stands for itself."""
    one, many = _ENGLISH.get(unit, (unit, unit))
    return one if count == 1 else many
