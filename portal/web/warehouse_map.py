"""A map of warehouses: where on the tiles of the provinces each of them stands, and what is drawn there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.regions.tiles import TILES
from portal.web.presentation import in_language

PITCH, SIDE = 44, 40
"""From one tile to the next, and the side of a tile, in units of the drawing."""
_HALF = SIDE // 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A warehouse to be marked: the division code of its province, and how soon it is asked (1 first)."""

    code: str
    rank: int
    arriving: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tile as it is drawn, from its upper left corner. is_home: the province that is served."""

    x: int
    y: int
    short: str
    is_home: bool
    mark: Mark | None

    @property
    def centre(self) -> tuple[int, int]:
        """Where roads begin and end."""
        return self.x + _HALF, self.y + _HALF


@dataclass(frozen=True, slots=True)
class WarehouseMap:
    """Tiles, and the roads from warehouses to the province that they serve, as x and y of both ends."""

    width: int
    height: int
    tiles: tuple[Drawn, ...]
    roads: tuple[tuple[int, int, int, int], ...]


def warehouse_map(home: str, marks: Sequence[Mark]) -> WarehouseMap | None:
    """The map for whoever is in the province with the division code `home`.

    None unless every warehouse has its place on it: the picture says no less than the text beside it.
    """
    places = {mark.code[:2]: mark for mark in sorted(marks, key=lambda mark: -mark.rank)}
    if home[:2] not in TILES or not places or not places.keys() <= TILES.keys():
        return None
    tiles = {
        code: Drawn(
            tile.column * PITCH,
            tile.row * PITCH,
            in_language(tile.short_zh, tile.short_en),
            code == home[:2],
            places.get(code),
        )
        for code, tile in TILES.items()
    }
    end = tiles[home[:2]].centre
    roads = tuple((*tiles[code].centre, *end) for code in places if code != home[:2])
    side = 7 * PITCH + SIDE
    return WarehouseMap(side, side, tuple(tiles.values()), roads)
