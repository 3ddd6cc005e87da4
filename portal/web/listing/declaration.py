"""What a list is: its columns, what kind of value each holds, and where the value is found in a row.

Framework-free, so that a declaration stands beside its view and is read without a request.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

from portal.kernel.actor import Actor


class Kind(Enum):
    """What a column holds: decides its looks on the page and the type of its cells in a file."""

    TEXT = "text"
    CODE = "code"  # that people read aloud and copy: a text, whatever digits it is made of
    NAME = "name"  # in two languages: the fields end in _zh and _en
    UNIT = "unit"
    WORD = "word"  # a kind, said by `Column.words`
    WORDS = "words"  # several
    STATUS = "status"  # said by the looks of `Column.status`
    FLAG = "flag"
    QUANTITY = "quantity"
    MONEY = "money"
    SHARE = "share"  # a fraction of one, shown in percent
    DATE = "date"
    MOMENT = "moment"
    PERIOD = "period"  # a month, 2026-10


NUMERIC = frozenset({Kind.QUANTITY, Kind.MONEY, Kind.SHARE})


@dataclass(frozen=True, slots=True)
class Column:
    """One column. label: English, translated where it is shown.

    path: dotted name of the value in a row, the key unless given; of a NAME without its ending. shown: on the
    page unless somebody chooses otherwise; a file holds the others too. right: who lacks it sees the column
    nowhere. is_sortable: the query of the list takes its key as ``sort``. empty: what is said where there is
    no value. width, css: classes of its head and of its cells on the page.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    path: str = ""
    shown: bool = True
    right: StrEnum | None = None
    words: Mapping[Any, str] = field(default_factory=dict)
    status: str = ""
    empty: str = ""
    width: str = ""
    css: str = ""
    is_sortable: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether its values are set flush right."""
        return self.kind in NUMERIC

    def value(self, row: Any) -> Any:
        """The value in a row; of a NAME the Chinese and the English one."""
        path = self.path or self.key
        if self.kind is Kind.NAME:
            return _reader(f"{path}_zh")(row), _reader(f"{path}_en")(row)
        return _reader(path)(row)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. name: as in file names and the audit. sort: how it is sorted unless somebody asks otherwise."""

    name: str
    title: str
    columns: tuple[Column, ...]
    sort: str = ""

    def sorted_by(self, said: str) -> str:
        """The order that an address asks for, if the list can be sorted so."""
        keys = {one.key for one in self.columns if one.is_sortable}
        return said if said.removeprefix("-") in keys else self.sort

    def permitted(self, actor: Actor) -> tuple[Column, ...]:
        """The columns that somebody may see at all."""
        return tuple(one for one in self.columns if one.right is None or actor.may(one.right))

    def on_page(self, actor: Actor, chosen: Collection[str]) -> tuple[Column, ...]:
        """The columns of the page: the first, which names the row, and the chosen ones, or those shown
        unasked.
        """
        return self._wanted(actor, chosen, [one.key for one in self.columns if one.shown])

    def in_file(self, actor: Actor, chosen: Collection[str]) -> tuple[Column, ...]:
        """The columns of a file: as on the page where somebody chose, else all."""
        return self._wanted(actor, chosen, [one.key for one in self.columns])

    def _wanted(
        self, actor: Actor, chosen: Collection[str], otherwise: Collection[str]
    ) -> tuple[Column, ...]:
        permitted = self.permitted(actor)
        known = {one.key for one in permitted}
        keys = {key for key in chosen if key in known} or set(otherwise)
        return tuple(one for place, one in enumerate(permitted) if place == 0 or one.key in keys)


@cache
def _reader(path: str) -> Any:
    return attrgetter(path)
