"""No column of a list is squeezed away: those of a width leave room for those that take what is left."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import backoffice.blueprints
import portal.blueprints
from portal.web.listing.declaration import Listing

LEAST = 10  # per cent of the table, for a column that takes what is left


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


@pytest.mark.parametrize("name", LISTS)
def test_every_column_has_room(name):
    """Where no column has a width, all share alike."""
    shown = [column for column in LISTS[name].columns if column.shown]
    fixed = sum(int(column.width.removeprefix("c-")) for column in shown if column.width)
    others = [column for column in shown if not column.width]
    assert not fixed or not others or fixed + LEAST * len(others) <= 100
