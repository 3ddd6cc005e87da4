"""No column of a list is squeezed away: those of a width leave room for those that take what is left."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import backoffice.blueprints
import portal.blueprints
from portal.web.listing.declaration import Listing

LEAST = 10  # per cent of the table, for a column that takes what is left
NUMBER = 15  # for SO2611-H7JT5Z490 at 1,280 pixels
NUMBER_BESIDE_MENU = 16  # at headquarters


def _lists() -> dict[str, Listing]:
    """Every list of a page, by where it is declared."""
    found = {}
    for package in (portal.blueprints, backoffice.blueprints):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            names = vars(importlib.import_module(module.name))
            found |= {f"{module.name}.{name}": one for name, one in names.items() if isinstance(one, Listing)}
    return found


LISTS = _lists()


def test_there_are_lists():
    assert len(LISTS) > 30


def _shares(name: str) -> dict[str, float]:
    """What each column that is shown unasked gets, in per cent. Where none has a width, all share alike."""
    shown = [column for column in LISTS[name].columns if column.shown]
    fixed = sum(int(column.width.removeprefix("c-")) for column in shown if column.width)
    others = [column for column in shown if not column.width]
    return {
        column.key: int(column.width.removeprefix("c-")) if column.width else (100 - fixed) / len(others)
        for column in shown
    }


@pytest.mark.parametrize("name", LISTS)
def test_every_column_has_room(name):
    shares = _shares(name)
    assert sum(shares.values()) <= 100.001
    shown = [column for column in LISTS[name].columns if column.shown]
    if any(column.width for column in shown):
        assert all(shares[column.key] >= LEAST for column in shown if not column.width)


@pytest.mark.parametrize("name", [name for name in LISTS if "number" in _shares(name)])
def test_a_number_stands_in_one_line(name):
    assert _shares(name)["number"] >= (NUMBER_BESIDE_MENU if name.startswith("backoffice") else NUMBER)
