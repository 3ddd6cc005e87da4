"""The provinces as a map of equal tiles, which shows where they lie to each other and draws no boundary."""

from __future__ import annotations

from dataclasses import dataclass

# The code of a division is its first two digits (GB/T 2260).
_GRID = """
..  ..  ..  ..  ..  ..  ..  23
65  ..  ..  ..  15  11  ..  22
..  ..  62  64  14  13  12  21
..  63  ..  61  41  37  32  ..
54  ..  51  50  42  34  31  ..
..  ..  ..  52  43  36  33  ..
..  ..  53  45  44  35  ..  71
..  ..  ..  46  82  81  ..  ..
"""

_SHORT = {
    "11": ("京", "BJ"),
    "12": ("津", "TJ"),
    "13": ("冀", "HE"),
    "14": ("晋", "SX"),
    "15": ("蒙", "NM"),
    "21": ("辽", "LN"),
    "22": ("吉", "JL"),
    "23": ("黑", "HL"),
    "31": ("沪", "SH"),
    "32": ("苏", "JS"),
    "33": ("浙", "ZJ"),
    "34": ("皖", "AH"),
    "35": ("闽", "FJ"),
    "36": ("赣", "JX"),
    "37": ("鲁", "SD"),
    "41": ("豫", "HA"),
    "42": ("鄂", "HB"),
    "43": ("湘", "HN"),
    "44": ("粤", "GD"),
    "45": ("桂", "GX"),
    "46": ("琼", "HI"),
    "50": ("渝", "CQ"),
    "51": ("川", "SC"),
    "52": ("贵", "GZ"),
    "53": ("滇", "YN"),
    "54": ("藏", "XZ"),
    "61": ("陕", "SN"),
    "62": ("甘", "GS"),
    "63": ("青", "QH"),
    "64": ("宁", "NX"),
    "65": ("新", "XJ"),
    "71": ("台", "TW"),
    "81": ("港", "HK"),
    "82": ("澳", "MO"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A province on the map. row, column: from the north-west, of 8 each. short: its usual abbreviation."""

    code: str
    row: int
    column: int
    short_zh: str
    short_en: str


TILES = {
    code: Tile(code, row, column, *_SHORT[code])
    for row, line in enumerate(_GRID.split("\n")[1:-1])
    for column, code in enumerate(line.split())
    if code != ".."
}
"""Every province by its code, the first two digits of its division code."""
